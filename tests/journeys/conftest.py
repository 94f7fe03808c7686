"""A real engine with the retail pack, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.app import Engine, engine
from kefu.messages import Caller, Meaning, Message, SessionId, Turn, TurnId
from kefu.settings import load
from serving import ROOT

Say = Callable[..., Awaitable[Turn]]


class Ear:
    """Hears a turn: everything that was said, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.meaning: Meaning | None = None

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        self.meaning = meaning

    async def delta(self, text: str) -> None:
        self.pieces.append(text)


@pytest.fixture
async def kefu(tmp_path: Path) -> AsyncIterator[Engine]:
    """The engine on embedded defaults."""
    overrides = {"data_dir": str(tmp_path), "pack": str(ROOT / "packs/retail")}
    async with engine(load(None, overrides, {})) as running:
        yield running


@pytest.fixture
def say(kefu: Engine) -> Say:
    """Say something and return the turn; what was heard must be what is recorded."""

    async def say(
        text: str, session: str = "journey", seq: int | None = None, caller: Caller | None = None
    ) -> Turn:
        ear = Ear()
        message = Message(SessionId(session), text, caller or Caller(), datetime.now(UTC), seq)
        turn = await kefu.turns.respond(message, ear)
        assert turn.again or "".join(ear.pieces) == turn.said
        return turn

    return say
