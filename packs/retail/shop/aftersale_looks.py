"""Look-ups about what comes after the delivery: returns, refunds, repairs, price protection, invoices."""

from __future__ import annotations

import re

from kefu.pack.tools import Customer, Personal, look

from .aftersales import FAULTS
from .clock import CHINA
from .counter import ANONYMOUS, Counter, View, count, picked_view
from .invoicing import PERSONAL, tail_of, tax_id_of, title_of, whole
from .models import Aftersale, Dossier, Order, Refund
from .picking import OFFERED, Picked, pick
from .pricing import item_share, price_drop
from .rules import DAY, EXCHANGE_WITHIN, PRICE_PROTECTION, RETURN_WITHIN
from .views import Lens, case_view, choice, order_view, refund_view
from .wording import either, yuan

_PROGRESS = re.compile(
    "进度|进展|结果|处理得|处理的?怎么|处理到|怎么样了|怎样了|到哪一步|有回复|没人联系|没有?人?回复|"
    "progress|status|any news|update on",
    re.IGNORECASE,
)
_ANEW = re.compile("要投诉|再投诉|我投诉|want to complain", re.IGNORECASE)
PAID = ("paid", "packing", "shipped", "signed")


class AftersaleLooks(Counter):
    """Returns, refunds, repairs, price protection, invoices."""

    @look
    async def return_terms(
        self,
        customer: Customer,
        order_id: str | None = None,
        product: str | None = None,
        reason: str | None = None,
    ) -> View:
        """May this order be returned, and what would come back?"""
        order = await self._order(customer, order_id)
        if order is None or order.signed_at is None:
            return {"ok": False}
        lens = self._lens(customer)
        faulty = any(word in (reason or "") for word in FAULTS)
        until = order.signed_at + (EXCHANGE_WITHIN if faulty else RETURN_WITHIN)
        lines = self._lines(order, product)
        chosen = [item for item in order.items if item.line in lines]
        return {
            "ok": True,
            "in_time": lens.seconds < until,
            "until": lens.day(until),
            "lines": lines,
            "goods": lens.say("、", ", ").join(
                lens.say(item.name, item.name_en) for item in chosen
            ),
            "refund": yuan(item_share(order, lines)),
        }

    def _lines(self, order: Order, product: str | None) -> list[int]:
        """The lines of the order that the words mean; all where they mean none."""
        catalogue = self._store.catalogue
        kinds = catalogue.kinds_of(product or "")
        named = [
            item.line
            for item in order.items
            if (product and product in item.name) or catalogue[item.product_id].category in kinds
        ]
        return named or [item.line for item in order.items]

    @look
    async def refund_terms(
        self, customer: Customer, order_id: str | None = None, amount: str | None = None
    ) -> View:
        """How much may be refunded?"""
        order = await self._order(customer, order_id)
        if order is None:
            return {"ok": False}
        asked = cents(amount)
        return {
            "ok": order.refundable > 0,
            "too_much": asked > order.refundable,
            "refundable": yuan(order.refundable),
            "cents": asked or order.refundable,
            "refund": yuan(asked or order.refundable),
        }

    @look
    async def refund_progress(
        self,
        customer: Customer,
        order: str | None = None,
        product: str | None = None,
        named: str | bool | None = True,
    ) -> View:
        """Refunds that are under way, else the last one that was paid."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        picked = pick(dossier, self._store.catalogue, order, product, ())
        if picked.given and not picked.orders:
            return {"count": "none", "given": True, "order": {"id": ""}}
        refunds = _refunds(picked if picked.given else Picked(dossier.orders))
        if not refunds and not named:
            refunds, picked = _refunds(Picked(dossier.orders)), Picked(())
        view: View = {"count": count(refunds), "given": picked.given}
        view["lines"] = "\n".join(_refund_line(one, refund, lens) for one, refund in refunds)
        if len(refunds) == 1:
            view["refund"] = refund_view(*refunds[0], lens)
        if picked.given:
            view["order"] = order_view(picked.orders[0], lens)
        return view

    @look
    async def aftersale_progress(
        self,
        customer: Customer,
        order: str | None = None,
        product: str | None = None,
        named: str | bool | None = True,
    ) -> View:
        """Requests that are under way; `choices` where there are several."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        picked = pick(dossier, self._store.catalogue, order, product, ())
        if picked.given and not picked.orders:
            return {"count": "none", "given": True, "order": {"id": ""}}
        cases = _cases(dossier, picked)
        if not cases and not named:
            cases, picked = _cases(dossier, Picked(())), Picked(())
        view: View = {"count": count(cases), "given": picked.given}
        view["lines"] = "\n".join(_case_line(one, case, lens) for one, case in cases)
        view["choices"] = [choice(one, lens) for one, _ in cases]
        if len(cases) == 1:
            view["case"] = case_view(*cases[0], lens)
        if picked.given:
            view["order"] = order_view(picked.orders[0], lens)
        return view

    @look
    async def price_protection(
        self, customer: Customer, order: str | None = None, product: str | None = None
    ) -> View:
        """The order that has become cheaper, and by how much."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens = self._lens(customer)
        picked = pick(dossier, self._store.catalogue, order, product, PAID)
        if picked.given and not picked.orders:
            return {"count": "none", "unknown": True, "order": {"id": ""}}
        in_time = [one for one in picked.orders if _protected(one, lens)]
        cheaper = [one for one in in_time if self._drop(one)]
        view: View = {"count": count(cheaper), "unknown": False, "in_time": bool(in_time)}
        view["choices"] = [choice(one, lens) for one in cheaper[:OFFERED]]
        if len(cheaper) == 1:
            drop = yuan(self._drop(cheaper[0]))
            view |= {"order": order_view(cheaper[0], lens), "refund": drop}
        return view

    def _drop(self, order: Order) -> int:
        return max(0, price_drop(order, self._store.catalogue) - order.protected)

    @look
    async def warranty(self, customer: Customer, order_id: str | None = None) -> View:
        """Is a repair free, and until when?"""
        order = await self._order(customer, order_id)
        if order is None or order.signed_at is None:
            return {"ok": False}
        lens = self._lens(customer)
        months = self._store.catalogue[order.items[0].product_id].warranty_months
        until = order.signed_at + months * 30 * DAY
        return {
            "ok": True,
            "months": months,
            "free": lens.seconds < until,
            "until": f"{lens.clock.at(until, lens.now).astimezone(CHINA):%Y-%m-%d}",
        }

    @look
    async def to_install(
        self, customer: Customer, order: str | None = None, product: str | None = None
    ) -> View:
        """The orders with something that somebody comes to install; delivered ones for two months."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        lens, catalogue = self._lens(customer), self._store.catalogue
        picked = pick(dossier, catalogue, order, product, PAID, lens.seconds - 60 * DAY)
        found = tuple(
            one
            for one in picked.orders
            if any(catalogue[item.product_id].install for item in one.items)
        )
        needed = bool(found) or not picked.given
        return picked_view(Picked(found, picked.given, picked.fits), lens) | {"needed": needed}

    @look
    async def solutions(self, customer: Customer) -> View:
        """What a customer may want instead of faulty goods."""
        return {
            "choices": self._lens(customer).say("换新|退货退款", "replace it|refund").split("|")
        }

    @look
    async def complaint_state(self, customer: Customer, said: str | None = None) -> View:
        """The newest complaint; `asked`: the customer wants to know how it stands."""
        dossier = await self._dossier(customer)
        if dossier is None:
            return ANONYMOUS
        asked = bool(_PROGRESS.search(said or "")) and not _ANEW.search(said or "")
        view: View = {"count": count(dossier.complaints), "asked": asked}
        if dossier.complaints:
            newest = dossier.complaints[0]
            view |= {"number": newest.number, "since": self._lens(customer).past(newest.created)}
        return view

    @look
    async def return_reasons(self, customer: Customer) -> View:
        """Why goods come back; of these only a fault changes the terms."""
        zh, en = (
            "不合适|不喜欢|质量问题|其他原因",
            "does not fit|do not like it|faulty|other reasons",
        )
        return {"choices": self._lens(customer).say(zh, en).split("|")}

    @look
    async def invoice_details(
        self,
        customer: Customer,
        said: str | None = None,
        order: str | None = None,
        title: str | None = None,
        tax_id: str | None = None,
        last: str | None = None,
    ) -> View:
        """Title and tax number of an invoice, and the order, wherever they were said.

        A tax number among the order numbers (`order`, `last`) is put in its place.
        """
        named = title_of(title, said)
        misplaced = tax_id_of(last, order)
        return {
            "order": tail_of(said) if tax_id_of(order) else order or tail_of(said),
            "title": named,
            "company": named not in PERSONAL,
            "tax_id": tax_id_of(tax_id) or misplaced or tax_id_of(said) or whole(tax_id),
        }

    @look
    async def invoice(
        self, customer: Customer, order_id: str | None = None, email: str | None = None
    ) -> View:
        """The invoice of an order, where it has one, and where it would be sent."""
        order = await self._order(customer, order_id)
        if order is None:
            return {"ok": False}
        dossier = await self._dossier(customer)
        own = dossier.shopper.email if dossier else ""
        return {
            "ok": True,
            "there": order.invoice is not None,
            "issued": order.invoice is not None and order.invoice.state == "issued",
            "title": order.invoice.title if order.invoice else "",
            "amount": yuan(order.invoice.amount if order.invoice else order.refundable),
            "email": Personal("email", email or (order.invoice.email if order.invoice else own)),
            "titles": [either(customer.locale, "个人", "personal")],
        }


