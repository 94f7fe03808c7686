"""Times of day. Value: ISO 8601, a part of the day or "from … to" as an interval."""

from __future__ import annotations

import re
from datetime import date, timedelta

from kefu.understanding.slots.dates import HALVES
from kefu.understanding.slots.numerals import number

_PARTS = {
    "凌晨": (0, 6),
    "清晨": (5, 8),
    "清早": (5, 8),
    "大清早": (5, 8),
    "早上": (6, 9),
    "早晨": (6, 9),
    "上午": (8, 12),
    "中午": (11, 13),
    "晌午": (11, 13),
    "午休": (12, 14),
    "正午": (12, 12),
    "午后": (12, 14),
    "下午": (12, 18),
    "白天": (8, 18),
    "后晌": (12, 18),
    "傍晚": (17, 19),
    "晚上": (18, 22),
    "晚间": (18, 22),
    "夜晚": (18, 22),
    "夜头": (18, 22),
    "夜里": (20, 24),
    "夜间": (20, 24),
    "深夜": (22, 24),
    "半夜": (0, 3),
    "大半夜": (0, 3),
    "this morning": (8, 12),
    "morning": (8, 12),
    "noon": (11, 13),
    "afternoon": (12, 18),
    "evening": (18, 22),
    "night": (20, 24),
}
_SHORT = {"早": (6, 9), "晚": (18, 22), "夜": (20, 24), "午": (11, 13)}
"""Parts of the day only before a clock time: 晚8点."""
_LATE_NIGHT = frozenset(
    {"晚上", "夜里", "夜间", "深夜", "半夜", "大半夜", "晚", "夜", "night", "晚间", "夜晚"}
)
_SMALL_HOURS = 5
"""晚上两点 is after midnight."""
_ENDS = {"早": (6, 9), "晨": (6, 9), "晚": (18, 22), "夜": (20, 24), "t": (18, 22)}
"""The part of the day that 今早, 昨晚 and tonight end with."""


def _either(words: object) -> str:
    return "|".join(sorted(words, key=len, reverse=True))  # type: ignore[call-overload]  # dicts of texts


_PART = _either(_PARTS)
_BEFORE_CLOCK = rf"(?:{_PART}|(?<![今昨明前当])[早晚夜])"
_HOUR = r"(?:\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]|[一二两三四五六七八九十])"
_MINUTE = (
    r"(?:过?\d{1,2}|过?零[一二三四五六七八九]|过?[一二三四五]?十[一二三四五六七八九]?|过五)分?"
)
_CLOCK = (
    rf"(?:(?:[01]?\d|2[0-4]):[0-5]\d|{_HOUR}点(?:钟|半|[一三]刻|{_MINUTE})?|{_HOUR}时(?:整|{_MINUTE})|"
    r"(?<!\d)\d{1,2}(?::\d\d)? ?[ap]\.?m\b\.?|\b\d{1,2} o'clock)"
)
_TO = r"\s?(?:到|至|-|~|—|\band\b|\bto\b)\s?"
_TIME = re.compile(
    rf"(?:{_BEFORE_CLOCK})?(?:{_CLOCK}|(?<!\d)\d{{1,2}}(?={_TO}{_CLOCK})){_TO}(?:{_BEFORE_CLOCK})?{_CLOCK}|"
    rf"(?:{_PART})(?:到|至)(?:{_PART})|"
    rf"(?:{_BEFORE_CLOCK})?{_CLOCK}|(?<!good )(?<!nice )(?<![一几整])(?:{_PART})|{_either(HALVES)}"
)
_HINT = re.compile(r"[点午晚晨早夜时:：]|白天|\d ?[ap]\.?m|noon|morning|evening|night|o'clock")
_READ = re.compile(
    rf"(?P<half_day>{_either(HALVES)})?(?P<part>{_PART}|[早晚夜午](?=\d|{_HOUR}))?"
    rf"(?:(?P<h>{_HOUR})(?:(?P<sep>点|:|时)?(?P<m>半|[一三]刻|过?\d\d?|"
    r"过?零[一二三四五六七八九]|过?[一二三四五]?十[一二三四五六七八九]?|过五)?)?)? ?(?P<half>[ap])?"
)
_LEAD = re.compile(r"^(?:at|in the|around|about|约|大约|大概|差不多)\s?")
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_BEFORE_WORDS = re.compile(r"点(?:半)?(?:了吗|击|开|评|赞|进|单|头|餐)")

