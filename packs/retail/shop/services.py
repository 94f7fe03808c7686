"""Changes that go to people or papers: invoices, installation, complaints."""

from __future__ import annotations

from .catalogue import Catalogue
from .desk import Desk, Result
from .invoicing import PERSONAL, TAX_ID_LENGTHS
from .wording import yuan


def apply_invoice(desk: Desk, order_id: str, title: str, tax_id: str, email: str) -> Result:
    """Issue an electronic invoice, or issue it again under another title."""
    order = desk.order(order_id, ("paid", "packing", "shipped", "signed"))
    company = title not in PERSONAL
    if company and len(tax_id) not in TAX_ID_LENGTHS:
        raise desk.refuse("企业抬头需要正确的税号", "a company needs its tax number")
    amount = order.refundable
    if amount <= 0:
        raise desk.refuse("订单没有可开票金额", "there is nothing to invoice")
    desk.db.execute(
        "INSERT OR REPLACE INTO invoice VALUES (?, ?, ?, ?, 'applied', ?)",
        (order.id, title[:80], tax_id if company else "", email[:80], amount),
    )
    return {"ok": True, "amount": yuan(amount)}


def book_installation(
    desk: Desk, catalogue: Catalogue, order_id: str, date: str, time: str
) -> Result:
    """Send somebody to install it."""
    order = desk.order(order_id, ("paid", "packing", "shipped", "signed"))
    if not any(catalogue[item.product_id].install for item in order.items):
        raise desk.refuse("该商品无需上门安装", "this product needs no installation")
    return {"ok": True, "ticket": desk.ticket("installation", order.id, f"{date} {time}".strip())}


def file_complaint(desk: Desk, order_id: str, reason: str) -> Result:
    """Leave a complaint; somebody calls back."""
    subject = desk.order(order_id).id if order_id else ""
    return {"ok": True, "ticket": desk.ticket("complaint", subject, reason)}
