"""Sealing: personal data at rest, encrypted with AES-256-GCM (NIST SP 800-38D)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kefu.errors import SettingsError

KEY_BYTES = 32
NONCE_BYTES = 12


class Sealer:
    """Seals small maps with one key; also makes keyed fingerprints of texts.

    The fingerprint is keyed, because the plain hash of a phone number is as good as the number.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SettingsError(f"storage.vault_key: {KEY_BYTES} bytes in hex are needed")
        self._aead = AESGCM(key)
        self._fingerprint_key = hashlib.blake2b(key, digest_size=32, person=b"fingerprint").digest()
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(dict[str, str]).decode

    @classmethod
    def from_file(cls, path: Path) -> Sealer:
        """The key kept at `path`, made on first use and readable by its owner only."""
        if not path.exists():
            _write_once(path, secrets.token_bytes(KEY_BYTES).hex())
        return cls(bytes.fromhex(path.read_text("ascii").strip()))

    def seal(self, values: dict[str, str]) -> bytes:
        """Ciphertext of a map; empty for an empty map."""
        if not values:
            return b""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, self._encode(values), None)

    def open(self, sealed: bytes) -> dict[str, str]:
        """The map again. Raises SettingsError when another key sealed it."""
        if not sealed:
            return {}
        try:
            plain = self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag as exc:
            raise SettingsError(
                "storage.vault_key: stored personal data was sealed with another key; restore that key"
            ) from exc
        return self._decode(plain)

    def fingerprint(self, text: str) -> str:
        """A keyed BLAKE2b (RFC 7693) of a raw text: tells whether two are equal, and nothing else."""
        raw = text.encode("utf-8", "replace")
        return hashlib.blake2b(raw, key=self._fingerprint_key, digest_size=16).hexdigest()


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole, unless another process was first: linking is atomic, writing is not."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
