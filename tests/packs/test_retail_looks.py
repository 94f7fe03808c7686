"""Look-ups: which order is meant, and what customers are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packs.retail.shop.catalogue import sku_of
from packs.retail.shop.clock import wall
from packs.retail.shop.instructions import content
from packs.retail.shop.invoicing import tax_id_of, title_of
from packs.retail.shop.models import Coupon, Product, Sku
from packs.retail.shop.picking import order_digits
from packs.retail.shop.pricing import best_deal, freight
from packs.retail.shop.wording import yuan

from kefu.pack.tools import Customer, Personal

if TYPE_CHECKING:
    from packs.retail.tools import Tools

AsCustomer = Callable[..., Customer]


async def test_an_order_is_found_by_number_hyphens_tail_and_choice(
    tools: Tools, as_customer: AsCustomer
) -> None:
    customer = as_customer()
    names = await tools.fixtures(customer)
    for said in (
        names["paid"],
        names["paid_dashed"],
        names["paid_tail"],
        f"尾号{names['paid_tail']} 星澜手机A12(待发货)",
        f"#{names['paid_tail']} Starlan phone (to be shipped)",
    ):
        picked = await tools.pick_order(customer, order=said)
        assert picked["count"] == "one", said
        assert picked["order"]["id"] == names["paid"]


async def test_a_foreign_order_and_an_absent_one_look_the_same(
    tools: Tools, as_customer: AsCustomer
) -> None:
    customer = as_customer()
    foreign = (await tools.fixtures(customer))["foreign"]
    for look in (tools.pick_order, tools.order_overview, tools.track_parcel, tools.refund_progress):
        assert await look(customer, order=foreign) == await look(customer, order="2026000000000000")
    assert (await tools.pick_order(customer, order=foreign))["count"] == "none"


async def test_a_visitor_who_is_not_signed_in_learns_nothing(
    tools: Tools, as_customer: AsCustomer
) -> None:
    for user_id in (None, "U9999"):
        customer = as_customer(user_id)
        assert await tools.pick_order(customer) == {"count": "anonymous"}
        assert await tools.benefits(customer) == {"count": "anonymous"}
        assert (await tools.cancel_order(customer, "2026000000000000"))["ok"] is False


async def test_product_words_pick_the_order(tools: Tools, as_customer: AsCustomer) -> None:
    customer = as_customer()
    names = await tools.fixtures(customer)
    picked = await tools.pick_order(customer, product=names["paid_kind"], states=["paid"])
    assert picked["order"]["id"] == names["paid"]
    unrelated = await tools.pick_order(customer, product="飞机", states=["paid"])
    assert unrelated["count"] == "one"


async def test_a_number_from_earlier_talk_gives_way_to_orders_that_fit(
    tools: Tools, as_customer: AsCustomer
) -> None:
    customer = as_customer()
    names = await tools.fixtures(customer)
    named = await tools.pick_order(customer, order=names["moving"], states=["paid"])
    assert (named["fits"], named["order"]["id"]) == (False, names["moving"])
    earlier = await tools.pick_order(customer, order=names["moving"], states=["paid"], named=None)
    assert (earlier["fits"], earlier["order"]["id"]) == (True, names["paid"])


async def test_personal_fields_are_marked(tools: Tools, as_customer: AsCustomer) -> None:
    customer = as_customer()
    order = (await tools.pick_order(customer, states=["paid"]))["order"]
    kinds = [order[name].kind for name in ("recipient", "phone", "address")]
    assert kinds == ["name", "phone", "address"]
    assert all(isinstance(order[name], Personal) for name in ("recipient", "phone", "address"))


async def test_every_look_speaks_english_too(tools: Tools, as_customer: AsCustomer) -> None:
    customer = as_customer(locale="en")
    view = await tools.order_overview(customer)
    listing = await tools.track_parcel(customer)
    coupons = await tools.coupons(customer, amount="350")
    for text in (view["lines"], listing["lines"], coupons["lines"]):
        assert not any("\u4e00" <= char <= "\u9fff" for char in text)


async def test_the_same_session_always_plays_the_same_customer(tools: Tools) -> None:
    played = {tools.demo_customer(f"session-{n}") for n in range(2000)}
    assert tools.demo_customer("abc") == tools.demo_customer("abc")
    assert len(played) > 190
    assert all("U0001" <= user_id <= "U0200" for user_id in played)


async def test_products_are_found_by_kind_brand_and_model(
    tools: Tools, as_customer: AsCustomer
) -> None:
    customer = as_customer()
    found = await tools.find_product(customer, product="空气炸锅")
    name = found["product"]["name"]
    assert "空气炸锅" in name
    assert (await tools.find_product(customer, product=name))["product"]["name"] == name
    assert (await tools.find_product(customer, product="宇宙飞船"))["count"] == "none"
    assert (await tools.find_product(customer, product="air fryer"))["count"] == "many"


async def test_a_recommendation_keeps_to_the_budget(tools: Tools, as_customer: AsCustomer) -> None:
    cheap = await tools.recommend(as_customer(), product="手机", amount="1")
    fair = await tools.recommend(as_customer(), product="手机", amount="6000元")
    assert (cheap["within"], fair["within"]) == (False, True)


async def test_what_is_not_sold_here_is_said_so(tools: Tools, as_customer: AsCustomer) -> None:
    customer = as_customer()
    for asked in ("iphone15", "手机壳", "华为手机"):
        found = await tools.find_product(customer, now=asked, said=f"{asked}多少钱")
        assert (found["strange"], found["asked"]) == (True, asked)
        assert "手机" in found["lines"]
    assert (await tools.find_product(customer, said="苹果多少钱"))["count"] == "none"
    plain = await tools.find_product(customer, said="有书桌吗")
    assert plain["count"] == "many"


async def test_a_size_is_no_budget_and_a_place_is_one_of_those_shown(
    tools: Tools, as_customer: AsCustomer
) -> None:
    customer = as_customer()
    none = await tools.recommend(customer, product="冰箱", amount="500", said="有没有500升以上的")
    assert (none["why"], none["size"]) == ("no_size", "500升以上")
    large = await tools.recommend(customer, product="冰箱", amount="400", said="400升以上的")
    assert (large["why"], large["count"]) == ("", "many")
    red = await tools.recommend(customer, product="蓝牙耳机", spec="红色", said="有红色的吗")
    assert (red["why"], red["colours"]) == ("no_spec", "白色、黑色")
    names = large["shown"].split("、")
    second = await tools.find_product(customer, said="第二款多少钱", shown=large["shown"])
    assert second["product"]["name"] == names[1]
    last = await tools.find_product(customer, said="最后一款有货吗", shown=large["shown"])
    assert last["product"]["name"] == names[-1]


@pytest.mark.parametrize("colour", ["灰色", "红色"])
async def test_a_colour_is_answered_for_the_product_talked_about(
    tools: Tools, as_customer: AsCustomer, colour: str
) -> None:
    found = await tools.find_product(as_customer(), product="北辰羽绒服T130", spec=colour)
    assert (found["talk"], found["spec_known"]) == ("北辰羽绒服T130", False)
    assert found["available"] == "蓝色、黑色"


async def test_two_processes_see_each_others_changes(
    tools: Tools, shop_dir: Path, as_customer: AsCustomer
) -> None:
    from packs.retail.tools import connect

    customer = as_customer()
    names = await tools.fixtures(customer)
    other = await connect(shop_dir)
    assert (await other.pick_order(customer, order=names["paid"]))["order"]["state"] == "paid"
    await tools.cancel_order(as_customer(), names["paid"])
    other._store._checked = 0.0  # the few milliseconds a look-up may lag are over
    seen = await other.pick_order(customer, order=names["paid"])
    assert seen["order"]["state"] == "cancelled"
    await other.close()


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("2026107676537628", "2026107676537628"),
        ("20261076-76537628", "2026107676537628"),
        ("尾号7628", "7628"),
        ("尾号7628 木槿拖鞋G561(待发货)", "7628"),
        ("那个", ""),
        (None, ""),
    ],
)
def test_digits_that_name_an_order(said: str | None, digits: str) -> None:
    assert order_digits(said) == digits


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("帮我备注一下包装结实点", "包装结实点"),
        ("订单2026107676537628备注:放门口", "放门口"),
        ("我要加个备注", ""),
        ("我要改配送时间", ""),
        ("给尾号4939加个备注", ""),
        ("please add a note: wrap it well", "wrap it well"),
        ("能送到菜鸟驿站吗", "送到菜鸟驿站"),
        ("放门口可以吗？谢谢", "放门口"),
        ("能不能送货上门行不行", "送货上门"),
        (None, ""),
    ],
)
def test_what_a_wish_says_beyond_itself(said: str | None, rest: str) -> None:
    assert content(said) == rest


@pytest.mark.parametrize(
    ("said", "wish", "title"),
    [
        ("个人就行", None, "个人"),
        ("123456", None, None),
        ("公司", None, None),
        ("某某公司", "抬头别的公司", "某某公司"),
        (None, "开发票，抬头：某某公司，税号91110108MA01ABCD2X", "某某公司"),
        (None, "发票抬头写错了能改吗", None),
    ],
)
def test_what_is_a_title_of_an_invoice(
    said: str | None, wish: str | None, title: str | None
) -> None:
    assert title_of(said, wish) == title


def test_a_tax_number_is_found_wherever_it_was_said() -> None:
    assert tax_id_of(None, "尾号1234，91110108ma01abcd2x") == "91110108MA01ABCD2X"
    assert tax_id_of("税号是 440300123456789") == "440300123456789"
    assert tax_id_of("订单2026107676537628", "") is None


async def test_the_newest_day_and_time_of_a_wish_count(
    tools: Tools, as_customer: AsCustomer
) -> None:
    customer, day = as_customer(), (wall() + timedelta(days=2)).date().isoformat()
    wishes = {
        "能送到菜鸟驿站吗": "后天上午，送到菜鸟驿站",
        "能不能明天下午再送": "后天上午再送",
        "改派送时间": "后天上午送",
    }
    for said, text in wishes.items():
        wish = await tools.instruction(customer, said=said, date=day, time="08:00/12:00")
        assert wish == {"text": text, "there": True}
    answered = await tools.instruction(customer, said="改派送时间", answer="上门")
    assert answered["text"] == "上门"
    assert not (await tools.instruction(customer, said="改派送时间"))["there"]
    english = await tools.instruction(
        as_customer(locale="en"), said="leave it at the door", date=day
    )
    assert english["text"] == "the day after tomorrow, leave it at the door"


def _coupon(id: int, group: str, off: int = 0, percent: int = 0) -> Coupon:
    return Coupon(id, str(id), str(id), group, 0, off, percent, "", 10**9, False)


def test_the_best_deal_combines_groups_but_never_a_percentage_with_money() -> None:
    shop, platform = _coupon(1, "shop", off=5000), _coupon(2, "platform", off=2000)
    percent, free = _coupon(3, "platform", percent=90), _coupon(4, "freight")
    assert best_deal([shop, platform, percent, free], 35000, 600).off == 7600
    assert best_deal([shop, percent], 100000, 0).coupons == (percent,)
    assert best_deal([], 100, 0).off == 0


def test_freight_is_free_from_the_threshold_but_not_to_remote_regions() -> None:
    assert [freight(4800, ""), freight(4900, ""), freight(4900, "新疆乌鲁木齐")] == [600, 0, 1500]


def test_a_spec_keeps_the_part_that_is_not_named() -> None:
    skus = tuple(Sku(spec, 5, 0) for spec in ("黑色 M", "黑色 L", "白色 M", "白色 L"))
    shirt = Product(1, "a", "a", "T恤", "b", 1, "", "", 0, False, 0, skus)
    assert sku_of(shirt, "白色", "黑色 L") == skus[3]
    assert sku_of(shirt, "白色m码", "黑色 L") == skus[2]
    assert sku_of(shirt, "紫色", "黑色 L") is None


def test_money_is_written_without_idle_zeros() -> None:
    assert [yuan(12900), yuan(12990), yuan(5)] == ["129", "129.9", "0.05"]
