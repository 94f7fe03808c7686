"""The retail pack's tools: look-ups and changes over the demo shop.

The look-ups are in shop/*_looks.py, what a change does in shop/{ordering,aftersales,services}.py. Replace this
file by calls to your own systems; flows and replies need to know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

from kefu.pack.tools import Customer, change

from .shop import aftersales, ordering, services
from .shop.aftersale_looks import AftersaleLooks
from .shop.desk import Desk
from .shop.fixtures import fixtures
from .shop.goods_looks import GoodsLooks
from .shop.money_looks import MoneyLooks
from .shop.order_looks import OrderLooks
from .shop.people import CUSTOMERS
from .shop.store import Store

Result = dict[str, Any]
SIGN_IN = {"zh": "请先登录", "en": "please sign in first"}


async def connect(data_dir: Path) -> Tools:
    """Open the demo shop in the data directory; made at the first start."""
    return Tools(await Store.open(data_dir / "shop.sqlite3"))


class Tools(OrderLooks, AftersaleLooks, GoodsLooks, MoneyLooks):
    """All tools of the shop. Every change checks owner and state again in its own transaction."""

    async def close(self) -> None:
        """Close the shop."""
        await self._store.close()

    def demo_customer(self, session: str) -> str:
        """The customer an anonymous visitor of the demo plays; the same session always plays the same."""
        return f"U{crc32(session.encode()) % CUSTOMERS + 1:04d}"

    async def fixtures(self, customer: Customer) -> dict[str, str]:
        """Names for conversation tests."""
        dossier = await self._dossier(customer)
        stranger = "U0001" if customer.user_id != "U0001" else "U0002"
        other = await self._store.dossier(stranger)
        if dossier is None or other is None:
            return {}
        return fixtures(dossier, other.orders[0], self._store.catalogue, self._lens(customer))

    async def _change(
        self, customer: Customer, tool: str, subject: str, work: Callable[[Desk], Result]
    ) -> Result:
        if await self._dossier(customer) is None:
            return {"ok": False, "message": SIGN_IN["en" if customer.locale == "en" else "zh"]}
        return await self._store.change(customer, tool, subject, work)

    @change
    async def cancel_order(
        self, customer: Customer, order_id: str, reason: str | None = None
    ) -> Result:
        """Cancel before shipping; all that was paid goes back."""
        return await self._change(
            customer,
            "cancel_order",
            order_id,
            lambda desk: ordering.cancel_order(desk, order_id, reason or ""),
        )

    @change
    async def change_address(
        self,
        customer: Customer,
        order_id: str,
        address: str | None = None,
        recipient: str | None = None,
        phone: str | None = None,
    ) -> Result:
        """Send it elsewhere, before shipping only."""
        new = (address or "", recipient or "", phone or "")
        return await self._change(
            customer,
            "change_address",
            order_id,
            lambda desk: ordering.change_address(desk, order_id, *new),
        )

    @change
    async def change_item(
        self,
        customer: Customer,
        order_id: str,
        spec: str | None = None,
        quantity: int | None = None,
    ) -> Result:
        """Another spec, or fewer pieces."""
        return await self._change(
            customer,
            "change_item",
            order_id,
            lambda desk: ordering.change_item(
                desk, self._store.catalogue, order_id, spec or "", quantity or 0
            ),
        )

    @change
    async def add_note(self, customer: Customer, order_id: str, note: str) -> Result:
        """Tell the people who pack."""
        return await self._change(
            customer, "add_note", order_id, lambda desk: ordering.add_note(desk, order_id, note)
        )

    @change
    async def urge_order(self, customer: Customer, order_id: str) -> Result:
        """Move a late order up in the warehouse."""
        return await self._change(
            customer, "urge_order", order_id, lambda desk: ordering.urge_order(desk, order_id)
        )

    @change
    async def urge_courier(self, customer: Customer, order_id: str) -> Result:
        """Ask the courier to look into a parcel that stands still."""
        return await self._change(
            customer, "urge_courier", order_id, lambda desk: ordering.urge_courier(desk, order_id)
        )

    @change
    async def change_delivery(
        self,
        customer: Customer,
        order_id: str,
        wish: str | None = None,
        date: str | None = None,
        time: str | None = None,
    ) -> Result:
        """Deliver at another time or place."""
        text = " ".join(filter(None, (date, time, wish)))
        return await self._change(
            customer,
            "change_delivery",
            order_id,
            lambda desk: ordering.change_delivery(desk, order_id, text),
        )

    @change
    async def apply_return(
        self,
        customer: Customer,
        order_id: str,
        lines: list[int] | None = None,
        reason: str | None = None,
    ) -> Result:
        """Send goods back for their money."""
        return await self._change(
            customer,
            "apply_return",
            order_id,
            lambda desk: aftersales.apply_return(desk, order_id, lines or [], reason or ""),
        )

    @change
    async def apply_exchange(
        self, customer: Customer, order_id: str, spec: str | None = None, reason: str | None = None
    ) -> Result:
        """Send goods back for others of the same kind."""
        return await self._change(
            customer,
            "apply_exchange",
            order_id,
            lambda desk: aftersales.apply_exchange(
                desk, self._store.catalogue, order_id, spec or "", reason or ""
            ),
        )

    @change
    async def apply_refund(
        self, customer: Customer, order_id: str, cents: int = 0, reason: str | None = None
    ) -> Result:
        """Money back without goods back; 0 cents means all that is left."""
        return await self._change(
            customer,
            "apply_refund",
            order_id,
            lambda desk: aftersales.apply_refund(desk, order_id, cents, reason or ""),
        )

    @change
    async def withdraw_aftersale(self, customer: Customer, order_id: str) -> Result:
        """Take the open request of an order back, a cancellation too."""
        return await self._change(
            customer,
            "withdraw_aftersale",
            order_id,
            lambda desk: aftersales.withdraw(desk, order_id),
        )

    @change
    async def report_problem(
        self, customer: Customer, order_id: str, kind: str, detail: str | None = None
    ) -> Result:
        """Report goods that are missing, wrong or damaged, or a parcel that is lost."""
        return await self._change(
            customer,
            f"report_{kind}",
            order_id,
            lambda desk: aftersales.report(desk, order_id, kind, detail or ""),
        )

    @change
    async def book_repair(
        self, customer: Customer, order_id: str, reason: str | None = None
    ) -> Result:
        """Have it repaired."""
        return await self._change(
            customer,
            "book_repair",
            order_id,
            lambda desk: aftersales.book_repair(
                desk, self._store.catalogue, order_id, reason or ""
            ),
        )

    @change
    async def apply_price_protection(self, customer: Customer, order_id: str) -> Result:
        """Pay the difference back."""
        return await self._change(
            customer,
            "apply_price_protection",
            order_id,
            lambda desk: aftersales.apply_price_protection(desk, self._store.catalogue, order_id),
        )

    @change
    async def apply_invoice(
        self,
        customer: Customer,
        order_id: str,
        title: str,
        tax_id: str | None = None,
        email: str | None = None,
    ) -> Result:
        """Issue an electronic invoice."""
        details = (title, tax_id or "", email or "")
        return await self._change(
            customer,
            "apply_invoice",
            order_id,
            lambda desk: services.apply_invoice(desk, order_id, *details),
        )

    @change
    async def book_installation(
        self, customer: Customer, order_id: str, date: str | None = None, time: str | None = None
    ) -> Result:
        """Send somebody to install it."""
        return await self._change(
            customer,
            "book_installation",
            order_id,
            lambda desk: services.book_installation(
                desk, self._store.catalogue, order_id, date or "", time or ""
            ),
        )

    @change
    async def file_complaint(
        self, customer: Customer, order_id: str | None = None, reason: str | None = None
    ) -> Result:
        """Leave a complaint; somebody calls back."""
        return await self._change(
            customer,
            "file_complaint",
            order_id or "",
            lambda desk: services.file_complaint(desk, order_id or "", reason or ""),
        )
