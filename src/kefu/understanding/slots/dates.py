"""Dates, absolute or relative to the turn's time, in Chinese and English. Value: ISO 8601."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from kefu.understanding.slots import feasts
from kefu.understanding.slots.numerals import WORDS, number

DAYS = {
    "大前天": -3,
    "大后天": 3,
    "前天": -2,
    "前日": -2,
    "前儿": -2,
    "前儿个": -2,
    "昨天": -1,
    "昨日": -1,
    "昨儿": -1,
    "昨儿个": -1,
    "今天": 0,
    "今日": 0,
    "今儿": 0,
    "今儿个": 0,
    "明天": 1,
    "明日": 1,
    "明儿": 1,
    "明儿个": 1,
    "明后天": 1,
    "后天": 2,
    "后日": 2,
    "后儿": 2,
    "the day before yesterday": -2,
    "the day after tomorrow": 2,
    "yesterday": -1,
    "today": 0,
    "tomorrow": 1,
}
HALVES = {
    "前晚": -2,
    "昨晚": -1,
    "昨夜": -1,
    "今晚": 0,
    "今早": 0,
    "今晨": 0,
    "明早": 1,
    "明晚": 1,
    "last night": -1,
    "tonight": 0,
}
"""A day and a part of it in one: found as times, but a date where something else calls them one."""
_UNSURE = {**HALVES, "当天": 0}
"""Dates where something else calls them one; 当天 is often no day at all (当天达)."""
_YEARS = {
    "前年": -2,
    "去年": -1,
    "今年": 0,
    "明年": 1,
    "后年": 2,
    "last year": -1,
    "next year": 1,
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
_SPOKEN = r"[一二三四五六七八九十廿]{1,3}"
_NUM = rf"(?:\d{{1,2}}|{_SPOKEN})"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_PART = r"底|初|中旬?|上旬|下旬"


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_YEAR = rf"(?:{_either(_YEARS)}|(?<!\d)20\d\d年)"
_PATTERNS = {
    "iso": r"(?<![\d.])(?P<y>20\d\d)[-/年.](?P<m>\d{1,2})[-/月.](?P<d>\d{1,2})[日号]?(?!\d)",
    "month_day": rf"(?:(?P<y2>{_YEAR})的?)?(?P<m2>{_NUM})月(?:份)?(?P<d2>{_NUM})(?!\d|[次回])[日号]?",
    "which_month_day": rf"(?P<w3>上|这|本|下)个?月(?P<d3>{_NUM})[日号]",
    "which_month": rf"(?P<w4>上上|下下|上|这|本|下)个?月(?P<p4>{_PART})?(?!\d)|(?<![\d个])月(?P<e4>底|初)",
    "month": (
        rf"(?:(?P<y1>{_YEAR})的?)?(?<![\d.第])(?P<m1>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月"
        rf"(?:份(?!量))?(?P<p1>{_PART})?(?![\d龄子饼季嫂])"
    ),
    "weekday": (
        r"(?P<w5>上上|下下|上|这|本|下)?个?(?:周|星期|"
        r"礼拜)(?P<k5>[一二三四五六日天末1-6])(?P<both>日)?(?![年个天])"
    ),
    "week": r"(?P<w6>上上|下下|上|这|本|下)个?(?:周(?!期)|星期|礼拜)",
    "feast": rf"(?:(?P<y16>{_YEAR})的?)?(?P<feast>{_either(feasts.NAMES)})",
    "year": rf"(?P<y13>{_YEAR})(?:年?(?P<p13>底|初))?|(?<![\d半])年(?P<e13>底|初)",
    "day": f"(?P<day>{_either(DAYS)})",
    "ago": (
        r"(?P<n17>\d{1,3}|[一二两三四五六七八九十]{1,3})(?P<u17>天|个?星期|周|个?礼拜|个?月|年)"
        r"(?:之|以)?(?P<to17>前|后)(?![台天])"
    ),
    "en_ago": rf"\b(?P<n18>\d{{1,3}}|{WORDS}) (?P<u18>day|week|month|year)s? ago\b",
    "day_of_month": (
        rf"(?<![\d.a-z路街巷弄道区村苑园大小加])(?<![路街巷弄道] )(?P<d7>3[01]|[12]\d|0?[1-9]|{_SPOKEN})"
        r"[号日](?![线楼院门店码色机达柜])"
    ),
    "dotted": r"(?<![\d.-])(?P<m14>1[0-2]|0?[1-9])[.-](?P<d14>3[01]|[12]\d|0?[1-9])[日号]",
    "slash": r"(?<![\d./-])(?P<m8>1[0-2]|0?[1-9])/(?P<d8>3[01]|[12]\d|0?[1-9])(?![\d./-])",
    "en_month_day": rf"\b(?P<m9>{_MONTH}) (?P<d9>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y9>20\d\d)\b)?",
    "en_day_month": (
        rf"\b(?P<d10>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<m10>{_MONTH})(?![a-z])"
        r"(?:,? (?P<y10>20\d\d)\b)?"
    ),
    "en_weekday": rf"\b(?<!black )(?:(?P<w11>last|this|next) )?(?P<k11>{'|'.join(_ENGLISH_DAYS)})\b",
    "en_week": r"\b(?P<w12>last|this|next) (?P<unit>week|month|weekend)\b",
    "en_day": r"\bthe (?P<d15>[1-9]|[12]\d|3[01])(?:st|nd|rd|th)\b(?! (?:time|one|order|item|floor|fl))",
}
_DATE = re.compile("|".join(f"(?P<{name}_>{pattern})" for name, pattern in _PATTERNS.items()))
_HALF = re.compile(_either(_UNSURE))
_BARE = re.compile(r"(1[0-2]|0?[1-9])[.-](3[01]|[12]\d|0?[1-9])")
_HINT = re.compile(
    r"[天日号月周儿节/旦年夕]|星期|礼拜|国庆|五一|圣诞|中秋|端午|元宵|重阳|清明|冬至|平安夜|腊|假|20\d\d|"
    r"day|mas|week|month|year|tomorrow|hallow|thanks|mid-|festival|the \d| ago|"
    rf"{_MONTH} \d|\d(?:st|nd|rd|th)? (?:of )?{_MONTH}"
)


def find(text: str) -> list[tuple[int, int]]:
    """Spans of dates in a folded text. Durations (三天) are none."""
    if _HINT.search(text) is None:
        return []
    return [match.span() for match in _DATE.finditer(text)]


def value(raw: str, today: date) -> str | None:
    """ISO 8601: a day, a week (2026-W47), a month (2026-10) or a year; None where the phrase is no date.

    >>> value("昨天", date(2026, 11, 21)), value("下周五", date(2026, 11, 21))
    ('2026-11-20', '2026-11-27')
    """
    text = raw.strip().lower()
    bare = _BARE.fullmatch(text)
    match = _DATE.search(text)
    half = _HALF.search(text)
    try:
        if bare is not None:
            return _nearest(int(bare[1]), int(bare[2]), today)
        if match is None:
            return None if half is None else _ago(_UNSURE[half.group()], "天", today)
        return next(
            read(match, today) for name, read in _READERS.items() if match[f"{name}_"] is not None
        )
    except ValueError:
        return None


Reader = Callable[["re.Match[str]", date], "str | None"]


def _number(text: str) -> int:
    found = number(text)
    if found is None:
        raise ValueError(text)
    return int(found)


def _year(text: str | None, today: date) -> int | None:
    if not text:
        return None
    return today.year + _YEARS[text] if text in _YEARS else int(text[:4])


def _nearest(month: int, day: int, today: date, year: int | None = None) -> str:
    """That day of the year, else of the year in which it lies nearest to today."""
    if year is not None:
        return date(year, month, day).isoformat()
    return min(_existing(month, day, today), key=lambda d: abs(d - today)).isoformat()


def _existing(month: int, day: int, today: date) -> list[date]:
    """That day in the years about today; raises ValueError where none has it."""
    years = (year for year in range(today.year - 1, today.year + 2))
    found = [date(y, month, day) for y in years if day <= monthrange(y, month)[1]]
    if not found:
        raise ValueError(f"{month}-{day}")
    return found


def _month(today: date, steps: int) -> tuple[int, int]:
    months = today.year * 12 + today.month - 1 + steps
    return months // 12, months % 12 + 1


def _in_month(year: int, month: int, part: str | None) -> str:
    """The month, or its first or last day: 初 and 底."""
    if part == "底":
        return date(year, month, monthrange(year, month)[1]).isoformat()
    return f"{year}-{month:02d}" + ("-01" if part == "初" else "")


def _weekday(index: int, which: str | None, today: date) -> str:
    monday = today - timedelta(days=today.weekday())
    return (monday + timedelta(days=index, weeks=_WHICH[which or "this"])).isoformat()


def _week(which: str, today: date) -> str:
    year, week, _ = (today + timedelta(weeks=_WHICH[which])).isocalendar()
    return f"{year}-W{week:02d}"


def _iso(match: re.Match[str], today: date) -> str:
    return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()


def _month_day(match: re.Match[str], today: date) -> str:
    year = _year(match["y2"], today)
    return _nearest(_number(match["m2"]), _number(match["d2"]), today, year)


def _month_alone(match: re.Match[str], today: date) -> str:
    month = _number(match["m1"])
    year = _year(match["y1"], today) or int(_nearest(month, 15, today)[:4])
    return _in_month(year, month, match["p1"])


def _which_month_day(match: re.Match[str], today: date) -> str:
    year, month = _month(today, _WHICH[match["w3"]])
    return date(year, month, _number(match["d3"])).isoformat()


def _which_month(match: re.Match[str], today: date) -> str:
    return _in_month(*_month(today, _WHICH[match["w4"] or "这"]), match["p4"] or match["e4"])


def _week_day(match: re.Match[str], today: date) -> str:
    first = _weekday(_WEEKDAY[match["k5"]], match["w5"], today)
    return f"{first}/{_weekday(6, match['w5'], today)}" if match["both"] else first


def _feast(match: re.Match[str], today: date) -> str | None:
    return feasts.day(match["feast"], today, _year(match["y16"], today))


def _year_alone(match: re.Match[str], today: date) -> str:
    year = _year(match["y13"], today) or today.year
    part = match["p13"] or match["e13"]
    return f"{year}" + {"底": "-12", "初": "-01"}.get(part or "", "")


def _ago(steps: int, unit: str, today: date) -> str:
    """So many units from today; months and years are no exact days."""
    if unit[-1] == "月" or unit == "month":
        year, month = _month(today, steps)
        return f"{year}-{month:02d}"
    if unit in ("年", "year"):
        return f"{today.year + steps}"
    return (today + timedelta(days=steps * (1 if unit in ("天", "day") else 7))).isoformat()


def _near(match: re.Match[str], today: date) -> str:
    first = _ago(DAYS[match["day"]], "天", today)
    return f"{first}/{_ago(2, '天', today)}" if match["day"] == "明后天" else first


def _from_today(match: re.Match[str], today: date) -> str:
    steps = _number(match["n17"])
    return _ago(steps if match["to17"] == "后" else -steps, match["u17"], today)


def _day_of_month(match: re.Match[str], today: date) -> str:
    return _this_month(_number(match["d7"]), today)


def _this_month(day: int, today: date) -> str:
    """That day of this month, or where it has none, of the nearest month that does."""
    if day <= monthrange(today.year, today.month)[1]:
        return today.replace(day=day).isoformat()
    near = [_month(today, steps) for steps in (1, -1, 2, -2)]
    return min(
        (date(year, month, day) for year, month in near if day <= monthrange(year, month)[1]),
        key=lambda found: abs(found - today),
    ).isoformat()


def _english_week(match: re.Match[str], today: date) -> str:
    which, unit = match["w12"], match["unit"]
    if unit == "month":
        year, month = _month(today, _WHICH[which])
        return f"{year}-{month:02d}"
    return _weekday(5, which, today) if unit == "weekend" else _week(which, today)


def _english(month: str, day: str) -> Reader:
    def read(match: re.Match[str], today: date) -> str:
        year = match["y" + month[1:]]
        named = _MONTHS[match[month][:3]]
        return _nearest(named, int(match[day]), today, int(year) if year else None)

    return read


_READERS: dict[str, Reader] = {
    "iso": _iso,
    "month_day": _month_day,
    "which_month_day": _which_month_day,
    "which_month": _which_month,
    "month": _month_alone,
    "weekday": _week_day,
    "week": lambda match, today: _week(match["w6"], today),
    "feast": _feast,
    "year": _year_alone,
    "day": _near,
    "ago": _from_today,
    "en_ago": lambda match, today: _ago(-_number(match["n18"]), match["u18"], today),
    "day_of_month": _day_of_month,
    "dotted": lambda match, today: _nearest(int(match["m14"]), int(match["d14"]), today),
    "slash": lambda match, today: _nearest(int(match["m8"]), int(match["d8"]), today),
    "en_month_day": _english("m9", "d9"),
    "en_day_month": _english("m10", "d10"),
    "en_weekday": lambda match, today: _weekday(
        _ENGLISH_DAYS.index(match["k11"]), match["w11"], today
    ),
    "en_week": _english_week,
    "en_day": lambda match, today: _this_month(int(match["d15"]), today),
}
