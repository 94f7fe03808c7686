"""Chinese addresses by their parts: what is there, whether a parcel would find it, one part put right.

浙江省|杭州市|西湖区|…街道|文二路|28号|西溪花园|3幢|2单元|501室
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kefu.understanding.slots.regions import (
    MUNICIPALITIES,
    PROVINCES,
    full_name,
    provinces_of_cities,
)
from kefu.understanding.text import half_width

LEVELS = (
    "province",
    "city",
    "district",
    "town",
    "street",
    "number",
    "place",
    "building",
    "unit",
    "floor",
    "room",
)
"""From the widest to the narrowest."""
_RANK = {level: rank for rank, level in enumerate(LEVELS)}
_REGION = _RANK["city"]
_HAN = r"[\u4e00-\u9fff]"
_COUNT = r"(?:[a-z]?\d{1,5}[a-z]?(?:[-/]\d{1,4}){0,2}|[一二三四五六七八九十百]{1,4})"
_LETTERED = rf"(?:{_COUNT}|[a-z甲乙丙丁东西南北])"
_PATTERNS = {
    "district": (
        rf"{_HAN}{{1,7}}?(?:自治县|自治旗|(?<![小园社校厂院景库])区|县|(?<=[旗])旗|旗)(?!域)|{_HAN}{{2,4}}市"
    ),
    "town": rf"{_HAN}{{1,7}}?(?:街道|镇|乡(?!街道)|苏木)(?!{_HAN}{{0,2}}路)",
    "street": (
        rf"(?:{_HAN}|\d){{1,10}}?(?:大道|大街|路|街|巷|胡同|道|村|屯|里)"
        r"(?:[东西南北中]段|[一二三四五六七八九十\d]+(?:巷|组|队|条|弄(?!堂)))?"
    ),
    "number": rf"{_COUNT}弄{_COUNT}号(?![楼院])|{_COUNT}(?:号院|号(?!楼)|弄)",
    "place": (
        rf"(?:(?:{_HAN}|[a-z]){{1,12}}?(?:小区|花园|大厦|广场|公寓|家园|[家佳雅名]苑|新村|新城|花城|公馆|山庄|别墅|"
        r"宿舍|大楼|写字楼|中心|大学|学院|中学|小学|医院|科技园|产业园|工业园|软件园|园区|社区|苑|府|湾|城|"
        r"soho(?: ?t\d)?)|科技园|软件园|工业园|产业园)(?:[一二三四五六七八九十\d]期|[东西南北]区|[a-z]区)?"
    ),
    "building": rf"{_LETTERED}(?:号楼|栋|幢|座|#)",
    "unit": rf"{_LETTERED}(?:单元|门)",
    "floor": rf"{_COUNT}(?:楼|层)",
    "room": rf"{_COUNT}(?:室|户|房|号房)|(?<=[楼栋幢座元门层号#])[- ]?[a-z]?\d{{2,4}}[a-z]?(?!\d|{_HAN})",
}
_BETWEEN = " ,-"
_VILLAGE = re.compile(r"(?:村|屯|里)(?:[一二三四五六七八九十\d]+[组队])?")
_LATIN = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class AddressParts:
    """An address cut up: (level, words) in the order written, level "" where the words are unknown."""

    tokens: tuple[tuple[str, str], ...] = ()

    def get(self, level: str) -> str:
        """The words of a level, "" where it has none."""
        return next((words for name, words in self.tokens if name == level), "")

    @property
    def levels(self) -> frozenset[str]:
        """Which levels are there."""
        return frozenset(name for name, _ in self.tokens if name)

    @property
    def text(self) -> str:
        """The address in one line."""
        return "".join(words for _, words in self.tokens)

    @property
    def province(self) -> str:
        """The short name of the province, from the city where the province is not said; "" if unknown."""
        named = next((name for name in PROVINCES if self.get("province").startswith(name)), "")
        city = self.get("city")
        known = provinces_of_cities()
        short = next((name for name in known if city.startswith(name)), "")
        return named or known.get(short, "")


def normal(text: str) -> str:
    """Half width, without blanks between Chinese words: the normal form of an address.

    >>> normal("杭州市 西湖区　文二路２８号")
    '杭州市西湖区文二路28号'
    """
    plain = half_width(text).strip(" ,.;")
    return re.sub(rf"(?<={_HAN})[ ,]+(?=[\w#])|(?<=\w)[ ,]+(?={_HAN})", "", plain)


def parts(text: str) -> AddressParts:
    """The parts of an address, however much of one it is.

    >>> parts("浙江杭州西湖区文二路28号3幢501").tokens
    (('province', '浙江'), ('city', '杭州'), ('district', '西湖区'), ('street', '文二路'), ('number', '28号'), \
('building', '3幢'), ('room', '501'))
    """
    return AddressParts(tuple(_cut(normal(text))))


def complete(address: AddressParts | str) -> bool:
    """Whether a parcel would find it: a city or district, a street or place, and a number, house or village."""
    if isinstance(address, str):
        if _is_foreign(address):
            return len(address.split()) >= 3 and any(char.isdigit() for char in address)
        address = parts(address)
    has = address.levels
    wide = "city" in has or "district" in has or address.province in MUNICIPALITIES
    where = has & {"street", "place", "town"}
    house = has & {"number", "building", "room", "unit"}
    village = _VILLAGE.search(address.get("street")) is not None and bool(
        has & {"town", "district"}
    )
    return bool(wide and where and (house or village or ("place" in has and "street" in has)))


def merge(held: AddressParts | str, correction: AddressParts | str) -> AddressParts | None:
    """The held address with the parts that a correction gives, None where they make no address together.

    Another city or province with nothing below it leaves a street that is not there, so it makes none.

    >>> merge("杭州市西湖区文二路28号3幢", "88号").text
    '杭州市西湖区文二路88号3幢'
    """
    held = parts(held) if isinstance(held, str) else held
    given = parts(correction) if isinstance(correction, str) else correction
    given = _fitted(given, held)
    if not given.levels or any(not name for name, _ in given.tokens):
        return None
    widest = min(_RANK[name] for name in given.levels)
    if widest <= _REGION:
        return given if complete(given) else _moved(held, given)
    tokens = list(held.tokens)
    for name, words in given.tokens:
        _put(tokens, name, words)
    return AddressParts(tuple(tokens))


def _fitted(given: AddressParts, held: AddressParts) -> AddressParts:
    """A correction that names a number as the held address does: 5号 is 5号楼 where that has no other."""
    tokens = given.tokens
    if len(tokens) == 1 and tokens[0][0] == "number" and not held.get("number"):
        building = held.get("building")
        if building.endswith("号楼"):
            return AddressParts((("building", tokens[0][1] + "楼"),))
    if len(tokens) == 1 and tokens[0][0] == "" and tokens[0][1].isdigit() and held.get("room"):
        return AddressParts((("room", tokens[0][1] + held.get("room").lstrip("-0123456789")),))
    return given


def _moved(held: AddressParts, given: AddressParts) -> AddressParts | None:
    """The held address with its province or city added; None where another one was there."""
    tokens = list(held.tokens)
    for name, words in given.tokens:
        had = held.get(name)
        if had and _short(had) != _short(words):
            return None
        if not had:
            _put(tokens, name, words)
    return AddressParts(tuple(tokens))


def _short(region: str) -> str:
    return next((name for name in PROVINCES if region.startswith(name)), region.rstrip("市"))


def _put(tokens: list[tuple[str, str]], level: str, words: str) -> None:
    """Replace what stands at a level, else insert it before the first narrower one."""
    for at, (name, _) in enumerate(tokens):
        if name == level:
            tokens[at] = (level, words)
            return
    narrower = (at for at, (name, _) in enumerate(tokens) if name and _RANK[name] > _RANK[level])
    tokens.insert(next(narrower, len(tokens)), (level, words))


def _is_foreign(text: str) -> bool:
    return re.search(_HAN, text) is None and _LATIN.search(text) is not None


def _cut(text: str) -> Iterator[tuple[str, str]]:
    """(level, words) from left to right, each level narrower than the one before."""
    low, at, rank, unknown = text.lower(), 0, -1, 0
    while at < len(text):
        found = _next(low, at, rank)
        if found is None:
            at += 1
            continue
        level, end = found
        if at > unknown and (rest := text[unknown:at].strip(_BETWEEN)):
            yield "", rest
        yield level, text[at:end].lstrip(_BETWEEN)
        at = unknown = end
        rank = _RANK[level]
    if rest := text[unknown:].strip(_BETWEEN):
        yield "", rest


def _next(text: str, at: int, rank: int) -> tuple[str, int] | None:
    """The level whose words begin here, and where they end; the widest that is narrower than `rank`."""
    for level, pattern in _scanners():
        if _RANK[level] <= rank:
            continue
        match = pattern.match(text, at)
        if match is not None:
            return level, match.end()
    return None


@cache
def _scanners() -> tuple[tuple[str, re.Pattern[str]], ...]:
    provinces = "|".join(f"{re.escape(full_name(name))}|{name}" for name in PROVINCES)
    cities = "|".join(sorted(provinces_of_cities(), key=len, reverse=True))
    tail = r"(?![东西南北中]?[路街村镇道巷里]|大厦|大学|大道|大街|小区|市)"
    regions = {
        "province": rf"(?:{provinces}){tail}",
        "city": rf"(?:{cities})(?:市(?!场)|地区|盟|{_HAN}{{2,8}}?自治州)?(?!区|县){tail}",
    }
    return tuple(
        (level, re.compile(pattern)) for level, pattern in (*regions.items(), *_PATTERNS.items())
    )
