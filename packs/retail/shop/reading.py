"""Rows of the database as values."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from .models import (
    Aftersale,
    Complaint,
    Coupon,
    Dossier,
    Event,
    Invoice,
    Item,
    Order,
    Parcel,
    Product,
    Refund,
    Shopper,
    Sku,
)

Row = tuple[Any, ...]


def read_products(db: sqlite3.Connection) -> dict[int, Product]:
    """All products by id."""
    skus = _grouped(db.execute("SELECT product_id, spec, stock, restock_days FROM sku"))
    prices = _grouped(db.execute("SELECT product_id, at, price FROM price ORDER BY at"))
    return {
        row[0]: Product(
            *(
                *row[:9],
                bool(row[9]),
                row[10],
                tuple(Sku(*sku) for sku in skus[row[0]]),
                tuple(prices[row[0]]),
            )
        )
        for row in db.execute("SELECT * FROM product")
    }


def read_dossier(db: sqlite3.Connection, user_id: str) -> Dossier:
    """All that belongs to one customer, who exists."""
    row = db.execute("SELECT * FROM customer WHERE id = ?", (user_id,)).fetchone()
    orders = tuple(_orders(db, user_id))
    coupons = db.execute(_COUPONS, (user_id,))
    return Dossier(
        Shopper(*row),
        orders,
        tuple(Coupon(*(*coupon[:-1], bool(coupon[-1]))) for coupon in coupons),
        tuple(Complaint(*row) for row in db.execute(_COMPLAINTS, (user_id,))),
        {order.id: order for order in orders},
    )


def read_order(db: sqlite3.Connection, user_id: str, order_id: str) -> Order | None:
    """One order, if it is this customer's."""
    return next((order for order in _orders(db, user_id) if order.id == order_id), None)


def _orders(db: sqlite3.Connection, user_id: str) -> Iterable[Order]:
    items = _grouped(db.execute(_ITEMS, (user_id,)))
    events = _grouped(db.execute(_OF.format("at, zh, en", "event", "at"), (user_id,)))
    parcels = _grouped(db.execute(_PARCELS, (user_id,)))
    refunds = _grouped(db.execute(_REFUNDS, (user_id,)))
    cases = _grouped(db.execute(_CASES, (user_id,)))
    invoices = _grouped(db.execute(_INVOICES, (user_id,)))
    for row in db.execute(_ORDERS, (user_id,)):
        id = row[0]
        belongings = (
            tuple(Item(*item) for item in items[id]),
            _parcel(parcels[id], events[id]),
            tuple(Refund(*refund) for refund in refunds[id]),
            tuple(Aftersale(*case) for case in cases[id]),
            Invoice(*invoices[id][0]) if invoices[id] else None,
        )
        yield Order(*(*row[:8], bool(row[8]), *row[9:], *belongings))


def _parcel(parcels: list[Row], events: list[Row]) -> Parcel | None:
    if not parcels:
        return None
    return Parcel(*(*parcels[0], tuple(Event(*event) for event in events)))


def _grouped(rows: Iterable[Row]) -> defaultdict[Any, list[Row]]:
    """The rows by their first column."""
    groups: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row[1:])
    return groups


_ORDERS = """
SELECT id, state, created, paid_at, ship_by, shipped_at, signed_at, paid, charged_twice,
  discount, freight, method, recipient, phone, address, note, urged, protected
FROM orders WHERE user_id = ? ORDER BY created DESC, id"""
_OF = """
SELECT order_id, {} FROM {} WHERE order_id IN (SELECT id FROM orders WHERE user_id = ?)
ORDER BY order_id, {}"""
_ITEMS = """
SELECT order_id, line, product_id, name, name_en, spec, quantity, item.price
FROM item JOIN product ON product.id = product_id
WHERE order_id IN (SELECT id FROM orders WHERE user_id = ?) ORDER BY order_id, line"""
_PARCELS = _OF.format("tracking_no, courier, stage, eta, wish", "parcel", "order_id")
_REFUNDS = _OF.format("id, aftersale_id, amount, state, created, due, method", "refund", "id")
_CASES = _OF.format("id, kind, state, reason, created, updated, amount", "aftersale", "id")
_INVOICES = _OF.format("title, tax_id, email, state, amount", "invoice", "order_id")
_COMPLAINTS = """
SELECT id, order_id, created FROM ticket WHERE user_id = ? AND kind = 'complaint' ORDER BY id DESC"""
_COUPONS = """
SELECT id, name, name_en, grp, threshold, off, percent, category, ends, used
FROM coupon WHERE user_id = ?"""
