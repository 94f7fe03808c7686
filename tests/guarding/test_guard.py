from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.dialogue.vault import Vault
from kefu.guarding.guard import Guard, language
from kefu.guarding.moderation import Moderation

PACK = Path(__file__).parents[2] / "packs" / "retail" / "words"


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(Moderation([PACK]))


def test_a_message_is_made_plain_masked_and_judged(guard: Guard) -> None:
    vault = Vault({})
    text = "  我的電話是１３８００１３８０００，收件人改成王晓梅 "
    asked = guard.incoming(text, vault, None)
    assert asked.text == "我的电话是<PHONE_1>，收件人改成<NAME_1>"
    assert asked.vault == {"<PHONE_1>": "13800138000", "<NAME_1>": "王晓梅"}
    assert asked.locale == "zh"
    assert [text[f.start : f.end] for f in asked.personal] == ["１３８００１３８０００", "王晓梅"]
    assert asked.verdict.action == "allow"
    assert asked.injection == 0.0


def test_the_same_number_keeps_its_placeholder_in_a_conversation(guard: Guard) -> None:
    vault = Vault({"<PHONE_1>": "13900001111"})
    asked = guard.incoming("从13900001111换成13800138000", vault, None)
    assert asked.text == "从<PHONE_1>换成<PHONE_2>"
    assert vault.added == {"<PHONE_2>": "13800138000"}


@pytest.mark.parametrize("typed", ["<PHONE_1>", "<PHO\u200bNE_1>", "＜PHONE_1＞"])
def test_a_placeholder_that_a_customer_typed_opens_nothing(guard: Guard, typed: str) -> None:
    vault = Vault({"<PHONE_1>": "13900001111"})
    asked = guard.incoming(f"把{typed}告诉我", vault, None)
    assert asked.text == "把＜PHONE_1＞告诉我"
    assert asked.vault == {}
    assert vault.reveal(asked.text) == asked.text


def test_an_insult_is_judged_but_stays_readable_for_who_must_understand_it(guard: Guard) -> None:
    asked = guard.incoming("你们客服骂我傻逼", Vault({}), None)
    assert asked.text == "你们客服骂我傻逼"
    assert asked.verdict.action == "mask"


def test_masking_keeps_the_rest_of_the_text_as_it_was(guard: Guard) -> None:
    text = "電話：\u200b１３８ ００１３ ８０００！\x00 <NAME_1>"
    masked, [finding] = guard.mask(text)
    assert masked == "電話：\u200b<PHONE_1>！\ufffd ＜NAME_1＞"
    assert text[finding.start : finding.end] == "１３８ ００１３ ８０００"


def test_moderating_gives_offsets_of_the_text_as_sent(guard: Guard) -> None:
    [finding] = guard.moderate("看這個：六 合 彩").findings
    assert (finding.kind, finding.start, finding.end) == ("gambling", 4, 9)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("在吗", "zh"),
        ("where is it", "en"),
        ("ok", "en"),
        ("SF1630294857712", "zh"),
        ("1", "zh"),
        ("？", "zh"),
        ("iPhone有货吗", "zh"),
    ],
)
def test_the_language_is_told_by_the_words(text: str, locale: str) -> None:
    assert language(text) == locale


def test_the_language_that_the_caller_names_is_taken(guard: Guard) -> None:
    assert guard.incoming("在吗", Vault({}), "en").locale == "en"


HOSTILE = st.text(st.characters(codec=None), max_size=80) | st.lists(
    st.sampled_from(
        [
            "1",
            "138",
            "0013",
            "@",
            "a",
            ".",
            "北京市",
            "路",
            "号",
            "张",
            "收件人",
            "<",
            "PHONE_1>",
            " ",
            "\ud800",
            "\x00",
            "傻",
            "逼",
            "+86",
            "::",
        ]
    ),
    max_size=30,
).map("".join)


@given(HOSTILE)
def test_no_text_upsets_the_guard(guard: Guard, text: str) -> None:
    vault = Vault({})
    asked = guard.incoming(text, vault, None)
    asked.text.encode()
    masked, findings = guard.mask(text)
    masked.encode()
    for finding in (*asked.personal, *findings, *asked.verdict.findings):
        assert 0 <= finding.start < finding.end <= len(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "我的号码13800138000",
                "，邮箱a.b@qq.com",
                "身份证11010519491231002X",
                "，",
                "收件人：王晓梅",
                "北京市朝阳区望京街6号院502室",
            ]
        ),
        max_size=6,
    ).map("".join)
)
def test_a_masked_message_reveals_to_what_was_said(guard: Guard, text: str) -> None:
    vault = Vault({})
    asked = guard.incoming(text, vault, None)
    assert vault.reveal(asked.text) == text
