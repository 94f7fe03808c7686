"""Changes to an order on its way to the customer. Each checks owner and state again, in its transaction."""

from __future__ import annotations

from .catalogue import Catalogue, sku_of
from .desk import Desk, Result
from .models import Order
from .pricing import item_share
from .wording import yuan

BEFORE_SHIPPING = ("pending", "paid", "packing")


def cancel_order(desk: Desk, order_id: str, reason: str) -> Result:
    """Cancel before shipping; all that was paid goes back."""
    order = desk.order(order_id, BEFORE_SHIPPING)
    amount, when = order.refundable, ""
    if amount:
        case = desk.open_case(order, "cancel", reason, amount)
        when = desk.pay_back(order, amount, "processing", case)
    desk.set(order, state="cancelled")
    return {"ok": True, "refund": yuan(amount), "when": when}


def change_address(desk: Desk, order_id: str, address: str, recipient: str, phone: str) -> Result:
    """Send it elsewhere, before shipping only; what is not given stays."""
    order = desk.order(order_id, BEFORE_SHIPPING)
    new = {"address": address, "recipient": recipient, "phone": phone}
    given = {name: value.strip() for name, value in new.items() if value.strip()}
    if not given:
        raise desk.refuse("还没有新的地址", "there is no new address yet")
    if max(map(len, given.values())) > 120:
        raise desk.refuse("地址太长了，请精简一下", "that address is too long")
    desk.set(order, **given)
    return {"ok": True}


def change_item(
    desk: Desk, catalogue: Catalogue, order_id: str, spec: str, quantity: int
) -> Result:
    """Another spec at the same price, or fewer pieces with the difference paid back."""
    order = desk.order(order_id, BEFORE_SHIPPING)
    item = order.items[0]
    if spec:
        _change_spec(desk, catalogue, order, spec)
    if not quantity or quantity == item.quantity:
        return {"ok": True, "refund": "0"}
    if quantity > item.quantity:
        raise desk.refuse("增加数量请另下一单", "for more pieces please place another order")
    amount = item_share(order, [item.line]) * (item.quantity - quantity) // item.quantity
    if amount:
        desk.pay_back(order, amount, "processing")
    desk.db.execute(
        "UPDATE item SET quantity = ? WHERE order_id = ? AND line = ?",
        (quantity, order.id, item.line),
    )
    return {"ok": True, "refund": yuan(amount)}


def _change_spec(desk: Desk, catalogue: Catalogue, order: Order, spec: str) -> None:
    item = order.items[0]
    sku = sku_of(catalogue[item.product_id], spec, item.spec)
    if sku is None:
        raise desk.refuse("没有这个规格", "there is no such option")
    if sku.spec == item.spec:
        return
    if sku.stock < item.quantity:
        raise desk.refuse("这个规格暂时缺货", "that option is out of stock")
    desk.db.execute(
        "UPDATE item SET spec = ? WHERE order_id = ? AND line = ?",
        (sku.spec, order.id, item.line),
    )


def add_note(desk: Desk, order_id: str, note: str) -> Result:
    """Tell the people who pack."""
    order = desk.order(order_id, BEFORE_SHIPPING)
    if not note.strip():
        raise desk.refuse("备注是空的", "the note is empty")
    desk.set(order, note="; ".join(filter(None, (order.note, note.strip())))[:300])
    return {"ok": True}


def urge_order(desk: Desk, order_id: str) -> Result:
    """Move it up in the warehouse."""
    order = desk.order(order_id, ("paid", "packing"))
    desk.set(order, urged=order.urged + 1)
    return {"ok": True, "ticket": desk.ticket("urge", order.id, "")}


def urge_courier(desk: Desk, order_id: str) -> Result:
    """Ask the courier to look into it."""
    order = desk.order(order_id, ("shipped",))
    return {"ok": True, "ticket": desk.ticket("courier", order.id, "")}


def change_delivery(desk: Desk, order_id: str, wish: str) -> Result:
    """Tell the courier when or where to deliver."""
    order = desk.order(order_id, ("paid", "packing", "shipped"))
    if not wish.strip():
        raise desk.refuse("还没有新的派送要求", "there is no delivery wish yet")
    if order.parcel is None:
        desk.set(order, note=f"{order.note}; {wish}".strip("; ")[:300])
    desk.db.execute("UPDATE parcel SET wish = ? WHERE order_id = ?", (wish.strip()[:200], order.id))
    return {"ok": True, "ticket": desk.ticket("delivery", order.id, wish)}
