from __future__ import annotations

import pytest

from kefu.answering.flows.consent import consent, drops
from kefu.answering.flows.picking import picked
from kefu.answering.flows.scope import conceal, fingerprint, reveal
from kefu.dialogue.vault import Vault
from kefu.messages import Intent, Meaning
from kefu.pack.tools import Personal

CHOICES = ("A163 跑步鞋 12358899", "A164 帽子 20231102", "A165 手机 20231103")


def meaning(*names: str, confidence: float = 0.9) -> Meaning:
    return Meaning(tuple(Intent(name, confidence) for name in names))


@pytest.mark.parametrize(
    "text",
    [
        "好的,改吧",
        "好的，改吧。",
        "是",
        "确认",
        "嗯嗯",
        "可以，谢谢",
        "没问题",
        "没错",
        "确认取消",
        "OK",
        "yes please",
        "Go ahead!",
    ],
)
def test_a_plain_yes_is_a_yes_whatever_the_model_says(text: str) -> None:
    assert consent(meaning("out_of_scope"), text) is True


@pytest.mark.parametrize(
    "text",
    ["不要", "不", "不用了", "算了", "先不改了", "不改了，谢谢", "no", "never mind", "No thanks"],
)
def test_a_plain_no_is_a_no(text: str) -> None:
    assert consent(meaning("affirm"), text) is False


@pytest.mark.parametrize(
    "text", ["可以改吗？", "再等等吧", "取消吧", "不是，别改", "为什么要改", "好" * 30 + "x", ""]
)
def test_what_is_neither_is_neither(text: str) -> None:
    assert consent(meaning("inform"), text) is None


def test_the_readers_word_counts_unless_the_text_says_otherwise() -> None:
    assert consent(meaning("affirm"), "你看着办就成") is True
    assert consent(meaning("affirm", confidence=0.3), "你看着办就成") is None
    assert consent(meaning("affirm"), "你先别动它") is None
    assert consent(meaning("deny"), "我改主意啦") is False
    assert consent(meaning("affirm", "deny"), "这个那个") is None


def test_only_a_clear_word_drops_a_matter() -> None:
    assert drops("算了，谢谢")
    assert drops("Never mind")
    assert not drops("不知道")
    assert not drops("算了" * 40)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("第二个", 1),
        ("2", 1),
        ("选1", 0),
        ("第三件吧", 2),
        ("最后一个", 2),
        ("the second one", 1),
        ("the 3rd", 2),
        ("last one please", 2),
        ("尾号8899那个", 0),
        ("8899", 0),
        ("我要帽子的吧", 1),
        ("A165 手机 20231103", 2),
    ],
)
def test_a_choice_is_understood(text: str, index: int) -> None:
    assert picked(text, CHOICES) == CHOICES[index]


@pytest.mark.parametrize(
    "text", ["2个都要", "随便", "第五个", "A16", "这个第二天能到的话我就选它吧好不好呀", "", "2023"]
)
def test_what_names_none_or_several_picks_none(text: str) -> None:
    assert picked(text, CHOICES) is None


def test_the_readers_value_goes_before_the_text() -> None:
    assert picked("就是那个", CHOICES, "8899") == CHOICES[0]
    assert picked("2", CHOICES, "777") is None
    assert picked("第一个", ()) is None


def test_personal_values_are_placeholders_for_flows_and_raw_for_tools() -> None:
    vault = Vault({})
    phone = Personal("phone", "13800138000")
    seen = conceal({"rows": [{"phone": phone}, (phone, 3)], "n": 1, "name": "x"}, vault)
    assert seen == {"rows": [{"phone": "<PHONE_1>"}, ["<PHONE_1>", 3]], "n": 1, "name": "x"}
    raw = reveal({"to": ["<PHONE_1>"], "n": 1, "who": {"tel": "打<PHONE_1>"}}, vault)
    assert raw == {"to": ["13800138000"], "n": 1, "who": {"tel": "打13800138000"}}


def test_a_fingerprint_names_tool_and_arguments_in_any_order() -> None:
    assert fingerprint("a", {"x": 1, "y": "二"}) == fingerprint("a", {"y": "二", "x": 1})
    assert fingerprint("a", {"x": 1}) != fingerprint("b", {"x": 1})
    assert fingerprint("a", {"x": 1}) != fingerprint("a", {"x": 2})


@pytest.mark.parametrize("text", ["不想要了", "我不要了", "等等", "等一下", "hold on"])
def test_a_reason_or_a_second_thought_is_neither_yes_nor_no(text: str) -> None:
    for said in ("affirm", "deny", "inform"):
        assert consent(meaning(said), text) is None
