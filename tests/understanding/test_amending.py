"""A piece of an address puts the held one right."""

from __future__ import annotations

import pytest

from kefu.dialogue.vault import Vault
from kefu.messages import Intent, Meaning
from kefu.understanding.amending import amended

HOME = "浙江省杭州市西湖区文二路28号3幢501室"
TOLD = Meaning((Intent("deny", 0.9), Intent("inform", 0.9)), corrects=True, withdrawn=("address",))


@pytest.mark.parametrize(
    ("text", "home", "now"),
    [
        ("不对，是88号", HOME, "浙江省杭州市西湖区文二路88号3幢501室"),
        ("等下，改成5幢", HOME, "浙江省杭州市西湖区文二路28号5幢501室"),
        ("不对，是文三路", HOME, "浙江省杭州市西湖区文三路28号3幢501室"),
        ("错了，是602室", HOME, "浙江省杭州市西湖区文二路28号3幢602室"),
    ],
)
def test_the_part_takes_its_place_and_nothing_raw_is_left_in_the_meaning(
    text: str, home: str, now: str
) -> None:
    vault = Vault({"<ADDRESS_1>": home})
    meaning = amended(TOLD, text, {"address": "<ADDRESS_1>"}, vault)
    assert meaning.withdrawn == ()
    assert [slot.value for slot in meaning.slots] == ["<ADDRESS_2>"]
    assert vault.added == {"<ADDRESS_2>": now}
    slot = meaning.slots[0]
    assert text[slot.start : slot.end] == slot.raw


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("不对，是88号", "杭州市"),  # still no address
        ("不对，是28号", HOME),  # as it was
        ("不对", HOME),
        ("不对，是尾号8899那个", HOME),
    ],
)
def test_what_makes_no_address_is_asked_for_again(text: str, home: str) -> None:
    vault = Vault({"<ADDRESS_1>": home})
    assert amended(TOLD, text, {"address": "<ADDRESS_1>"}, vault) is TOLD
    assert vault.added == {}


def test_a_meaning_that_withdraws_nothing_stays() -> None:
    plain = Meaning((Intent("inform", 0.9),))
    assert amended(plain, "改成88号", {"address": "杭州市西湖区文二路28号"}, Vault({})) is plain
