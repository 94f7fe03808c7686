"""The second net under logs and traces. The first is that nobody hands them a text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

DROPPED = frozenset(
    {
        "text", "texts", "reply", "said", "raw", "prompt", "message", "messages", "content", "comment",
        "body", "value", "slots", "vault", "user", "user_id", "name", "phone", "address", "email",
        "token", "api_key", "password", "authorization",
    }
)  # fmt: skip
"""Keys whose values have no place in a log, whatever they are."""

OURS = frozenset({"turn_id", "session", "at"})
"""Keys whose values we make ourselves: identifiers in hexadecimal may well hold seven digits in a row."""

_DIGITS = re.compile(r"\d(?:[ \-]?\d){6,}")
_LEAST_LONG = 10**6


def veil(text: str) -> str:
    """The text with each run of seven or more digits (spaces and hyphens in it or not) as stars.

    >>> veil("call 138-0013-8000, room 301")
    'call *************, room 301'
    """
    return _DIGITS.sub(lambda match: "*" * len(match.group()), text)


def alias(session: str) -> str:
    """A stable stand-in for a session id, which the client chose and may have made from a phone number."""
    return hashlib.blake2s(session.encode("utf-8", "replace"), digest_size=8).hexdigest()


def redacted(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event without what might be personal, at any depth."""
    return {
        key: value if key in OURS else _clean(value)
        for key, value in event.items()
        if key not in DROPPED
    }


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return veil(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LEAST_LONG else "*"
    if isinstance(value, Mapping):
        return redacted(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return type(value).__name__
