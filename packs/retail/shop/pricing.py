"""What things cost: coupons and their combinations, price protection, members' prices, shipping."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product as combinations

from .catalogue import Catalogue
from .models import Coupon, Order
from .rules import FREE_SHIPPING_FROM, FREIGHT, FREIGHT_REMOTE, REMOTE


@dataclass(frozen=True, slots=True)
class Deal:
    """Coupons used together: what they take off, and the freight they save."""

    coupons: tuple[Coupon, ...]
    off: int


def usable(
    coupons: Iterable[Coupon], amount: int, category: str, seconds: int
) -> tuple[Coupon, ...]:
    """The coupons that an order over `amount` cents may use now."""
    return tuple(
        coupon
        for coupon in coupons
        if not coupon.used
        and coupon.ends > seconds
        and amount >= coupon.threshold
        and coupon.category in ("", category)
    )


def best_deal(coupons: Sequence[Coupon], amount: int, freight: int) -> Deal:
    """The cheapest combination: at most one coupon of each group, the fixed ones first.

    A percent coupon goes with no other but a freight one.
    """
    groups = [
        (None, *(coupon for coupon in coupons if coupon.group == group))
        for group in ("shop", "platform", "freight")
    ]
    deals = [
        Deal(chosen, _off(chosen, amount, freight))
        for choice in combinations(*groups)
        if _together(chosen := tuple(coupon for coupon in choice if coupon is not None))
    ]
    return max(deals, key=lambda deal: (deal.off, -len(deal.coupons)))


def price_drop(order: Order, catalogue: Catalogue) -> int:
    """Cents by which the order would be cheaper today, never more than may be paid back."""
    dropped = sum(
        max(0, item.price - catalogue[item.product_id].price) * item.quantity
        for item in order.items
    )
    return min(dropped, order.refundable)


def item_share(order: Order, lines: Sequence[int]) -> int:
    """What was really paid for these lines, discounts spread by price; the freight stays out."""
    total = sum(item.price * item.quantity for item in order.items)
    chosen = sum(item.price * item.quantity for item in order.items if item.line in lines)
    return min((total - order.discount) * chosen // total, order.refundable)


def freight(amount: int, address: str) -> int:
    """What shipping costs."""
    if any(region in address for region in REMOTE):
        return FREIGHT_REMOTE
    return 0 if amount >= FREE_SHIPPING_FROM else FREIGHT


def _together(coupons: Sequence[Coupon]) -> bool:
    money = [coupon for coupon in coupons if coupon.group != "freight"]
    return len(money) < 2 or not any(coupon.percent for coupon in money)


def _off(coupons: Iterable[Coupon], amount: int, freight: int) -> int:
    off = sum(
        amount * (100 - coupon.percent) // 100 if coupon.percent else coupon.off
        for coupon in coupons
    )
    saved = freight if any(coupon.group == "freight" for coupon in coupons) else 0
    return min(off, amount) + saved
