"""Telephone numbers: mainland mobiles and landlines, service numbers, numbers abroad, last digits."""

from __future__ import annotations

import re

_APART = r"[-\s.·_]{0,2}"
_MOBILE = re.compile(
    rf"(?<![\da-z])(?:(?:\+|00)?86{_APART})?1{_APART}[3-9](?:{_APART}\d){{9}}(?!\d)"
)
_GROUPS = frozenset({(11,), (3, 4, 4), (3, 3, 5), (4, 3, 4), (4, 4, 3), (3, 8), (7, 4)})
_COUNTRY = re.compile(r"(?:\+|00)?86(?=1[3-9]\d{9}$|0?(?:10|2\d|[3-9]\d{2})\d{7,8}$)")
_EXTENSION = re.compile(r"\s*(?:转|分机号?|ext\.?|x|#)\s*(\d{1,6})$")
_KNOWN = re.compile(
    r"1[3-9]\d{9}|0(?:10|2\d)\d{8}|0[3-9]\d{2}\d{7,8}|[48]00\d{7}|1[01]\d{3}|12\d{3}|9[56]\d{3,6}|"
    r"[2-9]\d{6,7}|\+(?!86)[1-9]\d{6,14}"
)
_TAIL = re.compile(r"\d{3,6}")
_SPELT = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_NO_DIGITS = re.compile(r"[^\d+]")


def find(text: str) -> list[tuple[int, int]]:
    """Spans of mobile numbers in a folded text, with the blanks and hyphens that people put in."""
    return [match.span() for match in _MOBILE.finditer(text) if _is_grouped(match.group())]


def _is_grouped(written: str) -> bool:
    """Whether the digits stand as those of one number do, and not as several numbers in a row."""
    sizes = [len(group) for group in re.findall(r"\d+", written)]
    if sizes[0] in (2, 4) and re.match(r"(?:\+|00)?86", written) and len(sizes) > 1:
        sizes = sizes[1:]
    elif re.match(r"(?:\+|00)?86\d", written):
        sizes[0] -= 4 if written.startswith("0") else 2
    return tuple(sizes) in _GROUPS


def value(raw: str) -> str | None:
    """The number in plain digits, without the mainland's +86; None where it can be no number.

    Three to six digits pass as the last ones of a number.

    >>> value("+86 138-0013-8000"), value("010-8888 6666转12"), value("1380013800")
    ('13800138000', '01088886666-12', None)
    """
    if "<" in raw:
        return raw
    text = raw.strip().lower()
    extension = _EXTENSION.search(text)
    if extension is not None:
        text = text[: extension.start()]
    digits = _NO_DIGITS.sub("", text.translate(_SPELT))
    plain = _COUNTRY.sub("", digits)
    if plain != digits and re.match(r"[2-9]|10", plain):
        plain = "0" + plain  # after +86 a landline goes without its nought
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if _KNOWN.fullmatch(plain) is None:
        return plain if _TAIL.fullmatch(plain) and extension is None else None
    return plain if extension is None else f"{plain}-{extension[1]}"
