"""Names that conversation tests may use, so that they survive another seed."""

from __future__ import annotations

from collections.abc import Callable

from .catalogue import Catalogue
from .models import Dossier, Order
from .views import Lens, is_late

_KINDS: dict[str, Callable[[Order], bool]] = {
    "pending": lambda order: order.state == "pending",
    "paid": lambda order: order.state == "paid",
    "packing": lambda order: order.state == "packing",
    "shipped": lambda order: order.state == "shipped",
    "moving": lambda order: _stage(order) == "moving",
    "stuck": lambda order: _stage(order) == "stuck",
    "delivering": lambda order: _stage(order) == "delivering",
    "station": lambda order: _stage(order) == "station",
    "signed": lambda order: order.shown_state == "signed",
    "cancelled": lambda order: order.state == "cancelled",
    "aftersale": lambda order: order.shown_state == "aftersale",
    "twice": lambda order: order.charged_twice,
}


def fixtures(dossier: Dossier, foreign: Order, catalogue: Catalogue, lens: Lens) -> dict[str, str]:
    """For the newest order of each kind: `paid`, `paid_tail`, `paid_product` …; `late_…`; `foreign`."""
    found = {"name": dossier.shopper.name, "foreign": foreign.id, "foreign_tail": foreign.tail}
    tests = _KINDS | {"late": lambda order: order.state == "packing" and is_late(order, lens)}
    for name, test in tests.items():
        order = next((one for one in dossier.orders if test(one)), None)
        if order is not None:
            found |= _names(name, order, catalogue)
    old = [order for order in dossier.orders if order.shown_state == "signed"]
    return found | (_names("old", old[-1], catalogue) if old else {})


def _names(name: str, order: Order, catalogue: Catalogue) -> dict[str, str]:
    first = order.items[0]
    product = catalogue[first.product_id]
    others = [sku.spec for sku in product.skus if sku.stock > 2 and sku.spec != first.spec]
    names = {
        name: order.id,
        f"{name}_tail": order.tail,
        f"{name}_dashed": f"{order.id[:8]}-{order.id[8:]}",
        f"{name}_product": first.name,
        f"{name}_kind": product.category,
        f"{name}_spec": first.spec,
        f"{name}_other": others[0] if others else "",
        f"{name}_paid": str(order.paid // 100),
    }
    if order.parcel is not None:
        names[f"{name}_no"] = order.parcel.tracking_no
    return names


def _stage(order: Order) -> str:
    return order.parcel.stage if order.parcel is not None and order.state == "shipped" else ""
