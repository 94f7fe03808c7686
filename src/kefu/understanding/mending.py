"""Corrections: a no, and another value (不对,是…); a second thought before a yes (等下,改成…)."""

from __future__ import annotations

import re

_SOUND = r"(?:啊|哎呀?|诶|哦|噢|额|呃)?[, ]*"
_WRONG = (
    r"不对|不是这个|不是那个|不是|错了|说错了?|搞错了?|弄错了?|写错了?|打错了?|看错了?|记错了?|应该是|"
    r"更正|不好意思|no(?!\.\s*[\d\ue102])|nope|wrong|not that(?: one)?|sorry|actually|i mean"
)
"""A no; "No." before a number or an address is the English sign for number."""
_WAIT = r"等等|等一下|等下|等会儿?|稍等|慢着|且慢|wait|hold on"
_SHOULD = (
    r"(?:地址|门牌号?码?|楼号|房号|日期|时间|电话|数量)?(?:应该是?|改成|改为|改到|换成|更正为|写错了|错了|"
    r"should be|make it|change it to)"
)
_NO = re.compile(rf"{_SOUND}(?:(?:{_WAIT})[,. ]*)?(?:{_WRONG})[的,.! ]")
_SECOND_THOUGHT = re.compile(rf"{_SOUND}(?:(?:{_WAIT}|{_WRONG})[的,.! ]*)*{_SHOULD}")
_SETTLED = re.compile(
    r"(?:是的?|就是?)?(?:这个|这样|这单|这款|这件|没错|对的)(?:吧|了|的|就行|没错)*"
)
_ROAD = r"路|街|大道|巷|弄|胡同|小区|花园|公寓|大厦|广场|家园|新村|苑|村|镇"
_UNIT = r"号院|号楼|号|栋|幢|座|单元|楼|层|室|户"
_PART = re.compile(
    r"(?:是|应该是?|改成|改为|改到|换成|门牌号?码?|地址|[:, ])*(?P<part>"
    rf"(?:[\u4e00-\u9fff]{{1,8}}(?:{_ROAD})|(?:[a-z]?\d{{1,5}}|[一二三四五六七八九十百]{{1,4}})(?:-\d+)*(?:{_UNIT}))"
    rf"[\u4e00-\u9fffa-z0-9-]{{0,16}}?)(?:才对|吧|的|啊|哦|[,.! ])*"
)
_NOT_A_PLACE = re.compile(r"[吗呢么?]|怎么|什么|多少|几|订单|快递")


def opening(text: str, confirming: bool) -> int | None:
    """Where the value begins after the no that opens a folded text; None where it opens with none.

    While a yes is awaited, "改成…" alone is a no too.
    """
    if confirming and (thought := _SECOND_THOUGHT.match(text)):
        return thought.end()
    wrong = _NO.match(text)
    return wrong.end() if wrong else None


def settled(rest: str) -> bool:
    """Whether what follows the no takes it back: 就这个."""
    return _SETTLED.fullmatch(rest) is not None


def is_house_number(part: str) -> bool:
    """Whether a piece of an address has no road or place in it, only numbers."""
    return re.search(_ROAD, part) is None


def address_part(text: str, start: int) -> tuple[int, int] | None:
    """The span of a piece of an address (88号, 文二路) that is all there is from `start` on."""
    match = _PART.fullmatch(text, start)
    if match is None or _NOT_A_PLACE.search(text, start):
        return None
    return match.span("part")
