"""What a question about goods says beside the product: which of a list, how large, things not sold here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .assortment import BRANDS
from .models import Product

_ORDINAL = re.compile(r"第\s*([一二三四五12345])\s*[个款种件台双条]?|\b(first|second|third)\b")
_LAST = re.compile(r"最后(?:那|一)*[个款种件台双条]")
_PLACES = {word: "一二三四五12345".index(word) % 5 for word in "一二三四五12345"}
_PLACES |= {"first": 0, "second": 1, "third": 2}
_MEASURE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(升|l|公斤|千克|kg|英?寸|匹|gb?|ml|毫升|cm|厘米|mm|米|码|w|瓦|mah|毫安)(?![a-z])"
    r"\s*(以上|以下|以内|左右|or more|or less)?",
    re.IGNORECASE,
)
_LEAST = re.compile(r"以上|大于|超过|至少|不低于|or more|at least|over")
_MOST = re.compile(r"以下|以内|小于|不超过|最多|or less|at most|under")
_UNITS = {
    "升": "l", "公斤": "kg", "千克": "kg", "英寸": "寸", "g": "gb", "毫升": "ml", "厘米": "cm", "瓦": "w",
    "毫安": "mah",
}  # fmt: skip
OTHERS = {
    "iphone": "手机", "苹果手机": "手机", "oppo": "手机", "vivo": "手机", "ipad": "平板电脑",
    "macbook": "笔记本电脑", "airpods": "蓝牙耳机",
} | dict.fromkeys(
    ("苹果", "华为", "小米", "三星", "荣耀", "联想", "戴尔", "索尼", "耐克", "阿迪", "海尔", "美的", "格力",
     "戴森", "飞利浦", "李宁", "安踏", "nike", "adidas", "huawei", "xiaomi", "samsung", "sony", "dyson"),
    "",
)  # fmt: skip
"""Brands that this shop does not have, and the kind of goods that the name alone stands for."""
_OTHER = re.compile(
    rf"({'|'.join(sorted(OTHERS, key=len, reverse=True))})(?:\s?\d{{1,2}})?(?:\s?(?:pro|max|plus|mini|air))*",
    re.IGNORECASE,
)
_PARTS = "壳|钢化膜|保护膜|膜|保护套|套|支架|架|贴|滤芯|滤网|遥控器|线|罩|袋|刷头|表带|收纳盒|内胆|电池|配件"


class Measure(NamedTuple):
    """A size: number, unit, and -1 for at most, 1 for at least, 0 for just that."""

    number: float
    unit: str
    way: int
    said: str


def place_of(said: str | None) -> int | None:
    """Which of a list is meant, -1 for the last."""
    text = (said or "").lower()
    if _LAST.search(text):
        return -1
    found = _ORDINAL.search(text)
    return _PLACES[found[1] or found[2]] if found else None


def measure_of(said: str | None) -> Measure | None:
    """The size that is asked for, where it says at least or at most.

    >>> measure_of("有没有500升以上的")
    Measure(number=500.0, unit='l', way=1, said='500升以上')
    """
    text = said or ""
    found = _MEASURE.search(text)
    if found is None:
        return None
    way = 1 if _LEAST.search(text) else -1 if _MOST.search(text) else 0
    unit = found[2].lower()
    return Measure(float(found[1]), _UNITS.get(unit, unit), way, found[0].strip())


def sizes_of(product: Product, unit: str) -> dict[float, str]:
    """The product's sizes in a unit."""
    parts = [part for sku in product.skus for part in sku.spec.split()]
    sizes: dict[float, str] = {}
    for part in parts:
        found = _MEASURE.fullmatch(part)
        if found and _UNITS.get(found[2].lower(), found[2].lower()) == unit:
            sizes[float(found[1])] = part
    return sizes


def fits(measure: Measure, size: float) -> bool:
    """Whether a size is as asked for."""
    if measure.way == 0:
        return size == measure.number
    return (size - measure.number) * measure.way >= 0


def brand_of(said: str | None) -> str | None:
    """The brand of ours that is named."""
    text = (said or "").lower()
    return next((zh for zh, en in BRANDS if zh in text or en.lower() in text), None)


def foreign(said: str | None) -> tuple[str, str] | None:
    """A brand that is not ours, as it was said, and the kind it stands for."""
    found = _OTHER.search(said or "")
    return None if found is None else (found[0].strip(), OTHERS[found[1].lower()])


def accessory(said: str | None, words: Sequence[str]) -> str | None:
    """Something for a product, where the product itself is what we sell: 手机壳."""
    text = (said or "").lower()
    for word in sorted(words, key=len, reverse=True):
        found = (
            re.search(rf"{re.escape(word)}的?({_PARTS})(?!机|子)", text) if word in text else None
        )
        if found and found[0] not in words:
            return found[0]
    return None
