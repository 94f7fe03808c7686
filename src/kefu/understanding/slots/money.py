"""Sums of money."""

from __future__ import annotations

import re

from kefu.understanding.slots.numerals import NUMBER, number, plain

_UNIT = r"(?:块钱|元钱|人民币|元|块|圆|刀|rmb|yuan|cny|usd|dollars?|bucks?|毛钱|毛|角|分钱)"
_SUM = re.compile(
    rf"[¥￥$]\s?\d+(?:\.\d+)?|(?:{NUMBER})(?:多|来|几)?\s?{_UNIT}(?:[一二三四五六七八九\d](?:毛|"
    rf"角)?(?![\d个]))?"
)
_PARTS = re.compile(
    rf"[¥￥$]?\s?(?P<whole>{NUMBER})(?:多|来|几)?\s?(?P<unit>{_UNIT})?(?P<rest>[一二三四五六七八九\d])?"
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
    """The sum in its main unit as digits, None where there is none.

    >>> value("30块"), value("3块5"), value("两百")
    ('30', '3.5', '200')
    """
    match = _PARTS.match(raw.strip().lower())
    whole = number(match["whole"]) if match else None
    if match is None or whole is None:
        return None
    whole *= _SMALL.get(match["unit"] or "", 1)
    tenth = number(match["rest"]) if match["rest"] and match["unit"] else None
    return plain(round(whole + (tenth or 0) / 10, 2))
