"""Identity cards: mainland with 18 digits (GB 11643) or 15, and Hong Kong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from stdnum.cn import ric

from kefu.guarding.privacy.cues import about, labelled_order
from kefu.messages import Finding

_YEAR_MONTH_DAY = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_LONG = re.compile(
    rf"(?<![0-9A-Za-z])[1-9]\d{{5}}[-\s]?{_YEAR_MONTH_DAY}[-\s]?\d{{3}}[\dXx](?![0-9A-Za-z])"
)
_SHORT = re.compile(
    r"(?<![0-9A-Za-z])[1-8]\d{5}(\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}(?![0-9A-Za-z])"
)
_HONG_KONG = re.compile(r"(?<![0-9A-Za-z])([A-Za-z]{1,2})(\d{6})[(（]([0-9Aa])[)）]")
_LABEL = re.compile(r"身份证|身分证|证件号|ID\s?card|id\s?number", re.IGNORECASE)
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_BEFORE, _AFTER = 14, 8


def find(text: str) -> Iterator[Finding]:
    """Every identity card number in a normalised text."""
    for found in _LONG.finditer(text):
        if _is_long(text, found):
            yield Finding("id_card", found.start(), found.end())
    for found in _SHORT.finditer(text):
        if _is_short(text, found):
            yield Finding("id_card", found.start(), found.end())
    for found in _HONG_KONG.finditer(text):
        if _hong_kong_check(found[1].upper(), found[2]) == found[3].upper():
            yield Finding("id_card", found.start(), found.end())


def _labelled(text: str, found: re.Match[str]) -> bool:
    start, end = found.span()
    return _LABEL.search(text, max(0, start - _BEFORE), end + _AFTER) is not None


def _is_long(text: str, found: re.Match[str]) -> bool:
    """A right check digit, or one mistyped under a label that leaves no doubt."""
    if labelled_order(text, found.start()):
        return False
    number = re.sub(r"[-\s]", "", found.group()).upper()
    if _PROVINCES.match(number) is None:
        return False
    return str(ric.calc_check_digit(number)) == number[-1] or _labelled(text, found)


def _is_short(text: str, found: re.Match[str]) -> bool:
    """Fifteen digits have no check digit: place and birthday must be right and no order be spoken of."""
    if _PROVINCES.match(found.group()) is None:
        return False
    try:
        date(1900 + int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return about(text, found.start(), found.end()) is None or _labelled(text, found)


def _hong_kong_check(letters: str, digits: str) -> str:
    """The check character: weights 9 to 2 over two letters (a blank counts 36) and six digits, modulo 11."""
    values = [ord(letter) - 55 for letter in letters]
    values = [36] * (2 - len(values)) + values + [int(digit) for digit in digits]
    rest = -sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True)) % 11
    return "A" if rest == 10 else str(rest)
