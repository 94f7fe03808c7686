"""Numbers as people write them: digits, Chinese numerals, English words."""

from __future__ import annotations

import re

_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")}
_DIGITS |= {char: number for number, char in enumerate("〇壹贰叁肆伍陆柒捌玖")} | {
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_TENS = {"十": 10, "拾": 10, "廿": 20, "卅": 30, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}
_SUFFIX = {"k": 1000, "w": 10_000, "千": 1000, "百": 100, "万": 10_000, "": 1}
_ENGLISH = {
    word: number
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {
    "a": 1,
    "an": 1,
    "eleven": 11,
    "twelve": 12,
    "dozen": 12,
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
    "hundred": 100,
}

CHINESE = "零〇一二三四五六七八九十廿卅百佰千仟万萬亿两俩仨壹贰叁肆伍陆柒捌玖拾"
NUMBER = rf"(?:(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?[kw百千万]?|[{CHINESE}]+)"
WORDS = "|".join(sorted(_ENGLISH, key=len, reverse=True))
_PLAIN = re.compile(r"(\d+(?:\.\d+)?)([kw千百万]?)")
_ROUGH = (
    "三五",
    *(f"{low}{high}" for low, high in zip("一二两三四五六七八", "两三三四五六七八九", strict=True)),
)
"""两三, 七八: some number between the two, which no digits stand for."""


def number(text: str) -> float | None:
    """The number a text stands for, None where it is none or a guess between two (三四百).

    >>> number("两千三"), number("1.5万"), number("三十五")
    (2300.0, 15000.0, 35.0)
    """
    text = text.strip().replace(",", "").lower()
    if text == "半":
        return 0.5
    plain = _PLAIN.fullmatch(text)
    if plain:
        return float(plain.group(1)) * _SUFFIX[plain.group(2)]
    if text in _ENGLISH:
        return float(_ENGLISH[text])
    return _chinese(text)


def _chinese(text: str) -> float | None:
    if not text or any(c not in _DIGITS and c not in _TENS and c not in _MYRIADS for c in text):
        return None
    if _is_rough(text):
        return None
    if all(char in _DIGITS for char in text):
        return float("".join(str(_DIGITS[char]) for char in text))
    return _summed(text)


def _is_rough(text: str) -> bool:
    """Whether it leaves open which of two digits is meant; a row of three and more is a number read out."""
    digits = [char in _DIGITS for char in text]
    if all(digits) and len(text) != 2:
        return False
    return any(pair in text for pair in _ROUGH)


def _summed(text: str) -> float:
    total = section = digit = 0
    unit = 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
            unit = 1 if char in "零〇" else unit
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            unit, digit = _TENS[char] if char not in "廿卅" else 10, 0
        else:
            unit = _MYRIADS[char]
            before = total if unit > 10_000 else 0  # 一亿两千万: the 亿 stand apart from the 万
            total += ((before + section + digit) or 1) * unit - before
            section = digit = 0
    # "两千三" is 2300: a digit after a unit counts tenths of it, unless a zero stood between.
    return float(total + section + digit * max(unit // 10, 1))


def plain(value: float) -> str:
    """Digits without a needless fraction."""
    return str(int(value)) if value == int(value) else f"{value:g}"
