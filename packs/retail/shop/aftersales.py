"""Changes after the goods arrived: returns, exchanges, refunds, reports, repairs, and taking them back."""

from __future__ import annotations

from .catalogue import Catalogue, sku_of
from .desk import Desk, Result
from .models import Order
from .pricing import item_share, price_drop
from .rules import (
    DAY,
    EXCHANGE_WITHIN,
    PRICE_PROTECTION,
    REPORT_WITHIN,
    RETURN_WITHIN,
    UNCANCEL_WITHIN,
)
from .wording import KINDS, word, yuan

FAULTS = (
    "坏",
    "破",
    "瑕疵",
    "质量",
    "故障",
    "不通电",
    "裂",
    "漏",
    "假",
    "broken",
    "fault",
    "defect",
)


def apply_return(desk: Desk, order_id: str, lines: list[int], reason: str) -> Result:
    """Send goods back for their money."""
    order = desk.order(order_id, ("signed",))
    faulty = any(word in reason for word in FAULTS)
    _within(desk, order, EXCHANGE_WITHIN if faulty else RETURN_WITHIN)
    amount = item_share(order, lines or [item.line for item in order.items])
    case = desk.open_case(order, "return", reason, amount)
    desk.pay_back(order, amount, "waiting", case)
    return {"ok": True, "refund": yuan(amount), "number": f"A{case:05d}"}


def apply_exchange(
    desk: Desk, catalogue: Catalogue, order_id: str, spec: str, reason: str
) -> Result:
    """Send goods back for others of the same kind."""
    order = desk.order(order_id, ("signed",))
    _within(desk, order, EXCHANGE_WITHIN)
    item = order.items[0]
    sku = sku_of(catalogue[item.product_id], spec, item.spec)
    if spec and sku is None:
        raise desk.refuse("没有这个规格", "there is no such option")
    if sku is not None and sku.stock < item.quantity:
        raise desk.refuse("这个规格暂时缺货", "that option is out of stock")
    case = desk.open_case(order, "exchange", reason)
    _wish(desk, case, sku.spec if sku else "")
    return {"ok": True, "number": f"A{case:05d}"}


def apply_refund(desk: Desk, order_id: str, cents: int, reason: str) -> Result:
    """Money back without goods back; 0 cents means all that is left."""
    order = desk.order(order_id, ("shipped", "signed"))
    amount = cents or order.refundable
    case = desk.open_case(order, "refund", reason, amount)
    desk.pay_back(order, amount, "waiting", case)
    return {"ok": True, "refund": yuan(amount), "number": f"A{case:05d}"}


def report(desk: Desk, order_id: str, kind: str, detail: str) -> Result:
    """Missing, wrong, damaged or lost: `kind` is a key of wording.KINDS."""
    order = desk.order(order_id, ("shipped", "signed"))
    if order.signed_at is not None:
        _within(desk, order, EXCHANGE_WITHIN if kind == "damaged" else REPORT_WITHIN)
    case = desk.open_case(order, kind, detail)
    return {"ok": True, "number": f"A{case:05d}"}


def book_repair(desk: Desk, catalogue: Catalogue, order_id: str, reason: str) -> Result:
    """Have it repaired; free within the warranty."""
    order = desk.order(order_id, ("signed",))
    months = catalogue[order.items[0].product_id].warranty_months
    if not months:
        raise desk.refuse("该商品没有保修服务", "this product has no warranty service")
    case = desk.open_case(order, "repair", reason)
    free = desk.now < (order.signed_at or 0) + months * 30 * DAY
    return {"ok": True, "free": free, "number": f"A{case:05d}"}


def withdraw(desk: Desk, order_id: str) -> Result:
    """Take the open request back, a cancellation too."""
    order = desk.order(order_id)
    case = order.aftersale
    if case is None:
        raise desk.refuse("没有可撤销的申请", "there is nothing to withdraw")
    if case.kind == "cancel" and desk.now > case.created + UNCANCEL_WITHIN:
        raise desk.refuse("取消已超过24小时，无法恢复", "it was cancelled over a day ago")
    if case.state in ("refunding", "resending") and case.kind != "cancel":
        raise desk.refuse("已进入最后一步，无法撤销", "it is in its last step already")
    desk.db.execute(
        "UPDATE aftersale SET state = 'withdrawn', updated = ? WHERE id = ?", (desk.now, case.id)
    )
    desk.db.execute(
        "UPDATE refund SET state = 'withdrawn' WHERE aftersale_id = ? AND state != 'done'",
        (case.id,),
    )
    if case.kind == "cancel":
        desk.set(order, state="paid")
    return {"ok": True, "kind_text": word(KINDS, case.kind, desk.lens.locale)}


def apply_price_protection(desk: Desk, catalogue: Catalogue, order_id: str) -> Result:
    """Pay the difference back; once it is paid the order has it no more."""
    order = desk.order(order_id, ("paid", "packing", "shipped", "signed"))
    if desk.now > (order.paid_at or 0) + PRICE_PROTECTION:
        raise desk.refuse("已超过15天价保期", "the 15 days of price protection are over")
    amount = price_drop(order, catalogue) - order.protected
    if amount <= 0:
        raise desk.refuse("没有可退的差价", "there is no difference to pay back")
    when = desk.pay_back(order, amount, "processing")
    desk.set(order, protected=order.protected + amount)
    return {"ok": True, "refund": yuan(amount), "when": when}


def _within(desk: Desk, order: Order, seconds: int) -> None:
    if order.signed_at is not None and desk.now > order.signed_at + seconds:
        days = seconds // DAY
        raise desk.refuse(f"签收已超过{days}天", f"it was delivered more than {days} days ago")


def _wish(desk: Desk, case: int, wish: str) -> None:
    desk.db.execute("UPDATE aftersale SET wish = ? WHERE id = ?", (wish, case))
