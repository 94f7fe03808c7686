"""The desk at which a change is made: the open transaction, whose it is, and the words to refuse with."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

from kefu.errors import KefuError

from .clock import Clock, wall
from .models import Order
from .reading import read_order
from .rules import DAY, REFUND_DAYS
from .views import Lens
from .wording import STATES, word

Result = dict[str, Any]


class Refused(KefuError):
    """The shop's rules do not allow the change; the text goes to the customer."""


class Desk:
    """What a change works with."""

    __slots__ = ("db", "lens", "now", "user_id")

    def __init__(self, db: sqlite3.Connection, user_id: str, locale: str, clock: Clock) -> None:
        self.db = db
        self.user_id = user_id
        self.lens = Lens(clock, locale, wall())
        self.now = self.lens.seconds

    def refuse(self, zh: str, en: str) -> Refused:
        """The error to raise."""
        return Refused(self.lens.say(zh, en))

    def order(self, order_id: str, states: Collection[str] = ()) -> Order:
        """The customer's order as it is now, in one of the states. Raises Refused."""
        order = read_order(self.db, self.user_id, order_id)
        if order is None:
            raise self.refuse("没有查到这个订单", "I cannot find that order")
        if states and order.state not in states:
            state = word(STATES, order.state, self.lens.locale)
            raise self.refuse(
                f"订单{state}，不能这样处理", f"the order is {state}, so this is not possible"
            )
        return order

    def set(self, order: Order, **columns: object) -> None:
        """Change columns of the order's row."""
        names = ", ".join(f"{name} = ?" for name in columns)
        self.db.execute(
            f"UPDATE orders SET {names} WHERE id = ?",  # noqa: S608  # column names are ours
            (*columns.values(), order.id),
        )

    def open_case(self, order: Order, kind: str, reason: str, amount: int = 0) -> int:
        """Start an after-sales request; one at a time. Raises Refused."""
        if order.aftersale is not None:
            raise self.refuse(
                "该订单已有进行中的售后，请先等待处理或撤销",
                "this order already has a request under way; wait for it or withdraw it first",
            )
        state = "searching" if kind == "lost" else "refunding" if kind == "cancel" else "reviewing"
        cursor = self.db.execute(
            "INSERT INTO aftersale (order_id, kind, state, reason, created, updated, amount)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (order.id, kind, state, reason, self.now, self.now, amount),
        )
        return int(cursor.lastrowid or 0)

    def pay_back(self, order: Order, amount: int, state: str, case: int | None = None) -> str:
        """Put a refund on its way and say when it arrives. Never more than was paid. Raises Refused."""
        left = read_order(self.db, self.user_id, order.id)
        if amount <= 0 or left is None or amount > left.refundable:
            raise self.refuse(
                "退款金额超过可退金额", "that is more than can be refunded for this order"
            )
        due = self.now + REFUND_DAYS.get(order.method, 3) * DAY
        self.db.execute(
            "INSERT INTO refund (order_id, aftersale_id, amount, state, created, due, method)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (order.id, case, amount, state, self.now, due, order.method),
        )
        return self.lens.day(due)

    def ticket(self, kind: str, order_id: str, text: str) -> str:
        """Leave a note for the shop's people; gives its number."""
        cursor = self.db.execute(
            "INSERT INTO ticket (user_id, kind, order_id, text, created) VALUES (?, ?, ?, ?, ?)",
            (self.user_id, kind, order_id, text[:500], self.now),
        )
        return f"T{cursor.lastrowid:05d}"
