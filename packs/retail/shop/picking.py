"""Which order does the customer mean?"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .catalogue import Catalogue
from .models import Dossier, Order

_JOINED = re.compile(r"(?<=\d)[-\s](?=\d)")
_TAIL = re.compile(r"(?:尾号|#)\s*(\d{4,})")
_DIGITS = re.compile(r"\d{4,}")
OFFERED = 5
"""Orders that are offered to choose from."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What was found. `given`: the customer named an order. `fits`: its state is one that was asked for."""

    orders: tuple[Order, ...]
    given: bool = False
    fits: bool = True


def pick(
    dossier: Dossier,
    catalogue: Catalogue,
    order: str | None,
    product: str | None,
    states: Collection[str],
    signed_after: int | None = None,
    named: bool = True,
) -> Picked:
    """The orders that are meant, newest first. No `states` means any.

    Without a number only those count that were not delivered before `signed_after`.

    A number that was not named just now but stems from earlier talk (`named` is false) gives way to orders
    in the right state. An order that is not this customer's is not found, just as one that does not exist.
    """
    digits = order_digits(order)
    found = tuple(one for one in dossier.orders if digits and _has(one, digits))
    meant = tuple(one for one in found if _fits(one, states))
    if meant:
        return Picked(meant, given=True)
    fitting = tuple(
        one for one in dossier.orders if _fits(one, states) and _recent(one, signed_after)
    )
    if digits and (named or not fitting):
        return Picked(found, given=True, fits=not found)
    return Picked(by_product(fitting, catalogue, product) or fitting)


def by_product(
    orders: Sequence[Order], catalogue: Catalogue, product: str | None
) -> tuple[Order, ...]:
    """The orders that hold such a product."""
    if not product:
        return ()
    wanted = catalogue.kinds_of(product)
    return tuple(
        order
        for order in orders
        if any(
            product in item.name or catalogue[item.product_id].category in wanted
            for item in order.items
        )
    )


def order_digits(order: str | None) -> str:
    """The digits that name an order in what the customer said or chose: a whole number or its tail."""
    if not order:
        return ""
    text = _JOINED.sub("", order)
    tail = _TAIL.search(text)
    if tail:
        return tail[1]
    digits = _DIGITS.search(text)
    return digits[0] if digits else ""


def _has(order: Order, digits: str) -> bool:
    if order.id == digits:
        return True
    if order.parcel is not None and order.parcel.tracking_no.endswith(digits) and len(digits) > 4:
        return True
    return len(digits) < len(order.id) and order.id.endswith(digits)


def _recent(order: Order, signed_after: int | None) -> bool:
    return signed_after is None or order.signed_at is None or order.signed_at > signed_after


def _fits(order: Order, states: Collection[str]) -> bool:
    return not states or order.shown_state in states
