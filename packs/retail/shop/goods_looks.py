"""Look-ups about products: what they are, whether they are there, which one suits."""

from __future__ import annotations

from kefu.pack.tools import Customer, look

from .aftersale_looks import cents
from .catalogue import sku_of
from .counter import Counter, View, count
from .models import Product
from .views import Lens, product_view
from .wording import yuan

COMPARED = 3


class GoodsLooks(Counter):
    """Products."""

    @look
    async def find_product(
        self,
        customer: Customer,
        product: str | None = None,
        spec: str | None = None,
        order: str | None = None,
    ) -> View:
        """The product that the words mean, the best seller where they mean many.

        Words that mean nothing we sell give count none. `order` helps out where no product is named.
        """
        lens = self._lens(customer)
        found = self._store.catalogue.search(product) if product else ()
        if not product and order:
            known = await self._order(customer, order)
            found = (self._store.catalogue[known.items[0].product_id],) if known else ()
        if not found:
            return {"count": "none", "named": bool(product)}
        best = _with_spec(found, spec)
        return {
            "count": count(found),
            "product": product_view(best, lens),
            "total": len(found),
        } | _spec(best, spec, lens)

    @look
    async def recommend(
        self,
        customer: Customer,
        product: str | None = None,
        amount: str | None = None,
        spec: str | None = None,
    ) -> View:
        """Three that sell best, within the budget where one is named."""
        lens, budget = self._lens(customer), cents(amount)
        found = self._store.catalogue.search(product) if product else ()
        fitting = [one for one in found if not budget or one.price <= budget]
        chosen = (fitting or sorted(found, key=lambda one: one.price))[:COMPARED]
        return {
            "count": count(chosen),
            "named": bool(product),
            "within": bool(fitting),
            "lines": "\n".join(_line(one, lens) for one in chosen),
        }


def _with_spec(found: tuple[Product, ...], spec: str | None) -> Product:
    """The first that has the specification in stock, else the first."""
    if not spec:
        return found[0]
    for product in found:
        sku = sku_of(product, spec)
        if sku is not None and sku.stock:
            return product
    return found[0]


def _spec(product: Product, spec: str | None, lens: Lens) -> View:
    sku = sku_of(product, spec) if spec else None
    there = [one.spec for one in product.skus if one.stock]
    days = max((one.restock_days for one in product.skus), default=0)
    return {
        "spec_named": bool(spec),
        "spec_known": sku is not None,
        "spec": sku.spec if sku else spec or "",
        "in_stock": bool(sku.stock if sku else there),
        "few": 0 < (sku.stock if sku else product.stock) < 10,
        "restock": sku.restock_days if sku else days,
        "available": lens.say("、", ", ").join(filter(None, there[:6])),
    }


def _line(product: Product, lens: Lens) -> str:
    price = yuan(product.price)
    return lens.say(
        f"· {product.name} {price}元：{product.facts}",
        f"· {product.name_en}, ¥{price}: {product.facts_en}",
    )
