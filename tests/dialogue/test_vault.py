"""Placeholders stand for personal data, one to one, for the length of a conversation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kefu.dialogue.vault import LONGEST_PLACEHOLDER, PLACEHOLDER, Vault

KINDS = st.sampled_from(["phone", "id_card", "bank_card", "address", "name", "email"])


@given(st.lists(st.tuples(KINDS, st.text(min_size=1, max_size=9)), max_size=30))
def test_the_same_value_always_has_the_same_placeholder(pairs: list[tuple[str, str]]) -> None:
    vault = Vault({})
    first = {raw: vault.keep(kind, raw) for kind, raw in pairs}
    later = Vault(vault.values)
    for kind, raw in pairs:
        assert vault.keep(kind, raw) == later.keep(kind, raw)
    assert later.added == {}
    assert len(set(first.values())) == len(first)


def test_every_placeholder_matches_its_pattern_and_length() -> None:
    vault = Vault({})
    for number in range(12):
        placeholder = vault.keep("bank_card", str(number))
        assert PLACEHOLDER.fullmatch(placeholder)
        assert len(placeholder) <= LONGEST_PLACEHOLDER


def test_a_placeholder_that_nobody_made_disappears() -> None:
    assert Vault({"<PHONE_1>": "138"}).reveal("打<PHONE_1>或<PHONE_2>") == "打138或"


def test_only_new_values_count_as_added() -> None:
    vault = Vault({"<PHONE_1>": "138"})
    assert vault.keep("phone", "138") == "<PHONE_1>"
    assert vault.keep("phone", "139") == "<PHONE_2>"
    assert vault.added == {"<PHONE_2>": "139"}
