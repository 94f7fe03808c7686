"""Where tools begin: who is asking, what the shop holds of them, and the language to answer in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kefu.pack.tools import Customer

from .clock import wall
from .models import Dossier, Order
from .picking import OFFERED, Picked
from .store import Store
from .views import Lens, choice, order_view, windows

View = dict[str, Any]
ANONYMOUS: View = {"count": "anonymous"}
"""What a look says to a visitor who is not signed in, or whom the shop does not know."""


class Counter:
    """Base of the tools."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _lens(self, customer: Customer) -> Lens:
        return Lens(self._store.clock, customer.locale, wall())

    async def _dossier(self, customer: Customer) -> Dossier | None:
        if customer.user_id is None:
            return None
        return await self._store.dossier(customer.user_id)

    async def _order(self, customer: Customer, order_id: str | None) -> Order | None:
        """The customer's order with this very id."""
        dossier = await self._dossier(customer)
        return dossier.order(order_id) if dossier and order_id else None


def picked_view(picked: Picked, lens: Lens, instead: Sequence[Order] = ()) -> View:
    """What was picked: `count` is none, one or many; the one order, or choices.

    Where an order that was named is not found, `instead` are those to choose from.
    """
    orders = picked.orders[:OFFERED]
    view: View = {"given": picked.given, "fits": picked.fits, "count": count(orders)}
    if len(orders) == 1:
        view["order"] = order_view(orders[0], lens) | windows(orders[0], lens)
    elif not orders and picked.given:
        # An empty id is learnt as "forget it": a number that is nobody's must not stick to the conversation.
        view["order"] = {"id": ""}
        view["choices"] = [choice(order, lens) for order in instead[:OFFERED]]
    else:
        view["choices"] = [choice(order, lens) for order in orders]
    return view


def count(found: Sequence[object]) -> str:
    """None, one or many."""
    return ("none", "one")[len(found)] if len(found) < 2 else "many"