def cents(amount: str | None) -> int:
    """Money in a text, in cents; 0 where there is none.

    >>> cents("30"), cents("12.5元"), cents(None)
    (3000, 1250, 0)
    """
    kept = "".join(char for char in amount or "" if char.isdigit() or char == ".")
    whole, _, rest = kept.partition(".")
    return int(whole[:7] or 0) * 100 + int((rest + "00")[:2].replace(".", "0"))


def _refunds(picked: Picked) -> list[tuple[Order, Refund]]:
    every = [
        (order, refund)
        for order in picked.orders
        for refund in order.refunds
        if refund.state != "withdrawn"
    ]
    under_way = [pair for pair in every if pair[1].state != "done"]
    return under_way[:OFFERED] or every[:1]


def _refund_line(order: Order, refund: Refund, lens: Lens) -> str:
    view = refund_view(order, refund, lens)
    tail, amount, state = view["tail"], view["amount"], view["state_text"]
    return lens.say(
        f"· 尾号{tail}：{amount}元{state}（退回{view['method']}）",
        f"· #{tail}: ¥{amount}, {state} (to {view['method']})",
    )


def _cases(dossier: Dossier, picked: Picked) -> list[tuple[Order, Aftersale]]:
    orders = picked.orders if picked.given else dossier.orders
    return [(one, one.aftersale) for one in orders if one.aftersale is not None][:OFFERED]


def _case_line(order: Order, case: Aftersale, lens: Lens) -> str:
    view = case_view(order, case, lens)
    return lens.say(
        f"· 尾号{order.tail} {view['title']}：{view['kind_text']}，{view['step']}",
        f"· #{order.tail} {view['title']}: {view['kind_text']}, {view['step']}",
    )


def _protected(order: Order, lens: Lens) -> bool:
    return order.paid_at is not None and lens.seconds < order.paid_at + PRICE_PROTECTION
