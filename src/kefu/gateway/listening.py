"""Listeners of a turn: nobody, and a stream whose deltas add up to the reply."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kefu.gateway.wire import MetaPart, meta_of
from kefu.messages import Meaning, SessionId, Turn, TurnId

log = logging.getLogger("kefu.gateway")


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished turn, and its JSON for clients."""

    turn: Turn
    body: bytes


class Nobody:
    """Waits for the whole answer."""

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """Ignore."""

    async def delta(self, text: str) -> None:
        """Ignore."""


NOBODY = Nobody()


class Stream:
    """Passes a turn on as it is made, and completes at the end what was not said piece by piece."""

    def __init__(
        self,
        session: SessionId,
        on_meta: Callable[[MetaPart], None],
        on_delta: Callable[[str], None],
    ) -> None:
        self._session = session
        self._on_meta = on_meta
        self._on_delta = on_delta
        self._said: list[str] = []
        self.heard = False

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """Pass the understanding on."""
        self._meta(seq, turn_id, meaning, vault)

    async def delta(self, text: str) -> None:
        """Pass a piece on; what comes before the understanding is said at the end."""
        if text and self.heard:
            self._said.append(text)
            self._on_delta(text)

    def finish(self, turn: Turn) -> None:
        """Say what is still missing: all of it for a turn that was answered before."""
        if not self.heard:
            self._meta(turn.seq, turn.turn_id, turn.meaning, turn.vault)
        said = "".join(self._said)
        if not turn.said.startswith(said):
            log.error("turn %s: the deltas are not the reply", turn.turn_id)
        elif len(said) < len(turn.said):
            self._on_delta(turn.said[len(said) :])

    def _meta(self, seq: int, turn_id: str, meaning: Meaning, vault: Mapping[str, str]) -> None:
        self.heard = True
        self._on_meta(meta_of(self._session, seq, turn_id, meaning, vault))
