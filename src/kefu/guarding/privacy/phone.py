"""Telephone numbers: mainland mobile and landline, service numbers, Hong Kong, Taiwan, other countries."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from kefu.guarding.privacy.cues import labelled_order
from kefu.messages import Finding

_SEPARATOR = r"(?:\s?[-—~.·_/\s]\s?)"
_START = (
    r"(?:(?<![0-9A-Za-z_])(?<!\d\.)|(?<=[Tt]el)|(?<=[Pp]hone)|(?<=[Mm]obile)"
    r"|(?<=wx)|(?<=vx)|(?<=sj)|(?<=dh))"
)
_MOBILE = re.compile(
    rf"{_START}(?:(?:\+|00)?86{_SEPARATOR}?)?(?P<core>1{_SEPARATOR}?[3-9](?:{_SEPARATOR}?\d){{9}})(?!\d)"
)
_GROUPS = {
    (11,),
    (3, 4, 4),
    (3, 3, 5),
    (4, 3, 4),
    (4, 4, 3),
    (3, 8),
    (7, 4),
    (5, 6),
    (3, 2, 2, 2, 2),
}
_SINGLES = (1,) * 11
_AREA = r"[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?"
_EXTENSION = r"(?:\s?(?:转|分机号?|ext\.?|[-#x])\s?\d{1,6}(?!\d))?"
_LANDLINE = re.compile(
    rf"(?<![0-9A-Za-z])(?:\+?86[-\s]?)?{_AREA}[-\s]?[1-9]\d{{2,3}}[-\s]?\d{{4}}(?!\d){_EXTENSION}"
)
_SERVICE = re.compile(
    r"(?<![0-9A-Za-z-])[48]00(?:[-\s]\d{3}[-\s]\d{4}|[-\s]?\d{4}[-\s]?\d{3}|\d[-\s]\d{3}[-\s]\d{3})(?![0-9-])"
)
_TAIWAN = re.compile(
    r"(?<![0-9A-Za-z-])(?:09\d{2}[-\s]?\d{3}[-\s]?\d{3}|0[2-8][-\s]\d{3,4}[-\s]\d{4})(?![0-9-])"
)
_AMERICA = re.compile(
    r"(?<![0-9A-Za-z-])(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[-.])[2-9]\d{2}[-.\s]\d{4}(?![0-9-])"
)
_ABROAD = re.compile(
    r"(?<![0-9A-Za-z+])(?:\+|00)(?!86)[1-9]\d{0,2}[-\s]?(?:\(\d{1,4}\)[-\s]?)?\d(?:[-.\s]?\d){5,12}(?!\d)"
)
_LOCAL = re.compile(
    r"(?:电话|座机|固话|手机|[Tt]el|[Pp]hone|香港号码?|澳门号码?)(?:号码?)?(?:是|为|[:：])?\s?"
    r"(?P<core>[2-9]\d{2,3}[-\s]?\d{4})(?!\d)"
)
_SPELT = re.compile(r"[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]")
_DIGITS = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_FEW = 3


def find(text: str) -> Iterator[Finding]:
    """Every telephone number in a normalised text; the same one may be found in more than one way."""
    yield from _mobiles(text)
    if len(_SPELT.findall(text)) >= _FEW:
        yield from _mobiles(text.translate(_DIGITS))
    for pattern in (_LANDLINE, _SERVICE, _TAIWAN, _AMERICA):
        for found in pattern.finditer(text):
            if not labelled_order(text, found.start()):
                yield Finding("phone", found.start(), found.end())
    for found in _LOCAL.finditer(text):
        yield Finding("phone", *found.span("core"))
    yield from _abroad(text)


def _mobiles(text: str) -> Iterator[Finding]:
    for found in _MOBILE.finditer(text):
        groups = tuple(len(group) for group in re.findall(r"\d+", found["core"]))
        if groups != (11,) and not _stands_alone(text, found, groups):
            continue
        if not labelled_order(text, found.start()):
            yield Finding("phone", found.start(), found.end())


def _stands_alone(text: str, found: re.Match[str], groups: tuple[int, ...]) -> bool:
    """Whether digits in groups are grouped as people group a mobile number, with no more groups around."""
    if groups not in _GROUPS and groups != _SINGLES:
        return False
    before = re.search(r"\d[-.\s]\Z", text[: found.start()])
    return before is None and re.match(r"[-.\s]\d", text[found.end() :]) is None


def _abroad(text: str) -> Iterator[Finding]:
    for found in _ABROAD.finditer(text):
        written = re.sub(r"\A00", "+", found.group())
        try:
            number = phonenumbers.parse(written)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            yield Finding("phone", found.start(), found.end())
