"""Changes: owner and state are checked again, a key changes nothing twice, limits hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packs.retail.shop import aftersales, ordering, services
from packs.retail.shop.catalogue import Catalogue
from packs.retail.shop.clock import Clock
from packs.retail.shop.desk import Desk, Refused, Result
from packs.retail.shop.opening import open_shop
from packs.retail.shop.reading import read_dossier, read_products
from packs.retail.shop.rules import TOOL_A_DAY

from kefu.pack.tools import Customer

if TYPE_CHECKING:
    from packs.retail.tools import Tools

AsCustomer = Callable[..., Customer]


async def test_the_same_key_gives_the_first_result_and_changes_nothing_twice(
    tools: Tools, as_customer: AsCustomer
) -> None:
    customer = as_customer(key="s:1:order_note")
    paid = (await tools.fixtures(customer))["paid"]
    first = await tools.add_note(customer, paid, "轻放")
    assert await tools.add_note(customer, paid, "别的") == first
    assert (await tools.pick_order(customer, order=paid))["order"]["note"] == "轻放"


async def test_nobody_changes_a_foreign_order(tools: Tools, as_customer: AsCustomer) -> None:
    foreign = (await tools.fixtures(as_customer()))["foreign"]
    changes = (
        tools.cancel_order(as_customer(), foreign),
        tools.change_address(as_customer(), foreign, address="别处1号"),
        tools.urge_order(as_customer(), foreign),
        tools.apply_refund(as_customer(), foreign),
        tools.apply_invoice(as_customer(), foreign, "个人"),
        tools.file_complaint(as_customer(), foreign),
    )
    for change in changes:
        result = await change
        assert result == {"ok": False, "message": "没有查到这个订单"}


async def test_an_address_changes_only_before_shipping(
    tools: Tools, as_customer: AsCustomer
) -> None:
    names = await tools.fixtures(as_customer())
    done = await tools.change_address(as_customer(), names["paid"], address="某市某路1号")
    late = await tools.change_address(as_customer(), names["moving"], address="某市某路1号")
    empty = await tools.change_address(as_customer(), names["paid"])
    assert [done["ok"], late["ok"], empty["ok"]] == [True, False, False]
    order = (await tools.pick_order(as_customer(), order=names["paid"]))["order"]
    assert order["address"] == "某市某路1号"


async def test_a_cancelled_order_is_paid_back_and_can_be_restored(
    tools: Tools, as_customer: AsCustomer
) -> None:
    paid = (await tools.fixtures(as_customer()))["paid"]
    done = await tools.cancel_order(as_customer(), paid)
    gone = (await tools.pick_order(as_customer(), order=paid))["order"]
    assert (gone["state"], gone["refundable"]) == ("cancelled", "0")
    assert (await tools.withdraw_aftersale(as_customer(), paid))["ok"]
    back = (await tools.pick_order(as_customer(), order=paid))["order"]
    assert (back["state"], back["refundable"]) == ("paid", done["refund"])


async def test_one_request_at_a_time_per_order(tools: Tools, as_customer: AsCustomer) -> None:
    signed = (await tools.fixtures(as_customer()))["signed"]
    assert (await tools.apply_return(as_customer(), signed))["ok"]
    assert not (await tools.apply_exchange(as_customer(), signed))["ok"]
    assert not (await tools.apply_refund(as_customer(), signed, cents=100))["ok"]


async def test_price_protection_pays_once(tools: Tools, as_customer: AsCustomer) -> None:
    signed = (await tools.fixtures(as_customer()))["signed"]
    assert (await tools.apply_price_protection(as_customer(), signed))["ok"]
    assert not (await tools.apply_price_protection(as_customer(), signed))["ok"]


async def test_old_goods_are_not_taken_back(tools: Tools, as_customer: AsCustomer) -> None:
    old = (await tools.fixtures(as_customer()))["old"]
    for change in (
        tools.apply_return(as_customer(), old),
        tools.apply_exchange(as_customer(), old),
        tools.report_problem(as_customer(), old, "damaged"),
        tools.apply_price_protection(as_customer(), old),
    ):
        assert (await change)["ok"] is False


async def test_a_company_needs_a_tax_number(tools: Tools, as_customer: AsCustomer) -> None:
    signed = (await tools.fixtures(as_customer()))["signed"]
    bare = await tools.apply_invoice(as_customer(), signed, "示例科技有限公司")
    full = await tools.apply_invoice(
        as_customer(), signed, "示例科技有限公司", tax_id="91310000MA1K00000X"
    )
    assert [bare["ok"], full["ok"]] == [False, True]


async def test_a_day_has_its_limits(tools: Tools, as_customer: AsCustomer) -> None:
    most = TOOL_A_DAY["file_complaint"]
    results = [await tools.file_complaint(as_customer(), reason=str(n)) for n in range(most + 1)]
    assert [result["ok"] for result in results] == [True] * most + [False]


async def test_a_refused_change_leaves_no_trace(
    tools: Tools, shop_dir: Path, as_customer: AsCustomer
) -> None:
    customer = as_customer()
    names = await tools.fixtures(customer)
    assert not (await tools.apply_refund(as_customer(), names["signed"], cents=10**9))["ok"]
    db = sqlite3.connect(shop_dir / "shop.sqlite3")
    assert db.execute("SELECT count(*) FROM journal").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM effects").fetchone() == (0,)
    db.close()
    assert (await tools.apply_refund(as_customer(), names["signed"], cents=100))["ok"]


Work = Callable[[Desk, Catalogue, str, int], Result]
WORKS: dict[str, Work] = {
    "cancel": lambda desk, _, order, n: ordering.cancel_order(desk, order, ""),
    "fewer": lambda desk, cat, order, n: ordering.change_item(desk, cat, order, "", n),
    "return": lambda desk, _, order, n: aftersales.apply_return(desk, order, [0], ""),
    "exchange": lambda desk, cat, order, n: aftersales.apply_exchange(desk, cat, order, "", ""),
    "refund": lambda desk, _, order, n: aftersales.apply_refund(desk, order, n * 5000, ""),
    "report": lambda desk, _, order, n: aftersales.report(desk, order, "missing", ""),
    "lost": lambda desk, _, order, n: aftersales.report(desk, order, "lost", ""),
    "repair": lambda desk, cat, order, n: aftersales.book_repair(desk, cat, order, ""),
    "withdraw": lambda desk, _, order, n: aftersales.withdraw(desk, order),
    "protect": lambda desk, cat, order, n: aftersales.apply_price_protection(desk, cat, order),
    "invoice": lambda desk, _, order, n: services.apply_invoice(desk, order, "个人", "", ""),
    "install": lambda desk, cat, order, n: services.book_installation(desk, cat, order, "", ""),
    "note": lambda desk, _, order, n: ordering.add_note(desk, order, "轻放"),
    "deliver": lambda desk, _, order, n: ordering.change_delivery(desk, order, "放门口"),
    "urge": lambda desk, _, order, n: ordering.urge_order(desk, order),
    "push": lambda desk, _, order, n: ordering.urge_courier(desk, order),
}

Open = tuple[sqlite3.Connection, Catalogue, Clock]


@pytest.fixture(scope="module")
def opened(made_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """The shop as a connection of our own."""
    file = tmp_path_factory.mktemp("own") / "shop.sqlite3"
    file.write_bytes(made_shop.read_bytes())
    db = open_shop(file)
    born = db.execute("SELECT value FROM meta WHERE key = 'born'").fetchone()[0]
    yield db, Catalogue(read_products(db)), Clock(born)
    db.close()


@contextmanager
def _undone(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def _attempt(desk: Desk, work: Callable[[], Result]) -> None:
    """As the store does it: what is refused is undone."""
    desk.db.execute("SAVEPOINT one")
    try:
        work()
    except Refused:
        desk.db.execute("ROLLBACK TO one")
    desk.db.execute("RELEASE one")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    number=st.integers(1, 200),
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(WORKS)), st.integers(0, 9), st.integers(0, 3)), max_size=25
    ),
)
def test_no_sequence_of_changes_refunds_more_than_was_paid(
    opened: Open, number: int, steps: list[tuple[str, int, int]]
) -> None:
    db, catalogue, clock = opened
    user_id = f"U{number:04d}"
    with _undone(db):
        desk = Desk(db, user_id, "zh", clock)
        ids = [order.id for order in read_dossier(db, user_id).orders]
        for name, place, amount in steps:
            work = WORKS[name]
            _attempt(desk, lambda w=work, p=place, n=amount: w(desk, catalogue, ids[p], n))  # type: ignore[misc]  # bound now
        for order in read_dossier(db, user_id).orders:
            assert 0 <= order.refundable <= order.paid
            assert sum(1 for case in order.aftersales if case.open) <= 1
