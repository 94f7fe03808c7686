"""Detailed postal addresses. A bare region (新疆, 北京朝阳区) says nothing of a person and stays."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.guarding.privacy.places import regions
from kefu.messages import Finding

_NUMBER = (
    r"(?:[A-Za-z]?\d{1,5}[A-Za-z]?(?:[-—~][A-Za-z]?\d{1,5}[A-Za-z]?){0,3}|[一二三四五六七八九十百]{1,4}"
    r"|[A-Za-z甲乙丙丁东西南北])"
)
_UNIT = r"(?:号院|号楼|号|栋|幢|座|单元|楼|层|室|户|房|期|门(?!口)|铺|弄|\#)"
_TRAILING = (
    r"(?:\s?[A-Za-z]?\d{1,5}[A-Za-z]?(?:-[A-Za-z]?\d{1,5}[A-Za-z]?){0,3}"
    f"(?![\\dA-Za-z年月日点件天块元个星折米公人分秒小次箱瓶斤岁家]|\\s?{_UNIT}))?"
)
_ROAD = r"(?:路|大街|街|大道|道|巷|弄|胡同|里|村|屯|庄|镇|乡|街道|社区|条|组|队)"
_HOME = (
    r"(?:小区|花园|大厦|广场|公寓|家园|家苑|佳苑|雅苑|名苑|苑|新村|新城|花城|豪庭|华庭|公馆|名都|山庄|别墅|世家|天街|雅居|名居|新苑|豪苑|府|城|湾|宿舍楼|宿舍|大楼|写字楼|中心"
    r"|大学|学院|中学|小学|医院|园区|科技园|科学园|产业园|工业园|软件园|创业园|园|[Ss][Oo][Hh][Oo]|商场|酒店|宾馆|市场|基地)"
)
_SOLID_UNIT = r"(?:号院|号楼|栋|幢|座|单元|楼|层|室|户|弄)"
_DASHED = r"[\u4e00-\u9fff]{2,6}\d{1,3}(?:-\d{1,5}){1,3}"
_PART = re.compile(
    f"{_NUMBER}\\s?{_UNIT}{_TRAILING}|(?:{_HOME}|{_ROAD}){_TRAILING}|[一二三四五六七八九十]期|{_DASHED}"
)
_CERTAIN = re.compile(
    f"(?:{_ROAD}|{_HOME})[\u4e00-\u9fff]{{0,6}}?\\s?{_NUMBER}\\s?{_UNIT}"
    f"|(?:{_ROAD}|{_HOME})\\s?[A-Za-z]?\\d{{1,5}}(?![\\d年月日点件天块元个星折米公人分秒小次箱瓶斤岁家])"
    f"|[A-Za-z]?\\d{{1,5}}[A-Za-z]?\\s?{_SOLID_UNIT}"
)
_LOCAL_HOME = re.compile(
    "[\u4e00-\u9fffA-Za-z]{2}(?:小区|花园|大厦|公寓|家园|[家佳雅名]苑|新村|宿舍|大楼|写字楼|中学|小学"
    "|科技园|产业园|工业园|软件园|[Ss][Oo][Hh][Oo])"
)
"""A named home or place of work in a known district says where somebody is, without any number."""
_STOP = re.compile(
    r"[，,。;；!！?？\n、“”\"'＜＞<>:：|]|\d{7,}|1[3-9]\d[-\s]\d{4}|0\d{2,3}[-\s]\d{7}"
    r"|电话|手机|联系|收件|收货|姓名|邮编|谢谢|麻烦|可以|什么|多少|几[天点号]|(?<!理)想|(?<!丰)收|的|吗|呢|吧|了|没"
    r"|我|你|他|它|要|请|能(?!源)|(?<!东)是|(?<!存)在|就|还|已|怎|帮|找|搜|附近|哪|最|然后|顺便|备注|订单|快递|包裹|[发寄送]货|[发寄送改换转]到"
    r"|改成|换成|改为|转运|分拨|中转|集散|营业|网点|号[前后发到送下]|[月日]|下单|不[要是用能行对]"
)
_HOME_START = re.compile(
    f"[^\\W\\d_A-Za-z到在是为寄送发改换址住给往去从了我你他的把将请帮要们这那成:：]{{2,8}}?(?:{_ROAD}|{_HOME}){_TRAILING}?"
    f"(?=[\u4e00-\u9fff]{{0,8}}\\s?{_NUMBER}\\s?{_UNIT})"
    f"|\\d{{1,4}}\\s?(?:号楼|栋|幢|座)\\s?\\d{{1,2}}\\s?单元"
)
_ENGLISH = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:Room|Rm|Flat|Unit|Apt|Suite|Floor)\.?\s?[A-Za-z0-9-]+,\s)?"
    r"(?:(?:Tower|Building|Block)\s[A-Za-z0-9]+,\s)?"
    r"\d{1,5}[A-Za-z]?\s(?:[NSEW]\.?\s)?(?:[A-Z0-9][A-Za-z0-9'.]*\s){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Terrace|Square|Sq)\b\.?"
    r"(?:,?\s(?:Apt|Apartment|Unit|Suite|Ste|Room|Flat|Floor|#)\.?\s?#?[A-Za-z0-9-]+)?"
    r"(?:,\s[A-Z][A-Za-z]+(?:\s[A-Z][A-Za-z]+)*){0,2}(?:,?\s[A-Z]{2})?(?:\s\d{5}(?:-\d{4})?)?"
)
_NUMBERED = re.compile(f"{_NUMBER}\\s?{_UNIT}")
_TITLE = re.compile(r"抬头[^，,。;；\n]{0,6}\Z")
"""An invoice is made out to an organisation, which often has its town in its name."""
_NEAR = 8
_LONGEST = 80


def find(text: str) -> Iterator[Finding]:
    """Every detailed address in a normalised text, up to its room number."""
    yield from _in_regions(text)
    if _NUMBERED.search(text):
        for start in _HOME_START.finditer(text):
            end = _end(text, start.start(), local=False)
            if end:
                yield Finding("address", start.start(), end)
    for found in _ENGLISH.finditer(text):
        yield Finding("address", found.start(), found.end())


def _in_regions(text: str) -> Iterator[Finding]:
    last = 0
    for region in regions(text):
        if region.start < last or _TITLE.search(text, max(0, region.start - _NEAR), region.start):
            continue
        end = _end(text, region.end, region.local)
        if end:
            last = end
            yield Finding("address", region.start, end)


def _end(text: str, start: int, local: bool) -> int:
    """Where the details that begin at `start` end; 0 where they are none."""
    stop = _STOP.search(text, start, start + _LONGEST)
    limit = stop.start() if stop else min(len(text), start + _LONGEST)
    certain = _CERTAIN.search(text, start, limit)
    if certain is None and not (local and _LOCAL_HOME.search(text, start, limit)):
        return 0
    end = 0
    for part in _PART.finditer(text, start, limit):
        end = part.end()
    return end
