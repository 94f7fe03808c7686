"""Times of day. Value: ISO 8601, a part of the day or "from … to" as an interval."""

from __future__ import annotations

import re

from kefu.understanding.slots.numerals import number

_PARTS = {
    "凌晨": (0, 6),
    "清晨": (5, 8),
    "早上": (6, 9),
    "早晨": (6, 9),
    "上午": (8, 12),
    "中午": (11, 13),
    "午后": (12, 14),
    "下午": (12, 18),
    "傍晚": (17, 19),
    "晚上": (18, 22),
    "夜里": (20, 24),
    "半夜": (0, 3),
    "晚间": (18, 22),
    "this morning": (8, 12),
    "morning": (8, 12),
    "noon": (11, 13),
    "afternoon": (12, 18),
    "evening": (18, 22),
    "night": (20, 24),
}
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_HOUR = r"(?:\d{1,2}|十[一二]|[一二两三四五六七八九十])"
_MINUTE = r"(?:\d{1,2}|[一二三四五]?十五?)分?"
_CLOCK = (
    rf"(?:(?:[01]?\d|2[0-4]):[0-5]\d|{_HOUR}点(?:钟|半|[一三]刻|{_MINUTE})?|"
    r"(?<!\d)\d{1,2}(?::\d\d)? ?[ap]\.?m\b\.?)"
)
_TO = r"\s?(?:到|至|-|~|—|and|to)\s?"
_TIME = re.compile(
    rf"(?:{_PART})?(?:{_CLOCK}|(?<!\d)\d{{1,2}}(?={_TO}{_CLOCK})){_TO}(?:{_PART})?{_CLOCK}|"
    rf"(?:{_PART})?{_CLOCK}(?:前|后|之前|之后|以前|以后|左右)?|{_PART}"
)
_HINT = re.compile(r"[点午晚晨早夜:：]|\d ?[ap]\.?m|noon|morning|evening|night")
_READ = re.compile(
    rf"(?P<part>{_PART})?(?:(?P<h>{_HOUR}|2[0-4])(?:(?P<sep>点|:)?(?P<m>半|[一三]刻|\d\d?|"
    rf"[一二三四五]?十五?)?)?)? ?(?P<half>[ap])?"
)
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_BEFORE_WORDS = re.compile(r"点(?:半)?(?:了吗|击|开|评|赞|进|单|头|餐)")


def find(text: str) -> list[tuple[int, int]]:
    """Spans of times of day in a folded text."""
    if _HINT.search(text) is None:
        return []
    return [match.span() for match in _TIME.finditer(text) if not _is_other(text, match)]


def _is_other(text: str, match: re.Match[str]) -> bool:
    """一点 is "a little", 早点 "earlier"; 早上好 and 晚上好 greet."""
    words = match.group()
    if words in ("一点", "两点") or text[match.end() : match.end() + 1] == "好":
        return True
    return _BEFORE_WORDS.match(text, match.end() - 1) is not None and words.endswith("点")


def value(raw: str) -> str | None:
    """HH:MM, or HH:MM/HH:MM; None where the phrase is no time.

    >>> value("下午3点半"), value("14点到16点"), value("上午")
    ('15:30', '14:00/16:00', '08:00/12:00')
    """
    halves = re.split(_TO, raw.strip().lower())
    first = _read(halves[0], None)
    if first is None:
        return None
    begin, end, part = first
    last = _read(halves[1], part) if len(halves) > 1 else None
    if last is not None:
        return f"{begin}/{last[0]}"
    return begin if end is None else f"{begin}/{end}"


def _read(text: str, part: str | None) -> tuple[str, str | None, str | None] | None:
    """(time, end of the part of the day, that part)."""
    match = _READ.match(text)
    if match is None or not match.group():
        return None
    part = match["part"] or part
    if match["h"] is None:
        if match["part"] is None:
            return None
        begin, end = _PARTS[match["part"]]
        return f"{begin:02d}:00", f"{end:02d}:00", part
    hour = int(number(match["h"]) or 0)
    return f"{_hour(hour, part, match['half']):02d}:{_minutes(match['m']):02d}", None, part


def _hour(hour: int, part: str | None, half: str | None) -> int:
    late = half == "p" or (half is None and part is not None and _PARTS[part][1] > 13)
    if late and hour < 12:
        return hour + 12
    return 0 if half == "a" and hour == 12 else hour


def _minutes(text: str | None) -> int:
    if not text:
        return 0
    return _MINUTES.get(text) or int(number(text) or 0)
