from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kefu.dialogue.vault import Vault
from kefu.guarding.hearing import hear
from kefu.messages import Intent, Meaning, Slot


def test_personal_data_is_masked_and_found_again() -> None:
    heard = hear("请打１３８００１３８０００,謝謝")
    assert heard.masked == "请打<PHONE_1>,谢谢"
    at = heard.masked.index("<")
    meaning = Meaning(
        (Intent("inform", 0.9, 0, len(heard.masked)),),
        (Slot("phone", "<PHONE_1>", "<PHONE_1>", at, at + len("<PHONE_1>")),),
    )
    restored = heard.restored(meaning)
    assert restored.slots == (Slot("phone", "１３８００１３８０００", "13800138000", 2, 13),)
    assert restored.intents == (Intent("inform", 0.9, 0, 16),)


def test_values_are_given_back_as_they_were_written() -> None:
    heard = hear("退  ５件 運動鞋")
    start = heard.masked.index("运动鞋")
    slot = Slot("product", "运动鞋", "运动鞋", start, start + 3)
    restored = heard.restored(Meaning((Intent("x", 1.0),), (slot,)))
    assert (restored.slots[0].raw, restored.slots[0].value) == ("運動鞋", "运动鞋")
    assert restored.intents == (Intent("x", 1.0),)


def test_a_value_without_a_place_is_only_revealed() -> None:
    heard = hear("打13800138000")
    restored = heard.restored(Meaning((), (Slot("phone", "<PHONE_1>", "<PHONE_1>"),)))
    assert restored.slots == (Slot("phone", "13800138000", "13800138000"),)


def test_a_text_that_is_masked_already_stays_as_it_is() -> None:
    heard = hear("打<PHONE_3>")
    assert heard.masked == "打<PHONE_3>"
    restored = heard.restored(Meaning((), (Slot("phone", "<PHONE_3>", "<PHONE_3>", 1, 10),)))
    assert restored.slots[0].raw == restored.slots[0].value == "<PHONE_3>"


def test_one_vault_names_one_value_once() -> None:
    vault = Vault({})
    assert hear("打13800138000", vault).masked == hear("还是13800138000", vault).masked.replace(
        "还是", "打"
    )


@given(
    st.lists(
        st.sampled_from(["13800138000", "a@b.com", "收件人王芳", " ", "訂單", "ＡＢ", "，", "改"]),
        max_size=8,
    )
)
def test_every_place_leads_back_into_the_text(words: list[str]) -> None:
    text = "".join(words)
    heard = hear(text)
    for start in range(len(heard.masked)):
        for end in range(start + 1, len(heard.masked) + 1):
            first, last = heard.span(start, end)
            assert 0 <= first < last <= len(text)
    if heard.masked:
        whole = heard.span(0, len(heard.masked))
        assert text[slice(*whole)].strip() == text.strip()
