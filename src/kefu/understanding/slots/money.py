"""Sums of money."""

from __future__ import annotations

import re

from kefu.understanding.slots.numerals import NUMBER, number, plain

_UNIT = (
    r"(?:块钱|块大洋|元钱|元整|元|块|圆整?|人民币|刀|rmb|yuan|cny|usd|dollars?|bucks?|"
    r"毛钱|毛|角|分钱)"
)
_SIGN = r"(?:[¥￥$]|us\$|rmb|cny|usd)"
_DIGIT = r"[一二两三四五六七八九\d]"
_ABOUT = r"(?:多|来|几)?"
_SMALLER = (
    rf"(?:零?{_DIGIT}(?:毛钱?|角|分)?(?:{_DIGIT}分钱?)?(?![\d个件箱斤盒瓶包袋双份台条只支罐张套]))?"
)
_SUM = re.compile(
    rf"(?<![a-z]){_SIGN}\s?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?[kw]?|"
    rf"(?<!\d)(?<!\d[,.])(?<![几数好上])(?:{NUMBER}){_ABOUT}\s?{_UNIT}{_SMALLER}"
)
_PARTS = re.compile(
    rf"{_SIGN}?\s?(?P<whole>{NUMBER}){_ABOUT}\s?(?P<unit>{_UNIT})?"
    rf"(?:零?(?P<tenths>{_DIGIT})(?:毛钱?|角)?)?(?:(?P<hundredths>{_DIGIT})分?)?"
)
_SMALL = {"毛钱": 0.1, "毛": 0.1, "角": 0.1, "分钱": 0.01}


def find(text: str) -> list[tuple[int, int]]:
    """Spans of sums with a unit or sign in a folded text."""
    return [match.span() for match in _SUM.finditer(text) if not _is_lump(text, match)]


def _is_lump(text: str, match: re.Match[str]) -> bool:
    """Whether 块 counts lumps here ("一块手表", "一块发"), not yuan."""
    rest = text[match.end() : match.end() + 1]
    return match.group() == "一块" and rest not in ("", "钱", ",", ".")


def value(raw: str) -> str | None:
    """The sum in its main unit as digits, None where there is none or only a guess (几百块).

    >>> value("30块"), value("3块5"), value("两百"), value("1,299.50元")
    ('30', '3.5', '200', '1299.5')
    """
    match = _PARTS.match(raw.strip().lower())
    whole = number(match["whole"]) if match else None
    if match is None or whole is None:
        return None
    unit = match["unit"] or ""
    small = _SMALL.get(unit)
    total = whole * (small or 1)
    if unit:
        step = (small or 1) / 10
        total += _digit(match["tenths"]) * step + _digit(match["hundredths"]) * step / 10
    return plain(round(total, 2))


def _digit(text: str | None) -> float:
    return (number(text) if text else None) or 0.0
