"""Every slot of the retail pack, read from a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.understanding.reader import Reader, ReadingContext
from kefu.understanding.tiers import open_reader

MODEL = Path(__file__).parents[3] / "packs" / "retail" / "model"
NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


@pytest.fixture
async def reader() -> Reader:
    return await open_reader(MODEL)


@pytest.mark.parametrize(
    ("text", "slot", "raw", "value"),
    [
        ("订单DD20261102-7741到哪了", "order_id", "DD20261102-7741", "202611027741"),
        ("快递单号YT7788990011223一直不动", "tracking_no", "YT7788990011223", "YT7788990011223"),
        ("收货电话换成<PHONE_1>", "phone", "<PHONE_1>", "<PHONE_1>"),
        ("发票发到<EMAIL_1>", "email", "<EMAIL_1>", "<EMAIL_1>"),
        ("收件人改成王小明", "recipient", "王小明", "王小明"),
        ("发到新疆要几天", "address", "新疆", "新疆"),
        ("扫地机坏了", "product", "扫地机", "扫地机器人"),
        ("T恤换成黑色", "spec", "黑色", "黑色"),
        ("订单里改成十二箱", "quantity", "十二箱", "12"),
        ("刚买就便宜了壹佰块", "amount", "壹佰块", "100"),
        ("大前天买的怎么还不发货", "date", "大前天", "2026-11-18"),
        ("改到下午三点半送", "time", "下午三点半", "15:30"),
        ("尺码拍错了我要退货", "reason", "尺码拍错了", "尺码拍错了"),
        ("满300减50怎么用不了", "coupon", "满300减50", "满300减50"),
        ("黄金会员有什么权益", "member_level", "黄金会员", "金卡"),
        ("支付宝付不了款", "payment_method", "支付宝", "支付宝"),
        ("能不能发顺丰速运", "courier", "顺丰速运", "顺丰"),
        (
            "抬头:北京云杉科技有限公司",
            "invoice_title",
            "北京云杉科技有限公司",
            "北京云杉科技有限公司",
        ),
        ("税号是91110000802100433b", "tax_id", "91110000802100433b", "91110000802100433B"),
        ("乐品旗舰店的包裹", "store", "乐品旗舰店", "乐品旗舰店"),
    ],
)
async def test_each_slot_has_its_words_and_their_normal_form(
    reader: Reader, text: str, slot: str, raw: str, value: str
) -> None:
    meaning = (await reader.read_all([text], ReadingContext(NOW)))[0]
    found = {one.name: one for one in meaning.slots}
    assert (found[slot].raw, found[slot].value) == (raw, value)
    assert text[found[slot].start : found[slot].end] == raw


async def test_an_evening_belongs_to_its_hour(reader: Reader) -> None:
    meaning = (await reader.read_all(["明晚八点送来"], ReadingContext(NOW)))[0]
    assert any(slot.value.endswith("20:00") for slot in meaning.slots)


async def test_a_guess_keeps_its_words(reader: Reader) -> None:
    meaning = (await reader.read_all(["2月30号买的"], ReadingContext(NOW)))[0]
    assert {(slot.raw, slot.value) for slot in meaning.slots} == {("2月30号", "2月30号")}
