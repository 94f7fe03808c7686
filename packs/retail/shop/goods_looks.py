"""Look-ups about products: what they are, whether they are there, which one suits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kefu.pack.tools import Customer, look

from .aftersale_looks import cents
from .asking import Measure, accessory, brand_of, fits, foreign, measure_of, place_of, sizes_of
from .catalogue import sku_of
from .counter import Counter, View, count
from .models import Product
from .views import Lens, product_view
from .wording import yuan

COMPARED = 3
BETWEEN = "、"
"""Between the names of products that were shown, in the memory of a conversation."""
_FACTS = re.compile("多少钱|价|材质|面料|参数|功能|重|续航|how much|price", re.IGNORECASE)


class GoodsLooks(Counter):
    """Products."""

    @look
    async def find_product(
        self,
        customer: Customer,
        product: str | None = None,
        spec: str | None = None,
        order: str | None = None,
        now: str | None = None,
        said: str | None = None,
        shown: str | None = None,
    ) -> View:
        """The product that the words mean, the best seller where they mean many.

        `now` is the product named in this message, `said` all of it, `shown` the products that were listed.
        Words that mean nothing we sell give count none. `order` helps out where no product is named.
        """
        lens = self._lens(customer)
        strange = self._not_sold(now or said, said)
        if strange is not None:
            return self._instead(*strange, lens)
        named = self._named(product, now, said, shown)
        found = self._search(named, said) if named else ()
        if not named and order:
            known = await self._order(customer, order)
            found = (self._store.catalogue[known.items[0].product_id],) if known else ()
        if not found:
            return {"count": "none", "named": bool(named), "asked": named}
        best = _with_spec(found, spec)
        return {
            "count": count(found),
            "product": product_view(best, lens),
            "talk": best.name,
            "total": len(found),
            "facts_too": not spec or bool(_FACTS.search(said or "")),
        } | _spec(best, spec, lens)

    @look
    async def recommend(
        self,
        customer: Customer,
        product: str | None = None,
        amount: str | None = None,
        spec: str | None = None,
        now: str | None = None,
        said: str | None = None,
    ) -> View:
        """Three that sell best, within the budget, the size and the spec where they are named."""
        lens, measure = self._lens(customer), measure_of(said)
        strange = self._not_sold(now or said, said)
        if strange is not None:
            return self._instead(*strange, lens)
        budget = 0 if measure and str(int(measure.number)) in (amount or "") else cents(amount)
        named = now or self._kind(said) or self._kind(product) or product
        found = self._search(named, said) if named else ()
        fitting = [one for one in found if not budget or one.price <= budget]
        chosen = fitting or sorted(found, key=lambda one: one.price)
        why = "" if fitting else "dearer"
        for wanted, test in _wishes(measure, spec):
            kept = [one for one in chosen if test(one)]
            why = why if kept else f"no_{wanted}"
            chosen = kept or chosen
        return {
            "count": count(chosen),
            "named": bool(named),
            "asked": named,
            "within": bool(fitting),
            "why": why,
            "size": measure.said if measure else "",
            "sizes": _sizes(chosen, measure, lens),
            "colours": lens.say("、", ", ").join(_offered(chosen[0], spec)) if chosen else "",
            "talk": named,
        } | _listed(chosen, lens)

    def _named(
        self, product: str | None, now: str | None, said: str | None, shown: str | None
    ) -> str | None:
        """What is talked about: named now, one of those shown, else what was talked about before."""
        place, listed = place_of(said), (shown or "").split(BETWEEN)
        if not now and place is not None and shown and place < len(listed):
            return listed[place]
        return now or self._kind(said) or product

    def _kind(self, words: str | None) -> str | None:
        return self._store.catalogue.kind_of(words) if words else None

    def _search(self, named: str, said: str | None) -> tuple[Product, ...]:
        brand = brand_of(said)
        text = f"{brand} {named}" if brand and brand not in named else named
        return self._store.catalogue.search(text)

    def _not_sold(self, named: str | None, said: str | None) -> tuple[str, str] | None:
        """What is asked for and not sold here, and the kind of goods that comes closest."""
        catalogue = self._store.catalogue
        other = foreign(said or named)
        if other is not None:
            word, kind = other
            own = kind or self._kind(said)
            return (word if kind or not own else f"{word}{own}", own or "")
        part = accessory(said or named, catalogue.words)
        if part is not None:
            return part, self._kind(part) or ""
        brand, goods = brand_of(said), self._kind(named)
        if brand and goods and all(one.brand != brand for one in self._search(goods, said)):
            return f"{brand}{goods}", goods
        return None

    def _instead(self, asked: str, kind: str, lens: Lens) -> View:
        found = self._store.catalogue.search(kind)[:COMPARED] if kind else ()
        strange = {"strange": bool(found), "count": "none", "named": True, "asked": asked}
        return strange | {"talk": kind or None} | _listed(found, lens)


def _wishes(
    measure: Measure | None, spec: str | None
) -> list[tuple[str, Callable[[Product], bool]]]:
    """What products have to have beside their price."""
    wishes: list[tuple[str, Callable[[Product], bool]]] = []
    if measure is not None:
        wishes.append(
            ("size", lambda one: any(fits(measure, size) for size in sizes_of(one, measure.unit)))
        )
    elif spec:
        wishes.append(("spec", lambda one: sku_of(one, spec) is not None))
    return wishes


def _with_spec(found: tuple[Product, ...], spec: str | None) -> Product:
    """The first that has the specification in stock, else the first."""
    if not spec:
        return found[0]
    for product in found:
        sku = sku_of(product, spec)
        if sku is not None and sku.stock:
            return product
    return found[0]


def _offered(product: Product, spec: str | None) -> list[str]:
    """What there is in stock of the axis that is asked about: colours for a colour, else whole specs."""
    there = [one.spec for one in product.skus if one.stock and one.spec]
    if spec and spec.endswith("色"):
        return list(dict.fromkeys(one.split()[0] for one in there))
    return there[:6]


def _spec(product: Product, spec: str | None, lens: Lens) -> View:
    sku = sku_of(product, spec) if spec else None
    days = max((one.restock_days for one in product.skus), default=0)
    return {
        "spec_named": bool(spec),
        "spec_known": sku is not None,
        "spec": spec if sku and spec and spec in sku.spec else sku.spec if sku else spec or "",
        "in_stock": bool(_pieces(product, spec) if sku else product.stock),
        "few": 0 < (_pieces(product, spec) if sku else product.stock) < 10,
        "restock": sku.restock_days if sku else days,
        "available": lens.say("、", ", ").join(_offered(product, spec)),
    }


def _pieces(product: Product, spec: str | None) -> int:
    """Pieces of all skus that the words name."""
    wanted = sku_of(product, spec or "")
    same = [one for one in product.skus if spec and spec in one.spec]
    return sum(one.stock for one in same) if same else wanted.stock if wanted else 0


def _sizes(products: Sequence[Product], measure: Measure | None, lens: Lens) -> str:
    if measure is None or not products:
        return ""
    sizes = sizes_of(products[0], measure.unit)
    return lens.say("、", ", ").join(sizes[one] for one in sorted(sizes))


def _listed(products: Sequence[Product], lens: Lens) -> View:
    """Products in a list, and what is remembered of it."""
    few = products[:COMPARED]
    names = BETWEEN.join(one.name for one in few)
    return {"lines": "\n".join(_line(one, lens) for one in few), "shown": names or None}


def _line(product: Product, lens: Lens) -> str:
    price = yuan(product.price)
    return lens.say(
        f"· {product.name} {price}元：{product.facts}",
        f"· {product.name_en}, ¥{price}: {product.facts_en}",
    )
