"""Feast days: fixed ones, those by the week, and those by the moon, which only a table can tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

_FIXED = {
    "元旦": (1, 1),
    "跨年夜": (12, 31),
    "情人节": (2, 14),
    "valentine's day": (2, 14),
    "妇女节": (3, 8),
    "三八节": (3, 8),
    "五一": (5, 1),
    "劳动节": (5, 1),
    "青年节": (5, 4),
    "儿童节": (6, 1),
    "教师节": (9, 10),
    "国庆节": (10, 1),
    "国庆": (10, 1),
    "万圣节": (10, 31),
    "halloween": (10, 31),
    "平安夜": (12, 24),
    "圣诞节": (12, 25),
    "圣诞": (12, 25),
    "christmas": (12, 25),
}
_FIRST = 2024
_MOON = {
    "春节": "0210 0129 0217 0206 0126 0213 0203",
    "端午": "0610 0531 0619 0609 0528 0616 0605",
    "七夕": "0810 0829 0819 0808 0826 0816 0805",
    "中秋": "0917 1006 0925 0915 1003 0922 0912",
}
"""Month and day in 2024 to 2030; before and after, a feast is a date without a normal form."""
_AFTER_SPRING = {"除夕": -1, "大年三十": -1, "元宵": 14, "大年初一": 0, "大年初二": 1}
_BY_WEEK = {
    "母亲节": (5, 6, 2),
    "mother's day": (5, 6, 2),
    "父亲节": (6, 6, 3),
    "father's day": (6, 6, 3),
    "感恩节": (11, 3, 4),
    "thanksgiving": (11, 3, 4),
}
"""Month, weekday (Monday is 0), and which of them."""
_SAME = {
    "春节": ("过年", "chinese new year", "spring festival"),
    "端午": ("端午节",),
    "七夕": ("七夕节",),
    "中秋": ("中秋节", "mid-autumn"),
    "元宵": ("元宵节",),
}
_UNKNOWN = ("清明", "清明节", "重阳", "重阳节", "腊八", "腊月", "正月", "冬至")
"""Days and months of the moon's or the sun's calendar without a table: dates without a normal form."""
_OWN_NAME = {other: name for name, others in _SAME.items() for other in others}

NAMES = (*_FIXED, *_MOON, *_AFTER_SPRING, *_BY_WEEK, *_OWN_NAME, *_UNKNOWN)

Feast = Callable[[int], date | None]


def day(name: str, today: date, year: int | None = None) -> str | None:
    """The ISO date of a feast in `year`, else of the one nearest to today; None where no table tells.

    >>> day("国庆", date(2026, 11, 21)), day("除夕", date(2026, 11, 21)), day("腊月", date(2026, 11, 21))
    ('2026-10-01', '2027-02-05', None)
    """
    years = (today.year - 1, today.year, today.year + 1) if year is None else (year,)
    days = [found for one in years if (found := _in_year(_OWN_NAME.get(name, name), one))]
    return min(days, key=lambda found: abs(found - today)).isoformat() if days else None


def _in_year(name: str, year: int) -> date | None:
    if name in _FIXED:
        return date(year, *_FIXED[name])
    if name in _BY_WEEK:
        month, weekday, which = _BY_WEEK[name]
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
    steps = _AFTER_SPRING.get(name)
    known = _MOON.get("春节" if steps is not None else name, "").split()
    if not 0 <= year - _FIRST < len(known):
        return None
    found = known[year - _FIRST]
    return date(year, int(found[:2]), int(found[2:])) + timedelta(days=steps or 0)
