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
    "给|尾号|订单号|单号|\\d{4,}|加个|加一个|加|备注|留言|改成|改到|改|修改|预约|配送|派送|时间|送货|吗|吧|呢|了|的|个"
)
_ENGLISH = (
    r"(?:please|can|could|you|i|want|would|like|need|to|add|leave|put|a|note|on|for|my|the|this|order|"
    r"change|reschedule|delivery|time)\b"
)
_ASKING = re.compile(
    rf"(?:{_CHINESE}|\b{_ENGLISH}|[\s,。.!?:\uff0c\uff01\uff1f\uff1a])+", re.IGNORECASE
)
_EDGES = re.compile(r"^[\s,。.!:\uff0c\uff01\uff1f\uff1a]+|[\s,。.!?\uff0c\uff01\uff1f\uff1a]+$")


def content(text: str | None) -> str:
    """The rest of a wish; nothing where there is none: 我要改配送时间 says no time.

    >>> content("帮我备注一下包装结实点"), content("我要加个备注")
    ('包装结实点', '')
    """
    head, noted, after = (text or "").strip().rpartition("备注")
    text = after if noted and len(after) > SHORTEST else head + noted + after
    asking = _ASKING.match(text)
    rest = _EDGES.sub("", text[asking.end() :] if asking else text)
    return rest if len(rest) >= SHORTEST else ""


def spoken(date: str | None, time: str | None, lens: Lens) -> str:
    """An ISO date and a time span such as 08:00/12:00 as people say them; other texts as they are."""
    return " ".join(filter(None, (_day(date or "", lens), (time or "").replace("/", "-"))))


def _day(date: str, lens: Lens) -> str:
    try:
        at = datetime.fromisoformat(date).replace(tzinfo=CHINA)
    except ValueError:
        return date
    return day(at, lens.now, lens.locale)
