"""Personal data at rest is sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.dialogue.sealing import KEY_BYTES, Sealer
from kefu.errors import SettingsError


def test_what_was_sealed_opens_with_the_same_key_only() -> None:
    sealer, other = Sealer(b"k" * KEY_BYTES), Sealer(b"o" * KEY_BYTES)
    sealed = sealer.seal({"<PHONE_1>": "13800138000"})
    assert b"13800138000" not in sealed
    assert sealer.open(sealed) == {"<PHONE_1>": "13800138000"}
    with pytest.raises(SettingsError, match="vault_key"):
        other.open(sealed)


def test_nothing_is_sealed_as_nothing() -> None:
    sealer = Sealer(b"k" * KEY_BYTES)
    assert sealer.seal({}) == b""
    assert sealer.open(b"") == {}


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    first = Sealer.from_file(path)
    again = Sealer.from_file(path)
    assert path.stat().st_mode & 0o077 == 0
    assert again.open(first.seal({"a": "b"})) == {"a": "b"}
    assert [child.name for child in tmp_path.iterdir()] == ["vault.key"]


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(SettingsError, match="vault_key"):
        Sealer(b"short")


def test_fingerprints_tell_equal_texts_and_need_the_key() -> None:
    sealer = Sealer(b"k" * KEY_BYTES)
    assert sealer.fingerprint("13800138000") == sealer.fingerprint("13800138000")
    assert sealer.fingerprint("13800138000") != sealer.fingerprint("13800138001")
    assert sealer.fingerprint("1") != Sealer(b"o" * KEY_BYTES).fingerprint("1")
