"""What a wish says beyond the wish itself: the note to be noted, the time to deliver at."""

from __future__ import annotations

import re
from datetime import datetime

from .clock import CHINA
from .views import Lens
from .wording import day

SHORTEST = 3
"""Characters; less says nothing."""
_CHINESE = (
    "你好|请|麻烦|帮我|帮忙|给我|我要|我想|想|能不能|能|可以|可不可以|在|把|这个|那个|我的|订单|快递|一下|"
    "给|尾号|订单号|单号|\\d{4,}|加个|加一个|加|备注|留言|改成|改到|改|修改|预约|配送|派送|时间|送货(?!上门)|吗|吧|呢|了|的|个"
)
_ENGLISH = (
    r"(?:please|can|could|you|i|want|would|like|need|to|add|leave(?= a note)|put|a|note|on|for|my|the|this|"
    r"order|change|reschedule|delivery|time)\b"
)
_ASKING = re.compile(
    rf"(?:{_CHINESE}|\b{_ENGLISH}|[\s,。.!?:\uff0c\uff01\uff1f\uff1a])+", re.IGNORECASE
)
_SIGNS = r"\s,。.!?:;\uff0c\uff01\uff1f\uff1a\uff1b"
_EDGES = re.compile(
    rf"^[{_SIGNS}]+|(?:[{_SIGNS}]|(?:可以|行|好|能|成)[吗么不]|可以吗|可不可以|行不行|好不好|能不能|"
    r"[吗么嘛呢吧呀啊哦]|谢谢你?|please|thanks|(?:is that )?ok(?:ay)?)+$",
    re.IGNORECASE,
)
_DAY = (
    r"大后天|[今明后]天|[今明](?=[早晚])|[今明后]日|(?:这|下|本)?(?:周|星期|礼拜)[一二三四五六日天末]|"
    r"\d{1,2}月\d{1,2}[日号]|(?<!\d)\d{1,2}[日号]|\b(?:today|tomorrow)\b"
)
_PARTS = {
    "06:00/09:00": ("早上", "early morning"),
    "08:00/12:00": ("上午", "morning"),
    "11:00/13:00": ("中午", "noon"),
    "12:00/18:00": ("下午", "afternoon"),
    "18:00/22:00": ("晚上", "evening"),
}
_PART = "早上|早晨|上午|中午|下午|傍晚|晚上|(?<=[今明])[早晚]"
_CLOCK = rf"(?:{_PART})?(?:\d{{1,2}}:\d\d|(?:\d{{1,2}}|[一二两三四五六七八九十]{{1,2}})点半?)"
_TIME = rf"{_CLOCK}(?:[到至-]{_CLOCK})?|{_PART}|\b(?:morning|noon|afternoon|evening)\b"
_WHEN = re.compile(rf"(?P<day>{_DAY})|(?P<time>{_TIME})")


def content(text: str | None) -> str:
    """The rest of a wish; nothing where there is none: 我要改配送时间 says no time.

    >>> content("帮我备注一下包装结实点"), content("我要加个备注")
    ('包装结实点', '')
    """
    head, noted, after = (text or "").strip().rpartition("备注")
    text = after if noted and len(after) > SHORTEST else head + noted + after
    asking = _ASKING.match(text)
    rest = plain(text[asking.end() :] if asking else text)
    return rest if len(rest) >= SHORTEST else ""


def plain(text: str) -> str:
    """A wish without the question around it.

    >>> plain("送到菜鸟驿站可以吗？"), plain("放门口好不好")
    ('送到菜鸟驿站', '放门口')
    """
    return _EDGES.sub("", text)


def dated(wish: str, date: str | None, time: str | None, lens: Lens) -> str:
    """The wish with this day and time: in place of those that it names, else before it.

    A customer who says the day anew keeps the place that was named, and the other way round.
    """
    new = {"day": _day(date or "", lens), "time": _hours(time or "", lens)}
    seen: set[str] = set()

    def renewed(match: re.Match[str]) -> str:
        part = match.lastgroup or ""
        again = part in seen
        seen.add(part)
        return match[0] if "/" in new[part] or not new[part] or again else new[part]

    text = _WHEN.sub(renewed, wish)
    missing = lens.say("", " ").join(new[part] for part in new if new[part] and part not in seen)
    if not missing or not text:
        return text or lens.say(f"{missing}送" if missing else "", missing)
    first = _WHEN.search(text)
    if first is None:
        return lens.say(f"{missing}，{text}", f"{missing}, {text}")
    gap = lens.say("", " ")
    return text[: first.start()] + missing + gap + text[first.start() :]


def spoken(date: str | None, time: str | None, lens: Lens) -> str:
    """An ISO date and a time span such as 08:00/12:00 as people say them; other texts as they are."""
    parts = (_day(date or "", lens), _hours(time or "", lens))
    return lens.say("", " ").join(filter(None, parts))


def _hours(time: str, lens: Lens) -> str:
    return lens.say(*_PARTS[time]) if time in _PARTS else time.replace("/", "-")


def _day(date: str, lens: Lens) -> str:
    try:
        at = datetime.fromisoformat(date).replace(tzinfo=CHINA)
    except ValueError:
        return date
    return day(at, lens.now, lens.locale)
