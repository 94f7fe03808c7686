"""What a pack's tools.py builds on: look-ups, changes, and personal values.

A pack's tools.py has one coroutine function `connect(data_dir: Path) -> object`; the public methods of
that object which are marked `@look` or `@change` are the pack's tools, and its `close()`, if any, is awaited
at shutdown. It may import files beside it: `from .shop import orders`.
Every tool takes the Customer first and plain keyword arguments after; it returns a dict of plain values.
Who the customer is comes from the session, never from the text, so a tool checks ownership by construction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Tool = Callable[..., Awaitable[Mapping[str, Any]]]
F = TypeVar("F", bound=Callable[..., Awaitable[Mapping[str, Any]]])


@dataclass(frozen=True, slots=True)
class Customer:
    """On whose behalf a tool acts. `key` names the change once and for all: the same key changes nothing twice.

    `user_id` is None for a visitor who is not signed in. `session` and `tenant` are for the record.
    """

    user_id: str | None
    tier: str
    session: str
    tenant: str = "default"
    locale: str = "zh"
    key: str = ""


class Personal(str):
    """Personal data in a tool's result: it reaches texts, models and logs as a placeholder only."""

    __slots__ = ("kind",)
    kind: str

    def __new__(cls, kind: str, value: str) -> Personal:
        """`kind` is one of phone, id_card, bank_card, email, address, name, plate, passport, ip."""
        personal = super().__new__(cls, value)
        personal.kind = kind
        return personal


def look(tool: F) -> F:
    """Mark a read: no side effect, may run in parallel with others and again at any time."""
    tool.kefu_tool = "look"  # type: ignore[attr-defined]  # a mark on a function
    return tool


def change(tool: F) -> F:
    """Mark a write: only ever called by a flow, after the customer confirmed its exact effect."""
    tool.kefu_tool = "change"  # type: ignore[attr-defined]  # a mark on a function
    return tool
