"""The border between flows and tools: flows see placeholders, tools see the raw values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from kefu.dialogue.vault import Vault
from kefu.pack.tools import Personal


def conceal(value: Any, vault: Vault) -> Any:
    """A tool's result with each Personal text replaced by its placeholder.

    >>> conceal({"phone": Personal("phone", "13800138000")}, Vault({}))
    {'phone': '<PHONE_1>'}
    """
    if isinstance(value, str):
        return vault.keep(value.kind, str(value)) if isinstance(value, Personal) else value
    if isinstance(value, Mapping):
        return {key: conceal(one, vault) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [conceal(one, vault) for one in value]
    return value


def reveal(value: Any, vault: Vault) -> Any:
    """Arguments of a tool with each placeholder replaced by what it stands for."""
    if isinstance(value, str):
        return vault.reveal(value)
    if isinstance(value, Mapping):
        return {key: reveal(one, vault) for key, one in value.items()}
    if isinstance(value, list):
        return [reveal(one, vault) for one in value]
    return value


def fingerprint(tool: str, arguments: Mapping[str, Any]) -> str:
    """The name of one exact change: the tool and its arguments, as the flow sees them (masked)."""
    exact = json.dumps([tool, arguments], sort_keys=True, ensure_ascii=False, default=str)
    return blake2b(exact.encode(), digest_size=10).hexdigest()
