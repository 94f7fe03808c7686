"""Which of the choices offered a customer means: "第二个", "2", a tail number, or the thing itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMERALS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_MEASURE = "个号单条项件款双台家位天次笔种"
_ORDINAL = re.compile(rf"第\s*([一二两三四五六七八九十]|\d{{1,2}})\s*[{_MEASURE}]?")
_LEADING = re.compile(
    rf"(?:我?(?:要|选|改|就|是)+)?第\s*([一二两三四五六七八九十]|\d{{1,2}})\s*[{_MEASURE}](?:订单)?[\s,\uff0c。、]"
)
"""A pick first of all, then more: 第二个,改到…"""
_BARE = re.compile(
    rf"(?:我|就)?(?:选|要|就|是)?\s*([一二两三四五六七八九十]|\d{{1,2}})\s*[{_MEASURE}]?[吧呢啊的.!\u3002\u3001\uff01]*"
)
_LAST = re.compile(rf"最后(?:那|一|那一)?[{_MEASURE}]?|末尾那?[{_MEASURE}]")
_ENGLISH = re.compile(r"\b(first|second|third|fourth|fifth|last)\b|\b(\d)(?:st|nd|rd|th)\b")
_TAIL = re.compile(r"(?<![\dA-Za-z])[\dA-Za-z-]*\d{3,}(?![\dA-Za-z])")
_FILLER = re.compile(
    r"^(?:我?(?:要|选|想要)|就|是|那)+|(?:那个|这个|的|吧|啊|呢|就行|可以|谢谢|[,.!\uff0c\u3002\uff01\s])+$"
)
_SHORT = 14
"""Characters of an answer that is nothing but a pick; in a longer one a lone ordinal may mean anything."""


def picked(text: str, choices: Sequence[str], value: str | None = None) -> str | None:
    """The choice that is meant, None where none or several are. `value`: what the reader found."""
    if not choices:
        return None
    for said in (value, text):
        if said and (choice := _named(said, choices) or _tail(said, choices)):
            return choice
    number = _number(text.strip().lower())
    if number is None or value is not None:
        return None
    index = number - 1 if number > 0 else len(choices) + number
    return choices[index] if 0 <= index < len(choices) else None


def names(text: str, choices: Sequence[str]) -> bool:
    """Whether the text is one of the choices and nothing else but politeness."""
    said = text.strip()
    return said in choices or _FILLER.sub("", said) in choices


def _named(said: str, choices: Sequence[str]) -> str | None:
    said = said.strip()
    if said in choices:
        return said
    short = _FILLER.sub("", said)
    inside = [one for one in choices if one in said or (len(short) > 1 and short in one)]
    return inside[0] if len(inside) == 1 else None


def _tail(said: str, choices: Sequence[str]) -> str | None:
    for digits in _TAIL.findall(said):
        found = [one for one in choices if digits in one]
        ends = [one for one in found if re.search(rf"{re.escape(digits)}(?!\w)", one)]
        if len(ends or found) == 1:
            return (ends or found)[0]
    return None


def _number(text: str) -> int | None:
    if len(text) <= 2 * _SHORT and (match := _ENGLISH.search(text)):
        return _WORDS[match[1]] if match[1] else int(match[2])
    if match := _LEADING.match(text):
        return _NUMERALS.get(match[1]) or int(match[1])
    if len(text) > _SHORT:
        return None
    if _LAST.search(text):
        return -1
    match = _ORDINAL.search(text) or _BARE.fullmatch(text)
    return None if match is None else _NUMERALS.get(match[1]) or int(match[1])
