"""A signature is that of one body, one secret and the last minutes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from kefu.channels.signing import TOLERANCE_S, check, sign
from kefu.errors import NotAuthenticated

SECRET = b"a secret of the shop"
BODY = '{"text":"你好"}'.encode()


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def test_it_is_the_hmac_of_timestamp_dot_body() -> None:
    signed = f"{now()}.".encode() + BODY
    digest = hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    stamp = signed.partition(b".")[0].decode()
    assert sign(SECRET, int(stamp), BODY) == f"t={stamp},v1={digest}"
    check(SECRET, f"t={stamp},v1={digest}".encode(), BODY)


@pytest.mark.parametrize("off", [0, 30 - TOLERANCE_S, TOLERANCE_S - 30])
def test_clocks_may_differ_a_little(off: int) -> None:
    check(SECRET, sign(SECRET, now() + off, BODY).encode(), BODY)


@pytest.mark.parametrize("off", [-30 - TOLERANCE_S, TOLERANCE_S + 30])
def test_an_old_or_a_future_call_is_refused(off: int) -> None:
    with pytest.raises(NotAuthenticated, match="timestamp"):
        check(SECRET, sign(SECRET, now() + off, BODY).encode(), BODY)


def test_another_body_secret_or_timestamp_is_refused() -> None:
    good = sign(SECRET, now(), BODY).encode()
    moved = good.replace(f"t={now()}".encode(), f"t={now() - 1}".encode())
    for secret, header, body in (
        (SECRET, good, BODY + b" "),
        (b"of somebody else", good, BODY),
        (SECRET, moved, BODY),
    ):
        with pytest.raises(NotAuthenticated, match="signature"):
            check(secret, header, body)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"v1=00",
        b"t=1",
        b"t=x,v1=" + b"0" * 64,
        b"t=1,v1=" + b"G" * 64,
        b"t=1,v1=\xff",
        b"t=-1,v1=0",
    ],
)
def test_what_is_no_signature_is_refused_with_its_shape(header: bytes) -> None:
    with pytest.raises(NotAuthenticated, match="X-Kefu-Signature"):
        check(SECRET, header, BODY)
