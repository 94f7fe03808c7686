"""The catalogue in memory: products by id, and a search over names and kinds."""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from .assortment import BRANDS, Kind, kinds
from .models import Product, Sku

_MODEL = re.compile(r"[a-z]\d{2,3}(?!\d)")
WIDE = {
    "衣服": ("T恤", "卫衣", "衬衫", "毛衣", "羽绒服", "连衣裙", "睡衣"),
    "clothes": ("T恤", "卫衣", "衬衫", "毛衣", "羽绒服", "连衣裙", "睡衣"),
    "鞋": ("运动鞋", "皮鞋", "拖鞋"),
    "shoes": ("运动鞋", "皮鞋", "拖鞋"),
    "家电": ("空调", "冰箱", "洗衣机", "电视机", "热水器"),
    "护肤": ("面霜",),
}
_COLOURS = {
    "black": "黑色", "white": "白色", "red": "红色", "blue": "蓝色", "grey": "灰色", "gray": "灰色",
    "pink": "粉色", "silver": "银色", "beige": "米色", "brown": "棕色",
}  # fmt: skip
_COLOUR = re.compile(rf"\b(?:{'|'.join(_COLOURS)})\b")
REMEMBERED = 2048
"""Searches whose result is kept: the same few things are asked for all day."""
FOUND = 20
"""Products a search gives at most."""


class Catalogue:
    """All products. They do not change while the shop is open: a demo's shelves are never emptied."""

    def __init__(self, products: Mapping[int, Product]) -> None:
        self._products = products
        self._words = {word.lower(): kind.zh for kind in kinds() for word in _words(kind)}
        self._longest_first = sorted(self._words, key=len, reverse=True)
        self._of_kind: defaultdict[str, list[Product]] = defaultdict(list)
        self._of_brand: defaultdict[str, list[Product]] = defaultdict(list)
        self._of_model: defaultdict[str, list[Product]] = defaultdict(list)
        self._searches: OrderedDict[str, tuple[Product, ...]] = OrderedDict()
        # Best sellers first, so that every list made from these is in that order.
        for product in sorted(products.values(), key=lambda product: -product.sales):
            self._of_kind[product.category].append(product)
            self._of_brand[product.brand].append(product)
            self._of_model[product.name_en.rpartition(" ")[2].lower()].append(product)

    def __getitem__(self, product_id: int) -> Product:
        """The product with this id; raises KeyError."""
        return self._products[product_id]

    def __len__(self) -> int:
        return len(self._products)

    def search(self, words: str) -> tuple[Product, ...]:
        """Products that the words may mean, the best first; nothing for words that mean none of ours."""
        words = words.strip().lower()
        known = self._searches.get(words)
        if known is not None:
            self._searches.move_to_end(words)
            return known
        found = tuple(self._search(words)[:FOUND])
        self._searches[words] = found
        if len(self._searches) > REMEMBERED:
            self._searches.popitem(last=False)
        return found

    @property
    def words(self) -> list[str]:
        """All words for kinds of goods, the longest first."""
        return self._longest_first

    def kind_of(self, words: str) -> str | None:
        """The kind of goods that is named somewhere in the words."""
        words = words.lower()
        if words in self._words:
            return self._words[words]
        return next((self._words[word] for word in self._longest_first if word in words), None)

    def kinds_of(self, words: str) -> tuple[str, ...]:
        """Like `kind_of`, but wide words such as 衣服 name several kinds."""
        wide = next((kinds for word, kinds in WIDE.items() if word in words), ())
        kind = self.kind_of(words)
        return (kind,) if kind else wide

    def _search(self, words: str) -> list[Product]:
        wanted = self.kinds_of(words)
        named = self._named(words)
        fitting = [one for one in named if not wanted or one.category in wanted]
        if fitting or not wanted:
            return fitting or named
        return [
            product for kind in wanted for product in self._of_kind[kind][: FOUND // len(wanted)]
        ]

    def _named(self, words: str) -> list[Product]:
        """Products whose model, else whose brand, is in the words."""
        models = [one for model in _MODEL.findall(words) for one in self._of_model.get(model, ())]
        brands = [zh for zh, en in BRANDS if zh in words or en.lower() in words]
        if models:
            return [one for one in models if not brands or one.brand in brands] or models
        return [product for brand in brands for product in self._of_brand[brand]]


def sku_of(product: Product, spec: str, current: str = "") -> Sku | None:
    """The specification that is meant; parts that are not named stay as in `current`.

    Of two colours, or two sizes, the last one said counts: 把黑色换成白色.
    """
    wanted = _wanted(product, spec)
    if not wanted:
        return None
    kept = _parts(current)
    best = max(product.skus, key=lambda sku: (_named(wanted, sku), _named(kept, sku)))
    return best if _named(wanted, best) == len(wanted) else None


def names_spec(product: Product, spec: str) -> bool:
    """Do the words name a specification of this product?"""
    return sku_of(product, spec) is not None


def _wanted(product: Product, spec: str) -> list[str]:
    """What is named of each axis (colour, size) of the product."""
    by_axis: dict[int, str] = {}
    for part in _parts(spec):
        axis = _axis(product, part)
        if axis is not None:
            by_axis[axis] = part
    return list(by_axis.values())


def _axis(product: Product, part: str) -> int | None:
    """The place of a part among a product's specs; a colour is one even where we do not have it."""
    for sku in product.skus:
        for place, own in enumerate(_parts(sku.spec)):
            if _same(part, own):
                return place
    return 0 if part.endswith("色") and len(part) > 1 else None


def _named(parts: Iterable[str], sku: Sku) -> int:
    own = _parts(sku.spec)
    return sum(any(_same(part, mine) for mine in own) for part in parts)


@lru_cache(4096)
def _same(said: str, own: str) -> bool:
    return said == own or _bare(said) == _bare(own)


def _bare(part: str) -> str:
    """Without the measure word: 黑色 is said 黑, 43码 is said 43, L is said L码."""
    return part.rstrip("色码寸号版装") or part


@lru_cache(4096)
def _parts(spec: str) -> tuple[str, ...]:
    """Colour and size apart, also where a customer writes them as one word."""
    text = spec.strip().lower().replace(",", " ").replace("、", " ")
    text = _COLOUR.sub(lambda found: _COLOURS[found[0]], text)
    for colour in ("原木色", "豆沙", "正红", "枫叶"):
        text = text.replace(colour, f" {colour} ")
    for colour in "黑白灰红蓝粉银棕":
        text = text.replace(f"{colour}色", f" {colour}色 ")
    return tuple(text.split())


def _words(kind: Kind) -> tuple[str, ...]:
    return (kind.zh, kind.en, *kind.words)
