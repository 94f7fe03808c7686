"""What the shop sells: invented brands, and the kinds of goods (goods.csv) that products are made from."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

BRANDS = (
    ("星澜", "Starlan"), ("禾木", "Hemu"), ("拾光", "Shiguang"), ("白屿", "Baiyu"),
    ("朗境", "Langjing"), ("云栖坊", "Yunqifang"), ("小满记", "Xiaomanji"), ("北辰", "Beichen"),
    ("青柚", "Qingyou"), ("木槿", "Mujin"), ("海岩", "Haiyan"), ("简物", "Jianwu"),
    ("暖山", "Nuanshan"), ("极昼", "Jizhou"), ("南音", "Nanyin"), ("谷雨", "Guyu"),
    ("漫野", "Manye"), ("知夏", "Zhixia"), ("橙域", "Chengyu"), ("松果里", "Songguoli"),
)  # fmt: skip
"""Chinese and English."""


class Kind(NamedTuple):
    """One kind of goods: names, other words for it, price range in yuan, the axes of its specs, facts."""

    zh: str
    en: str
    words: tuple[str, ...]
    low: int
    high: int
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    warranty_months: int
    install: bool
    facts: str
    facts_en: str

    @property
    def specs(self) -> list[str]:
        """Every specification: colour and size where it has both."""
        return [
            " ".join(filter(None, (colour, size)))
            for colour in self.colours or ("",)
            for size in self.sizes or ("",)
        ]


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, as goods.csv has them."""
    with Path(__file__).with_name("goods.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_kind(row) for row in csv.DictReader(file))


@cache
def kind(category: str) -> Kind:
    """The kind with this Chinese name."""
    return next(kind for kind in kinds() if kind.zh == category)


def _kind(row: dict[str, str]) -> Kind:
    return Kind(
        row["zh"],
        row["en"],
        tuple(row["words"].split()),
        int(row["low"]),
        int(row["high"]),
        tuple(row["colours"].split()),
        tuple(row["sizes"].split()),
        int(row["warranty_months"]),
        row["install"] == "yes",
        row["facts"],
        row["facts_en"],
    )
