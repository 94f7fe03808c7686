from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.understanding.clauses import split
from kefu.understanding.concepts import Concepts
from kefu.understanding.gazetteer import Gazetteer, codes
from kefu.understanding.moods import CUES, cues, is_plain
from kefu.understanding.ngrams import features, shape
from kefu.understanding.text import flatten, fold


def pieces(text: str, extra: tuple[int, ...] = ()) -> list[str]:
    return [text[start:end] for start, end in split(text, extra)]


def test_a_placeholder_is_one_character_wide_and_leads_back() -> None:
    flat = flatten("打<PHONE_1>给<NAME_12>")
    assert len(flat.text) == 4
    assert flat.raw(1, 2) == "<PHONE_1>"
    assert flat.raw(3, 4) == "<NAME_12>"
    assert flat.span(0, 4) == (0, len("打<PHONE_1>给<NAME_12>"))


def test_an_unknown_placeholder_is_still_one_character() -> None:
    assert len(flatten("<UFO_1>").text) == 1


@given(st.text(max_size=60))
def test_folding_never_changes_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(max_size=60))
def test_flat_spans_cover_the_source(text: str) -> None:
    flat = flatten(text)
    assert flat.span(0, len(flat.text)) == (0, len(text))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "帮我查下订单,顺便把地址改了,怎么还不发货",
            ["帮我查下订单", "顺便把地址改了", "怎么还不发货"],
        ),
        ("查物流 改地址", ["查物流", "改地址"]),
        ("check my order and cancel it", ["check my order", "and cancel it"]),
        ("还有货吗", ["还有货吗"]),
        ("花了1,299元", ["花了1,299元"]),
        ("9.9包邮", ["9.9包邮"]),
        ("!!!", []),
    ],
)
def test_clauses_end_at_punctuation_and_connectives(text: str, clauses: list[str]) -> None:
    assert pieces(text) == clauses


def test_a_model_may_cut_where_nothing_is_written() -> None:
    assert pieces("我要退货发票怎么开", (4,)) == ["我要退货", "发票怎么开"]


@given(st.text(max_size=80))
def test_clauses_are_in_order_and_apart(text: str) -> None:
    spans = split(fold(text))
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_numbers_look_alike_to_the_model() -> None:
    assert shape("订单202611180042187") == shape("订单202601010000001")
    assert shape("买12件") == shape("买34件")
    assert shape("iphone15") != shape("iphone")


def test_latin_words_are_features_of_their_own() -> None:
    found = set(features("where is it"))
    assert "\ue003where" in found
    assert "\ue003where\ue003is" in found


def test_concepts_stand_for_their_words_in_the_order_said() -> None:
    concepts = Concepts({"refund": ("退款", "money back"), "parcel": ("快递",)})
    assert "@refund" in set(concepts.features("i want my money back"))
    assert "@parcel>refund" not in set(concepts.features("快递退款")) - {"@parcel>refund"}
    assert "@parcel>refund" in set(concepts.features("快递退款"))
    assert "@refund" not in set(concepts.features("xmoney backx"))


def test_dictionary_words_stand_alone_and_are_told_apart() -> None:
    gazetteer = Gazetteer(["product", "courier"], {"product": ("T恤", "tv"), "courier": ("顺丰",)})
    words = gazetteer.find("t恤用顺丰发,不是mtv")
    assert [(word.slot, word.start, word.end) for word in words] == [(0, 0, 2), (1, 3, 5)]
    assert codes(words, 6).tolist() == [3, 2, 0, 5, 4, 0]


def test_cues_have_a_fixed_width() -> None:
    assert len(cues("你们真行,三天了还没发货!!")) == CUES
    assert len(cues("")) == CUES


def test_a_text_without_words_of_mood_is_plain() -> None:
    assert is_plain("订单到哪里了")
    assert not is_plain("你们太差劲了")
