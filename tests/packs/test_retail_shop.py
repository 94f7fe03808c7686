"""The demo shop's data: the same seed makes the same shop, and it holds what customers ask about."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packs.retail.shop.clock import Clock
from packs.retail.shop.opening import open_shop
from packs.retail.shop.reading import read_dossier
from packs.retail.shop.rules import DAY
from packs.retail.shop.schema import SEED
from packs.retail.shop.seeding import luhn, make


def _one(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])


def test_the_same_seed_makes_the_same_shop() -> None:
    assert make(7) == make(7)
    assert make(7).orders != make(8).orders


def test_the_shop_has_the_promised_size(made_shop: Path) -> None:
    db = sqlite3.connect(made_shop)
    assert _one(db, "SELECT count(*) FROM customer") == 200
    assert _one(db, "SELECT count(*) FROM product") == 5000
    assert _one(db, "SELECT count(*) FROM orders") == 2000
    assert _one(db, "SELECT min(n) FROM (SELECT count(*) n FROM price GROUP BY product_id)") == 3
    levels = {row[0] for row in db.execute("SELECT DISTINCT level FROM customer")}
    assert levels == {"普通", "银卡", "金卡", "黑金"}
    db.close()


def test_every_customer_has_an_order_for_every_question(made_shop: Path) -> None:
    db = open_shop(made_shop)
    for number in range(1, 201):
        orders = read_dossier(db, f"U{number:04d}").orders
        states = {order.shown_state for order in orders}
        assert len(orders) == 10
        assert {"paid", "shipped", "signed", "cancelled", "aftersale"} <= states
        assert len({order.tail for order in orders}) == 10
    db.close()


def test_no_order_id_can_be_taken_for_a_bank_card() -> None:
    ids = [row[0] for row in make(SEED).orders]
    assert len(set(ids)) == 2000
    assert all(len(id) == 16 and id.startswith("2026") and not luhn(id) for id in ids)


def test_luhn_knows_a_card_number() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")


def test_refunds_never_exceed_what_was_paid(made_shop: Path) -> None:
    db = sqlite3.connect(made_shop)
    query = """
        SELECT count(*) FROM orders WHERE paid < (
          SELECT coalesce(sum(amount), 0) FROM refund WHERE order_id = orders.id)"""
    assert _one(db, query) == 0
    db.close()


def test_another_seed_makes_the_file_anew_and_the_same_seed_keeps_it(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite3"
    open_shop(file, 1).close()
    first = open_shop(file, 1)
    first.execute("UPDATE customer SET name = 'kept' WHERE id = 'U0001'")
    first.close()
    again = open_shop(file, 1)
    assert _one(again, "SELECT count(*) FROM customer WHERE name = 'kept'") == 1
    again.close()
    other = open_shop(file, 2)
    assert _one(other, "SELECT count(*) FROM customer WHERE name = 'kept'") == 0
    other.close()


def test_the_clock_slides_by_whole_days() -> None:
    born = datetime(2026, 5, 1, 12, tzinfo=UTC)
    clock = Clock(int(born.timestamp()))
    for days in (0, 1, 400):
        now = born + timedelta(days=days, hours=5)
        assert clock.seconds(now) == 5 * 3600
        assert clock.at(-DAY, now) == now - timedelta(days=1, hours=5)


def test_what_happened_never_lies_ahead() -> None:
    born = datetime(2026, 5, 1, 12, tzinfo=UTC)
    clock = Clock(int(born.timestamp()))
    morning = born + timedelta(days=3, hours=2)
    assert clock.past(20 * 3600, morning) == morning
