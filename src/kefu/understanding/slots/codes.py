"""Order numbers, tracking numbers, tax numbers: letters and digits that stand for a thing."""

from __future__ import annotations

import re

_LONG = r"(?<![a-z0-9])[a-z]{0,4}-?\d(?:[\d-]*\d)?[a-z0-9]*(?![a-z0-9])"
_TAIL = (
    r"(?:尾号|末尾|后四位|尾数|最后四位|后4位|末四位|结尾|ending(?: in| with)?|last four(?: digits)?)"
    r"[是为:号\s]{0,3}(?P<tail>\d{3,6})(?!\d)"
)
_AFTER = r"(?<!\d)(?P<ended>\d{4})(?=结尾|的?那(?:个|单|笔)|尾号|呢)"
_CODE = re.compile(f"{_TAIL}|{_AFTER}|(?P<long>{_LONG})")
_SHORTEST = 8
_SEPARATORS = str.maketrans("", "", "- ")
_LETTERED = re.compile(r"[a-z]{1,4}-?[\d-]+")


def find(text: str) -> list[tuple[int, int]]:
    """Spans of codes in a folded text: long ones anywhere, the last digits where they are called so."""
    found: list[tuple[int, int]] = []
    for match in _CODE.finditer(text):
        group = match.lastgroup or "long"
        if group != "long" or _long_enough(match.group("long")):
            found.append(match.span(group))
    return found


def _long_enough(code: str) -> bool:
    digits = sum(char.isdigit() for char in code)
    return digits >= _SHORTEST and not _is_date(code)


def _is_date(code: str) -> bool:
    return re.fullmatch(r"20\d\d-\d{1,2}-\d{1,2}", code) is not None


def value(raw: str) -> str | None:
    """The code in capitals; one written with hyphens keeps its digits alone. None without digits."""
    code = raw.strip()
    if not any(char.isdigit() for char in code):
        return None
    if "-" in code:
        return "".join(char for char in code if char.isdigit())
    return code.translate(_SEPARATORS).upper()
