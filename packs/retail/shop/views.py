"""An order, a parcel, a product as flows and replies see them: plain dicts in the customer's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kefu.pack.tools import Personal

from .clock import Clock
from .models import Aftersale, Item, Order, Parcel, Product, Refund
from .rules import EXCHANGE_WITHIN, PRICE_PROTECTION, RETURN_WITHIN
from .wording import (
    COURIERS_EN,
    KINDS,
    METHODS_EN,
    REFUNDS,
    STATES,
    STEPS,
    day,
    either,
    moment,
    translated,
    word,
    yuan,
)

View = dict[str, Any]


class Lens:
    """The eyes of one call: its language and its time."""

    __slots__ = ("clock", "locale", "now", "seconds")

    def __init__(self, clock: Clock, locale: str, now: datetime) -> None:
        self.clock = clock
        self.locale = locale
        self.now = now
        self.seconds = clock.seconds(now)

    def say(self, zh: str, en: str) -> str:
        """The text in the customer's language."""
        return either(self.locale, zh, en)

    def moment(self, seconds: int) -> str:
        """A time to come, or one that was promised."""
        return moment(self.clock.at(seconds, self.now), self.now, self.locale)

    def past(self, seconds: int) -> str:
        """A time that is over."""
        return moment(self.clock.past(seconds, self.now), self.now, self.locale)

    def day(self, seconds: int) -> str:
        """A day."""
        return day(self.clock.at(seconds, self.now), self.now, self.locale)


def item_name(item: Item, lens: Lens) -> str:
    """The product's name."""
    return lens.say(item.name, item.name_en)


def title(order: Order, lens: Lens) -> str:
    """The order by its first product."""
    first = item_name(order.items[0], lens)
    more = len(order.items)
    return first if more == 1 else lens.say(f"{first}等{more}件", f"{first} and {more - 1} more")


def choice(order: Order, lens: Lens) -> str:
    """An order to choose: the tail number is the only long number in it."""
    state = word(STATES, order.shown_state, lens.locale)
    return lens.say(
        f"尾号{order.tail} {title(order, lens)}（{state}）",
        f"#{order.tail} {title(order, lens)} ({state})",
    )


def line(order: Order, lens: Lens) -> str:
    """An order in a list, with what comes next."""
    return lens.say(
        f"· {choice(order, lens)}，{outlook(order, lens)}",
        f"· {choice(order, lens)}: {outlook(order, lens)}",
    )


def order_view(order: Order, lens: Lens) -> View:
    """One order."""
    first = order.items[0]
    return {
        "id": order.id,
        "tail": order.tail,
        "state": order.shown_state,
        "state_text": word(STATES, order.shown_state, lens.locale),
        "title": title(order, lens),
        "product": item_name(first, lens),
        "spec": first.spec,
        "quantity": first.quantity,
        "paid": yuan(order.paid),
        "refundable": yuan(order.refundable),
        "method": translated(METHODS_EN, order.method, lens.locale),
        "outlook": outlook(order, lens),
        "late": is_late(order, lens),
        "recipient": Personal("name", order.recipient),
        "phone": Personal("phone", order.phone),
        "address": Personal("address", order.address),
        "note": order.note,
        "busy": order.aftersale is not None,
    }


def outlook(order: Order, lens: Lens) -> str:
    """What comes next for an order, in a few words."""
    if order.state in ("paid", "packing"):
        return _leaving(order, lens)
    if order.state == "shipped" and order.parcel is not None:
        return arrival(order.parcel, lens)
    if order.shown_state == "aftersale" and order.aftersale is not None:
        return case_text(order.aftersale, lens)
    if order.signed_at is not None:
        when = lens.past(order.signed_at)
        return lens.say(f"{when}签收", f"delivered {when}")
    if order.state == "cancelled":
        return lens.say("款项原路退回", "the money goes back the way it came")
    return lens.say("付款后安排发货", "it ships once it is paid")


def _leaving(order: Order, lens: Lens) -> str:
    by = lens.moment(order.ship_by or 0)
    if is_late(order, lens):
        return lens.say(f"原定{by}前发出，已超时", f"should have left by {by}, it is late")
    return lens.say(f"最晚{by}前发出", f"leaves by {by}")


