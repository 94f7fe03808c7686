"""Signed calls between servers: HMAC-SHA256 over `timestamp.body`, good for a few minutes."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime

from kefu.errors import NotAuthenticated

HEADER = b"x-kefu-signature"

TOLERANCE_S = 300
"""How far the sender's clock may be from ours. Within it, a repeated call is answered from the record."""

_SHAPE = re.compile(rb"t=([0-9]{1,12}),[ ]?v1=([0-9a-f]{64})")


def sign(secret: bytes, timestamp: int, body: bytes) -> str:
    """The value of the header; `timestamp` is Unix time in seconds."""
    return f"t={timestamp},v1={_mac(secret, str(timestamp).encode(), body)}"


def check(secret: bytes, header: bytes, body: bytes) -> None:
    """Make sure that who knows the secret sent this body just now. Raises NotAuthenticated."""
    match = _SHAPE.fullmatch(header)
    if match is None:
        raise NotAuthenticated("send X-Kefu-Signature: t=<unix seconds>,v1=<64 hex digits>")
    timestamp, given = match.groups()
    if not hmac.compare_digest(_mac(secret, timestamp, body).encode(), given):
        raise NotAuthenticated("the signature is not that of this body")
    if abs(datetime.now(UTC).timestamp() - int(timestamp)) > TOLERANCE_S:
        raise NotAuthenticated(f"the timestamp is more than {TOLERANCE_S} seconds away from now")


def _mac(secret: bytes, timestamp: bytes, body: bytes) -> str:
    return hmac.new(secret, timestamp + b"." + body, hashlib.sha256).hexdigest()
