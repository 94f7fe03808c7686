"""Makes the products: names, specs, stock, prices. The same seed makes the same shelves."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from .assortment import BRANDS, Kind, kinds
from .rules import DAY

PRODUCTS = 5000


class Made(NamedTuple):
    """A made product: the columns of its row, what it costs now, and its specs."""

    id: int
    row: tuple[object, ...]
    price: int
    specs: tuple[str, ...]


class Shelves(NamedTuple):
    """Rows for the tables product, sku and price."""

    products: list[Made]
    skus: list[tuple[int, str, int, int]]
    prices: list[tuple[int, int, int]]


def shelves(random: Random) -> Shelves:
    """Fill the shelves."""
    made: list[Made] = []
    skus: list[tuple[int, str, int, int]] = []
    prices: list[tuple[int, int, int]] = []
    for number in range(1, PRODUCTS + 1):
        kind = kinds()[number % len(kinds())]
        product = _product(random, number, kind)
        made.append(product)
        skus.extend((number, spec, *_stock(random)) for spec in product.specs)
        prices.extend(_history(random, number, product.price))
    return Shelves(made, skus, prices)


def _product(random: Random, number: int, kind: Kind) -> Made:
    brand, brand_en = BRANDS[(number // len(kinds())) % len(BRANDS)]
    model = f"{'ABCDEFGHKLMNPQRSTVWX'[random.randrange(20)]}{number % 900 + 10}"
    price = (random.randrange(kind.low, kind.high) // 10 * 10 + 9) * 100
    row = (
        number, f"{brand}{kind.zh}{model}", f"{brand_en} {kind.en} {model}", kind.zh, brand, price,
        kind.facts, kind.facts_en, kind.warranty_months, int(kind.install), random.randrange(20000),
    )  # fmt: skip
    return Made(number, row, price, tuple(_specs(random, kind)))


def _specs(random: Random, kind: Kind) -> list[str]:
    """At most two colours, all sizes."""
    dropped = set(random.sample(kind.colours, len(kind.colours) - 2)) if kind.colours[2:] else set()
    return [spec for spec in kind.specs if spec.partition(" ")[0] not in dropped]


def _stock(random: Random) -> tuple[int, int]:
    """Pieces, and days until more come where there are none."""
    if random.random() < 0.12:
        return 0, random.randrange(3, 15)
    return random.randrange(1, 300), 0


def _history(random: Random, number: int, price: int) -> list[tuple[int, int, int]]:
    """Two older prices and today's, oldest first; some have fallen lately."""
    recent = price + (price // 1000 * 100 if number % 2 else 0)
    older = price + random.randrange(0, 10) * 100
    return [
        (number, -120 * DAY, older),
        (number, -30 * DAY, recent),
        (number, -12 * 3600, price),
    ]
