"""Names of people. A Chinese name looks like any word, so a cue must stand by: a label, a title, a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kefu.guarding.privacy.surnames import COMPOUND, NO_NAMES, SINGLE, TITLED
from kefu.messages import Finding

_HAN = "\u4e00-\u9fff"
_SURNAME = f"(?:{'|'.join(COMPOUND)}|[{SINGLE}])"
_ASKED = (
    r"收[件货]人|签收人|联系人|持卡人|开户人|户主|(?<!用)户名|姓名|本人叫|我名字叫|我叫|我姓名|名字(?=[叫是:：改换写])|名叫|寄件人|取件人|下单人|购买人|预约人|"
    r"收件(?=[:：])|收货(?=[:：])"
)
_LINK = r"(?:名字|姓名|名)?(?:改成|改为|换成|换为|写成|写的是|写的|写|应该是|就是|是|叫做|叫|为)?[:：\s]*"
_CUED = re.compile(f"(?:{_ASKED}){_LINK}(?P<name>{_SURNAME}[{_HAN}]{{1,3}})")
_DOTTED = re.compile(
    f"(?:{_ASKED}|我是){_LINK}(?P<name>[{_HAN}]{{1,8}}(?:[·•・‧∙][{_HAN}]{{1,8}}){{1,3}})"
)
_TITLE = re.compile(
    f"(?<![感多拜历基])(?P<name>(?:{'|'.join(COMPOUND)}|[{TITLED}])[{_HAN}]{{0,2}}?"
    f"(?:先生|女士|小姐(?!姐)|太太|师傅|经理|老师))(?![款包鞋表衣裤裙袜帽内钱手香T跑皮])"
)
_FOREIGN = re.compile(
    f"(?:{_ASKED}){_LINK}(?P<name>[A-Z][a-z]+(?:\\s[A-Z][a-z]+){{0,2}})(?![A-Za-z])"
)
_SAID = re.compile(
    r"(?i:\bmy name is|\bi am called)"
    r"\s(?!not\b|on\b|in\b|the\b|an?\b|wrong|incorrect|mis|spel|writ)(?P<name>[a-z]+)"
)
_ALONE = re.compile(
    rf"(?:^|(?<=[\s,，;；:：。、/|]))(?P<name>{_SURNAME}[{_HAN}]{{1,2}}?)收?(?=$|[\s,，;；:：。、/|])"
)
_ENGLISH = re.compile(
    r"(?i:\b(?:my name is|my name's|name\s?[:：]|recipient(?: is|\s?[:：])|consignee\s?[:：]"
    r"|mr\.?|mrs\.?|ms\.?|dr\.)\s*)"
    r"(?P<name>[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?(?:\s[A-Z]\.)?(?:\s[A-Z][a-z]+(?:-[A-Z][a-z]+)?){0,2})"
)
_FOLLOWS = frozenset(
    "最号另下不与么也买了从他会但住你先到单去及发取号同吗吧呀呢和哦哪啊在地女她它寄对就"
    "已帮您想我或手把换收改是有来查没电男的给老能被要订让说请跟还这退那都问麻"
)
_FOLLOWING = frozenset(["可以", "可能", "可不", "小姐"])
_PARTICLES = "吧呢吗呀哦嘛啦啊"
_PHRASE_NO_NAME = re.compile(
    r"马上|高级|先生|女士|小姐|客服|会员|订单|快递|地址|电话|手机|收货|收件|信息|号码"
)
_NEAR = 3
_ADJACENT = frozenset(["phone", "address"])


def find(text: str, others: Iterable[Finding] = ()) -> Iterator[Finding]:
    """Every name with a cue; `others` are findings next to which a lone name counts without one."""
    for pattern in (_CUED, _DOTTED):
        for found in pattern.finditer(text):
            name = found["name"] if pattern is _DOTTED else _trim(text, found)
            if name:
                yield Finding("name", found.start("name"), found.start("name") + len(name))
    for found in _TITLE.finditer(text):
        if found["name"][:2] not in NO_NAMES:
            yield Finding("name", *found.span("name"))
    for pattern in (_ENGLISH, _FOREIGN, _SAID):
        for found in pattern.finditer(text):
            yield Finding("name", *found.span("name"))
    beside = [other for other in others if other.kind in _ADJACENT]
    if beside:
        yield from _alone(text, beside)


def _trim(text: str, found: re.Match[str]) -> str:
    """A name after a label, without the words that follow it; "" where it is no name."""
    name: str = found["name"]
    surname = 2 if name[:2] in COMPOUND else 1
    if (
        name[:2] in NO_NAMES
        or _PHRASE_NO_NAME.search(name)
        or name[surname : surname + 1] in "的了是"
    ):
        return ""
    name = name[: surname + 2].rstrip(_PARTICLES)
    if len(name) == surname:
        return ""
    after = text[found.start("name") + len(name) : found.start("name") + len(name) + 1]
    goes_on = bool(after) and "\u4e00" <= after <= "\u9fff"
    follows = name[-1] in _FOLLOWS or name[-1] + after in _FOLLOWING
    if len(name) == surname + 2 and goes_on and follows:
        return name[:-1]
    return name


def _alone(text: str, beside: list[Finding]) -> Iterator[Finding]:
    for found in _ALONE.finditer(text):
        start, end = found.span("name")
        near = any(
            0 <= other.start - end <= _NEAR or 0 <= start - other.end <= _NEAR for other in beside
        )
        if near and found["name"][:2] not in NO_NAMES:
            yield Finding("name", start, end)
