"""Look-ups about orders and parcels."""

from __future__ import annotations

import re

from kefu.pack.tools import Customer, Personal, look

from .catalogue import names_spec, sku_of
from .counter import ANONYMOUS, Counter, View, picked_view
from .instructions import content, dated, plain, spoken
from .models import Dossier, Order
from .picking import OFFERED, pick
from .pricing import item_share
from .rules import DAY
from .views import Lens, arrival, is_late, line, order_view, outlook, parcel_view, title
from .wording import either, yuan

WAITING = ("paid", "packing")
_EVERY = re.compile("哪些|所有|全部|列表|几个订单|all (?:of )?my|every|list", re.IGNORECASE)
OPEN = ("pending", "paid", "packing", "shipped", "aftersale")


class OrderLooks(Counter):
    """Orders and parcels."""

    @look
    async def pick_order(
        self,
        customer: Customer,
        order: str | None = None,
        product: str | None = None,
        states: list[str] | None = None,
        within: int | None = None,
        named: str | bool | None = True,
    ) -> View:
        """The order that is meant: by number, tail, product words, else all in these states.

        `within` leaves out those that were delivered more days ago. `named` is empty where `order` was not
        said just now but stems from earlier talk.
        """
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        since = lens.seconds - within * DAY if within else None
        catalogue, wanted = self._store.catalogue, states or ()
        picked = pick(dossier, catalogue, order, product, wanted, since, bool(named))
        fitting = pick(dossier, catalogue, None, product, wanted, since).orders
        return picked_view(picked, lens, instead=fitting)

    @look
    async def order_overview(
        self,
        customer: Customer,
        order: str | None = None,
        product: str | None = None,
        said: str | None = None,
    ) -> View:
        """One order with its state, or a list of those under way.

        Who asks for all orders gets the list, whichever order was talked about.
        """
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        if (order or product) and not _EVERY.search(said or ""):
            picked = pick(dossier, self._store.catalogue, order, product, ())
            if picked.given or len(picked.orders) < len(dossier.orders):
                lines = [line(one, lens) for one in picked.orders[:OFFERED]]
                return picked_view(picked, lens) | {"lines": "\n".join(lines)}
        under_way = [one for one in dossier.orders if one.shown_state in OPEN]
        shown = (under_way or dossier.orders)[:OFFERED]
        return {
            "count": "many" if shown else "none",
            "given": False,
            "total": len(under_way),
            "lines": "\n".join(line(one, lens) for one in shown),
        }

    @look
    async def waiting_orders(
        self,
        customer: Customer,
        order: str | None = None,
        product: str | None = None,
        named: str | bool | None = True,
    ) -> View:
        """Paid orders that have not left; `order` is the late one where one is late."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        picked = pick(dossier, self._store.catalogue, order, product, WAITING, None, bool(named))
        view = picked_view(picked, lens)
        late = [one for one in picked.orders if is_late(one, lens)]
        if late and picked.fits:
            view["order"] = order_view(late[0], lens)
        return view | {
            "late": bool(late),
            "brief": lens.say("，", ", ").join(
                lens.say(f"尾号{one.tail}{outlook(one, lens)}", f"#{one.tail} {outlook(one, lens)}")
                for one in picked.orders[:OFFERED]
            ),
        }

    @look
    async def track_parcel(
        self,
        customer: Customer,
        order: str | None = None,
        product: str | None = None,
        tracking_no: str | None = None,
        named: str | bool | None = True,
    ) -> View:
        """Where parcels are: one with its events, or a list of those under way."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        if tracking_no and not any(_has_parcel(one, tracking_no) for one in dossier.orders):
            return {"count": "none", "given": True, "fits": True, "order": {"id": ""}}
        picked = pick(
            dossier,
            self._store.catalogue,
            tracking_no or order,
            product,
            ("shipped",),
            None,
            bool(named or tracking_no),
        )
        if picked.given and not picked.fits and picked.orders[0].parcel is not None:
            view = picked_view(picked, lens) | {"fits": True}
        else:
            view = picked_view(picked, lens)
        parcels = [one for one in picked.orders if one.parcel is not None]
        if len(picked.orders) == 1 and picked.orders[0].parcel is not None:
            view["parcel"] = parcel_view(picked.orders[0].parcel, lens)
        view["lines"] = "\n".join(_parcel_line(one, lens) for one in parcels[:OFFERED])
        stuck = [one for one in parcels if is_late(one, lens)]
        if stuck and stuck[0].parcel is not None:
            view["order"] = order_view(stuck[0], lens)
            view["parcel"] = parcel_view(stuck[0].parcel, lens)
        view["stuck"] = bool(stuck)
        view["others"] = _others(dossier, lens)
        return view

    @look
    async def address_preview(
        self,
        customer: Customer,
        order_id: str | None = None,
        address: str | None = None,
        recipient: str | None = None,
        phone: str | None = None,
    ) -> View:
        """Where the order would go after the change: what is not given stays."""
        order = await self._order(customer, order_id)
        if order is None:
            return {"ok": False}
        return {
            "ok": True,
            "address": Personal("address", address or order.address),
            "recipient": Personal("name", recipient or order.recipient),
            "phone": Personal("phone", phone or order.phone),
        }

    @look
    async def instruction(
        self,
        customer: Customer,
        said: str | None = None,
        date: str | None = None,
        time: str | None = None,
        answer: str | None = None,
    ) -> View:
        """What is to be noted or told to the courier; not known where the wish says nothing more.

        `said` is the wish, `answer` what was said when asked for more; the day and the time are the newest.
        """
        kept = (content(answer) or plain(answer)) if answer else content(said)
        text = dated(kept, date, time, self._lens(customer))
        return {"text": text, "there": bool(text)}

    @look
    async def appointment(
        self, customer: Customer, date: str | None = None, time: str | None = None
    ) -> View:
        """A day and a time of day as people say them."""
        return {"when": spoken(date, time, self._lens(customer))}

    @look
    async def spec_options(
        self,
        customer: Customer,
        order_id: str | None = None,
        spec: str | None = None,
        quantity: str | None = None,
    ) -> View:
        """What an order's product may be changed to, and whether that is in stock."""
        order = await self._order(customer, order_id)
        if order is None:
            return {"ok": False}
        item = order.items[0]
        product = self._store.catalogue[item.product_id]
        wanted = sku_of(product, spec, item.spec) if spec else None
        pieces = number(quantity)
        less = item.quantity - pieces if 0 < pieces < item.quantity else 0
        return {
            "ok": True,
            "now": item.spec or either(customer.locale, "默认规格", "the standard option"),
            "quantity_now": item.quantity,
            "named": bool(spec) and names_spec(product, spec or ""),
            "to": wanted.spec if wanted else item.spec,
            "same": wanted is not None and wanted.spec == item.spec and not less,
            "in_stock": wanted is None or wanted.stock >= item.quantity,
            "quantity": pieces,
            "more": pieces > item.quantity,
            "less": less > 0,
            "refund": yuan(item_share(order, [item.line]) * less // item.quantity),
            "choices": [sku.spec for sku in product.skus if sku.stock and sku.spec != item.spec][
                :8
            ],
        }


def number(text: str | None) -> int:
    """The whole number in a text, 0 where there is none."""
    digits = "".join(char for char in text or "" if char.isdigit())
    return int(digits[:6]) if digits else 0


def _has_parcel(order: Order, tracking_no: str) -> bool:
    parcel = order.parcel
    return parcel is not None and parcel.tracking_no.endswith(tracking_no.strip().upper())


def _parcel_line(order: Order, lens: Lens) -> str:
    if order.parcel is None:
        return ""
    name, when = title(order, lens), arrival(order.parcel, lens)
    return lens.say(
        f"· 尾号{order.tail} {name}：{order.parcel.courier} {order.parcel.tracking_no}，{when}",
        f"· #{order.tail} {name}: {order.parcel.tracking_no}, {when}",
    )


def _others(dossier: Dossier, lens: Lens) -> str:
    """The parcels under way, for whoever asked about an order that has none."""
    shipped = [one for one in dossier.orders if one.state == "shipped"]
    return "\n".join(_parcel_line(one, lens) for one in shipped[:OFFERED])