Moment = tuple[str, str | None, str | None]
"""(time, end of the part of the day, that part)."""


def find(text: str) -> list[tuple[int, int]]:
    """Spans of times of day in a folded text."""
    if _HINT.search(text) is None:
        return []
    return [match.span() for match in _TIME.finditer(text) if not _is_other(text, match)]


def _is_other(text: str, match: re.Match[str]) -> bool:
    """一点 is "a little", 早点 "earlier"; 早上好 and 晚上好 greet."""
    words = match.group()
    if words in ("一点", "两点", "早一点", "晚一点") or text[match.end() : match.end() + 1] == "好":
        return True
    return _BEFORE_WORDS.match(text, match.end() - 1) is not None and words.endswith("点")


def value(raw: str, today: date | None = None) -> str | None:
    """HH:MM, or HH:MM/HH:MM, with the day before where the phrase names it; None where it is no time.

    >>> value("下午3点半"), value("14点到16点"), value("上午")
    ('15:30', '14:00/16:00', '08:00/12:00')
    >>> value("昨晚", date(2026, 11, 21))
    '2026-11-20T18:00/2026-11-20T22:00'
    """
    halves = re.split(_TO, _LEAD.sub("", raw.strip().lower()))
    first = _read(halves[0], None)
    if first is None:
        return None
    begin, end, part = first
    last = _read(halves[1], part) if len(halves) > 1 else None
    if last is not None:
        end = last[1] or last[0]
    day = _day(halves[0], today)
    return f"{day}{begin}" if end is None else f"{day}{begin}/{day}{end}"


def in_full(text: str, start: int, raw: str) -> str:
    """A time with the part of the day that stands before it and belongs to a date: 今晚|8点 is 晚8点.

    `raw` stands at `start` of the folded text.
    """
    before = text[start - 1 : start]
    return before + raw if before in _ENDS and before != "t" else raw


def _day(text: str, today: date | None) -> str:
    """The day of 昨晚 and its like, in front of a time."""
    named = next((name for name in HALVES if text.startswith(name)), None)
    if named is None or today is None:
        return ""
    return f"{(today + timedelta(days=HALVES[named])).isoformat()}T"


def _read(text: str, part: str | None) -> Moment | None:
    match = _READ.match(text)
    if match is None or not match.group():
        return None
    named = match["part"] or _end_of(match["half_day"])
    part = named or part
    if match["h"] is None:
        if named is None:
            return None
        begin, end = _bounds(named)
        return f"{begin:02d}:00", f"{end:02d}:00", part
    hour = int(number(match["h"]) or 0)
    minute = _minutes(match["m"])
    if hour > 24 or minute > 59:
        return None
    return f"{_hour(hour, part, match['half']):02d}:{minute:02d}", None, part


def _end_of(half_day: str | None) -> str | None:
    return half_day[-1] if half_day and half_day[-1] in _ENDS else None


def _bounds(part: str) -> tuple[int, int]:
    return _PARTS.get(part) or _SHORT.get(part) or _ENDS[part]


def _hour(hour: int, part: str | None, half: str | None) -> int:
    if half is None and part is not None:
        return _spoken(hour, part)
    if half == "p" and hour < 12:
        return hour + 12
    return 0 if half == "a" and hour == 12 else hour


def _spoken(hour: int, part: str) -> int:
    """The hour of 24 that is meant in a part of the day: 下午3点, 中午1点, 晚上12点, 夜里两点."""
    if hour >= 12:
        return 0 if hour == 12 and (part in _LATE_NIGHT or part == "凌晨") else hour
    if part in _LATE_NIGHT and hour <= _SMALL_HOURS:
        return hour
    if part in ("中午", "正午", "noon", "午"):
        return hour + 12 if hour <= 3 else hour
    return hour + 12 if _bounds(part)[1] > 13 and part != "白天" else hour


def _minutes(text: str | None) -> int:
    if not text:
        return 0
    text = text.removeprefix("过").removeprefix("零")
    return _MINUTES.get(text) or int(number(text) or 0)
