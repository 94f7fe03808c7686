"""The provinces, cities and counties of China, as python-stdnum lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, MatchKind

from kefu.guarding.characters import reading

_QUOTED = re.compile(r'="(.*)"')
_NOT_NAMES = re.compile(r"\[[^\]]*\]|[ ,;、/（）()]+")
_PROPER = re.compile(r"[\u4e00-\u9fff]+[省市区县旗州盟岛]")
_NO_PLACE = frozenset(
    ["市区", "城区", "郊区", "矿区", "新区", "市辖区", "县级市", "自治区", "自治州"]
)
_SHORT_PROVINCES = "内蒙古 广西 西藏 宁夏 新疆 香港 澳门 台湾"
_COMMON_WORDS = "东方 合作 平安 凤凰 高要 和平 太平 永安 大安 安达 集安 兴平 新乐 津市"
"""City names that are also everyday words, and so begin no address without their 市."""
_AUTONOMOUS = re.compile(r"(.{2,4}?)(?:[^族]{1,4}族)+自治([州县旗])")
_LINK = re.compile(r"[\s,，]?")
_LOWER = "区县旗"


@dataclass(frozen=True, slots=True)
class Region:
    """A run of place names at [start, end); `local` is true where it goes down to a district or county."""

    start: int
    end: int
    local: bool


@cache
def _names() -> AhoCorasick:
    table = files("stdnum").joinpath("cn", "loc.dat").read_text("utf-8").translate(reading())
    full = {
        name
        for line in _QUOTED.findall(table)
        for name in _NOT_NAMES.split(line)
        if _PROPER.fullmatch(name) and len(name) > 1
    }
    full -= _NO_PLACE
    short = {name[:-1] for name in full if name[-1] in "省市" and len(name) > 2} - set(
        _COMMON_WORDS.split()
    )
    short |= {found[1] + found[2] for name in full if (found := _AUTONOMOUS.fullmatch(name))}
    names = sorted(full | short | set(_SHORT_PROVINCES.split()))
    return AhoCorasick(names, matchkind=MatchKind.LeftmostLongest)


def regions(text: str) -> list[Region]:
    """Every run of place names: 广东省深圳市南山区 is one."""
    found: list[Region] = []
    for _, start, end in _names().find_matches_as_indexes(text):
        local = text[end - 1] in _LOWER
        last = found[-1] if found else None
        if last and _LINK.fullmatch(text, last.end, start):
            found[-1] = Region(last.start, end, last.local or local)
        else:
            found.append(Region(start, end, local))
    return found