def is_late(order: Order, lens: Lens) -> bool:
    """Should it have left, or arrived, already?"""
    if order.state in ("paid", "packing"):
        return order.ship_by is not None and order.ship_by < lens.seconds
    if order.state == "shipped" and order.parcel is not None:
        return order.parcel.stage == "stuck"
    return False


def arrival(parcel: Parcel, lens: Lens) -> str:
    """When a parcel arrives."""
    if parcel.stage == "station":
        return lens.say("已到驿站，请凭取件码领取", "waits at the pickup station")
    if parcel.stage == "signed":
        at = lens.past(parcel.events[-1].at)
        return lens.say(f"{at}已签收", f"delivered {at}")
    if parcel.stage == "delivering":
        return lens.say("派送中，预计今天送达", "out for delivery, due today")
    when = lens.day(parcel.eta)
    if parcel.stage == "stuck":
        return lens.say(f"原定{when}送达，物流停滞", f"was due {when}, it has stalled")
    return lens.say(f"预计{when}送达", f"due {when}")


def parcel_view(parcel: Parcel, lens: Lens) -> View:
    """One parcel."""
    last = parcel.events[-1]
    return {
        "courier": translated(COURIERS_EN, parcel.courier, lens.locale),
        "tracking_no": parcel.tracking_no,
        "stage": parcel.stage,
        "stuck": parcel.stage == "stuck",
        "last": lens.say(last.zh, last.en),
        "last_at": lens.past(last.at),
        "arrival": arrival(parcel, lens),
        "lines": "\n".join(
            f"· {lens.past(event.at)} {lens.say(event.zh, event.en)}"
            for event in reversed(parcel.events)
        ),
    }


def case_text(case: Aftersale, lens: Lens) -> str:
    """An after-sales request in a few words."""
    kind, step = word(KINDS, case.kind, lens.locale), word(STEPS, case.state, lens.locale)
    return lens.say(f"{kind}{step}", f"{kind}: {step}")


def case_view(order: Order, case: Aftersale, lens: Lens) -> View:
    """One after-sales request."""
    return {
        "id": case.id,
        "order_id": order.id,
        "tail": order.tail,
        "title": title(order, lens),
        "kind": case.kind,
        "kind_text": word(KINDS, case.kind, lens.locale),
        "state": case.state,
        "step": word(STEPS, case.state, lens.locale),
        "since": lens.past(case.created),
        "amount": yuan(case.amount),
        "last_step": case.state in ("refunding", "resending") and case.kind != "cancel",
    }


def refund_view(order: Order, refund: Refund, lens: Lens) -> View:
    """One refund."""
    return {
        "tail": order.tail,
        "amount": yuan(refund.amount),
        "state": refund.state,
        "state_text": word(REFUNDS, refund.state, lens.locale),
        "method": translated(METHODS_EN, refund.method, lens.locale),
        "when": lens.past(refund.due) if refund.state == "done" else lens.day(refund.due),
    }


def windows(order: Order, lens: Lens) -> View:
    """What may still be asked for, and until when."""
    signed, paid = order.signed_at, order.paid_at
    return {
        "returnable": signed is not None and lens.seconds < signed + RETURN_WITHIN,
        "exchangeable": signed is not None and lens.seconds < signed + EXCHANGE_WITHIN,
        "protected": paid is not None and lens.seconds < paid + PRICE_PROTECTION,
        "return_until": "" if signed is None else lens.day(signed + RETURN_WITHIN),
        "exchange_until": "" if signed is None else lens.day(signed + EXCHANGE_WITHIN),
    }


def product_view(product: Product, lens: Lens) -> View:
    """One product."""
    specs = [sku.spec for sku in product.skus if sku.spec]
    return {
        "id": product.id,
        "name": lens.say(product.name, product.name_en),
        "price": yuan(product.price),
        "facts": lens.say(product.facts, product.facts_en),
        "specs": specs[:8],
        "warranty": product.warranty_months,
        "install": product.install,
        "stock": product.stock,
    }
