from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.guarding.normalise import Normalised, normalise


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("我想退货，谢谢！", "我想退货，谢谢！"),
        ("１３８００１３８０００", "13800138000"),
        ("ＡＢＣ＠ｑｑ．ｃｏｍ", "ABC@qq.com"),
        ("幫我查一下訂單，謝謝妳", "帮我查一下订单，谢谢你"),
        ("退\u200b货\u00ad吧\ufeff", "退货吧"),
        ("退\u202e货\u2066吧\u2069", "退货吧"),
        ("退\U000e0041\U000e0042货", "退货"),
        ("❤\ufe0f好", "❤好"),
        ("①②⑩❶🅰", "12101A"),
        ("x²㎏", "x2kg"),
        ("𝐡𝐞𝐥𝐥𝐨 𝟙𝟛𝟠", "hello 138"),
        ("f\u0336u\u0336n", "fun"),
        ("раураl", "paypal"),
        ("сор", "cop"),
        ("привет, сор", "привет, сор"),
        ("купил iРhоnе", "купил iPhone"),
        ("5μm", "5μm"),
        ("a\x00b\ud800c", "abc"),
        ("  在\t\t吗\u3000 ？ ", "在 吗 ？"),
        ("一\r\n\r\n二 \n 三", "一\n二\n三"),
        ("138‑0013‐8000", "138-0013-8000"),
        ("＜PHONE_1＞", "＜PHONE_1＞"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_a_text_is_made_plain(written: str, read: str) -> None:
    assert normalise(written).text == read


def test_a_plain_text_is_left_as_it_is() -> None:
    text = "帮我查下订单,顺便把地址改了,怎么还不发货"
    assert normalise(text) == Normalised(text, None)


def test_offsets_lead_back_to_what_was_written() -> None:
    text = "\u200b我的 \u3000號碼是⑩\u200b⑧！"
    plain = normalise(text)
    start = plain.text.index("号码")
    low, high = plain.original(start, start + 2)
    assert text[low:high] == "號碼"
    start = plain.text.index("108")
    low, high = plain.original(start, start + 3)
    assert text[low:high] == "⑩\u200b⑧"


@given(st.text(st.characters(codec=None)))
def test_any_text_has_an_offset_for_every_character(text: str) -> None:
    plain = normalise(text)
    if plain.offsets is None:
        assert plain.text == text
        return
    assert len(plain.offsets) == len(plain.text)
    assert list(plain.offsets) == sorted(plain.offsets)
    assert all(0 <= offset < len(text) for offset in plain.offsets)


@given(st.text())
def test_a_plain_text_stays_as_it_is_when_it_is_made_plain_again(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once
