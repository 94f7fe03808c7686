"""Dates, absolute or relative to the turn's time, in Chinese and English. Value: ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from kefu.understanding.slots.numerals import number

_DAYS = {
    "大前天": -3,
    "大后天": 3,
    "前天": -2,
    "前儿": -2,
    "昨天": -1,
    "昨日": -1,
    "昨儿": -1,
    "昨晚": -1,
    "今天": 0,
    "今日": 0,
    "今儿": 0,
    "今晚": 0,
    "今早": 0,
    "当天": 0,
    "明天": 1,
    "明日": 1,
    "明儿": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "后儿": 2,
    "the day before yesterday": -2,
    "the day after tomorrow": 2,
    "yesterday": -1,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
}
_FEASTS = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "五一": (5, 1),
    "劳动节": (5, 1),
    "儿童节": (6, 1),
    "国庆节": (10, 1),
    "国庆": (10, 1),
    "圣诞节": (12, 25),
    "圣诞": (12, 25),
    "christmas": (12, 25),
    "valentine's day": (2, 14),
    "春节": None,
    "过年": None,
    "中秋节": None,
    "中秋": None,
    "端午节": None,
    "端午": None,
    "七夕": None,
    "母亲节": None,
    "父亲节": None,
}
_WEEKDAY = {char: index for index, char in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_WEEKDAY |= {str(index + 1): index for index in range(6)}
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = {
    name: index + 1
    for index, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"))
}
_WHICH = {
    "上上": -2,
    "上": -1,
    "last": -1,
    "这": 0,
    "本": 0,
    "this": 0,
    "下": 1,
    "next": 1,
    "下下": 2,
}
_SPOKEN = r"[一二三四五六七八九十]{1,3}"
_NUM = rf"(?:\d{{1,2}}|{_SPOKEN})"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"


def _either(words: dict[str, int] | dict[str, tuple[int, int] | None]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_PATTERNS = {
    "iso": r"(?<![\d.])(?P<y>20\d\d)[-/年.](?P<m>\d{1,2})[-/月.](?P<d>\d{1,2})[日号]?(?!\d)",
    "month_day": rf"(?P<m2>{_NUM})月(?:份)?(?P<d2>{_NUM})[日号]?",
    "which_month_day": rf"(?P<w3>上|这|本|下)个?月(?P<d3>{_NUM})[日号]",
    "which_month": r"(?P<w4>上上|上|这|本|下)个月(?P<end>底|初|中)?|月底",
    "weekday": (
        r"(?P<w5>上上|下下|上|这|本|下)?个?(?:周|星期|"
        r"礼拜)(?P<k5>[一二三四五六日天末1-6])(?![年个天])"
    ),
    "week": r"(?P<w6>上上|下下|上|这|本|下)个?(?:周|星期|礼拜)",
    "feast": f"(?P<feast>{_either(_FEASTS)})",
    "day": f"(?P<day>{_either(_DAYS)})",
    "day_of_month": (
        rf"(?<![\d.a-z路街巷弄道区村苑园])(?<![路街巷弄道] )(?P<d7>3[01]|[12]\d|0?[1-9]|{_SPOKEN})"
        r"[号日](?![线楼院门店码色机])"
    ),
    "slash": r"(?<![\d./-])(?P<m8>1[0-2]|0?[1-9])/(?P<d8>3[01]|[12]\d|0?[1-9])(?![\d./-])",
    "en_month_day": rf"\b(?P<m9>{_MONTH}) (?P<d9>\d{{1,2}})(?:st|nd|rd|th)?\b",
    "en_day_month": rf"\b(?P<d10>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<m10>{_MONTH})(?![a-z])",
    "en_weekday": rf"\b(?:(?P<w11>last|this|next) )?(?P<k11>{'|'.join(_ENGLISH_DAYS)})\b",
    "en_week": r"\b(?P<w12>last|this|next) (?P<unit>week|month|weekend)\b",
}
_DATE = re.compile("|".join(f"(?P<{name}_>{pattern})" for name, pattern in _PATTERNS.items()))
_HINT = re.compile(
    r"[天日号月周儿节/旦晚早]|星期|礼拜|国庆|五一|圣诞|春节|过年|中秋|端午|七夕|20\d\d|day|mas|"
    r"week|month|tonight|tomorrow|"
    rf"{_MONTH} \d|\d (?:of )?{_MONTH}"
)


def find(text: str) -> list[tuple[int, int]]:
    """Spans of dates in a folded text. Durations (三天) are none."""
    if _HINT.search(text) is None:
        return []
    return [match.span() for match in _DATE.finditer(text)]


def value(raw: str, today: date) -> str | None:
    """ISO 8601: a day, a week (2026-W47) or a month (2026-10); None where the phrase is no date.

    >>> value("昨天", date(2026, 11, 21)), value("下周五", date(2026, 11, 21))
    ('2026-11-20', '2026-11-27')
    """
    match = _DATE.search(raw.lower())
    if match is None:
        return None
    for name, read in _READERS.items():
        if match[f"{name}_"] is not None:
            try:
                return read(match, today)
            except ValueError:
                return None
    return None


Reader = Callable[["re.Match[str]", date], "str | None"]


def _number(text: str) -> int:
    found = number(text)
    if found is None:
        raise ValueError(text)
    return int(found)


def _nearest(month: int, day: int, today: date) -> str:
    """The year in which that day lies nearest to today."""
    years = (today.year - 1, today.year, today.year + 1)
    return min((date(year, month, day) for year in years), key=lambda d: abs(d - today)).isoformat()


def _month(today: date, steps: int) -> tuple[int, int]:
    months = today.year * 12 + today.month - 1 + steps
    return months // 12, months % 12 + 1


def _weekday(index: int, which: str | None, today: date) -> str:
    monday = today - timedelta(days=today.weekday())
    return (monday + timedelta(days=index, weeks=_WHICH[which or "this"])).isoformat()


def _week(which: str, today: date) -> str:
    year, week, _ = (today + timedelta(weeks=_WHICH[which])).isocalendar()
    return f"{year}-W{week:02d}"


def _iso(match: re.Match[str], today: date) -> str:
    return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()


def _month_day(match: re.Match[str], today: date) -> str:
    return _nearest(_number(match["m2"]), _number(match["d2"]), today)


def _which_month_day(match: re.Match[str], today: date) -> str:
    year, month = _month(today, _WHICH[match["w3"]])
    return date(year, month, _number(match["d3"])).isoformat()


def _which_month(match: re.Match[str], today: date) -> str:
    year, month = _month(today, _WHICH[match["w4"] or "这"])
    return f"{year}-{month:02d}"


def _feast(match: re.Match[str], today: date) -> str | None:
    feast = _FEASTS[match["feast"]]
    return None if feast is None else _nearest(*feast, today)


def _day(match: re.Match[str], today: date) -> str:
    return (today + timedelta(days=_DAYS[match["day"]])).isoformat()


def _day_of_month(match: re.Match[str], today: date) -> str:
    return date(today.year, today.month, _number(match["d7"])).isoformat()


def _english_week(match: re.Match[str], today: date) -> str:
    which, unit = match["w12"], match["unit"]
    if unit == "month":
        year, month = _month(today, _WHICH[which])
        return f"{year}-{month:02d}"
    return _weekday(5, which, today) if unit == "weekend" else _week(which, today)


_READERS: dict[str, Reader] = {
    "iso": _iso,
    "month_day": _month_day,
    "which_month_day": _which_month_day,
    "which_month": _which_month,
    "weekday": lambda match, today: _weekday(_WEEKDAY[match["k5"]], match["w5"], today),
    "week": lambda match, today: _week(match["w6"], today),
    "feast": _feast,
    "day": _day,
    "day_of_month": _day_of_month,
    "slash": lambda match, today: _nearest(int(match["m8"]), int(match["d8"]), today),
    "en_month_day": lambda match, today: _nearest(
        _MONTHS[match["m9"][:3]], int(match["d9"]), today
    ),
    "en_day_month": lambda match, today: _nearest(
        _MONTHS[match["m10"][:3]], int(match["d10"]), today
    ),
    "en_weekday": lambda match, today: _weekday(
        _ENGLISH_DAYS.index(match["k11"]), match["w11"], today
    ),
    "en_week": _english_week,
}
