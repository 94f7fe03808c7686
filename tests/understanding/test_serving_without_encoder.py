"""A service whose encoder is damaged starts all the same."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from kefu.app import engine
from kefu.gateway.listening import NOBODY
from kefu.messages import Caller, Message, SessionId
from kefu.settings import load
from kefu.understanding.encoder.tier import GRAPH


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> None:
    """Not watched here: an engine reads files while it starts."""


async def test_a_service_with_a_damaged_encoder_starts_answers_and_says_so(
    encoder_pack: Path, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(encoder_pack, pack)
    (pack / "model" / GRAPH).write_bytes(b"no model at all")
    settings = load(None, {"data_dir": str(tmp_path / "var"), "pack": str(pack)}, {})
    message = Message(SessionId("s"), "我要挂号", Caller(), datetime.now(UTC))
    with structlog.testing.capture_logs() as logged:
        async with engine(settings) as running:
            turn = await running.turns.respond(message, NOBODY)
            numbers = running.watch.metrics.render()[0].decode()
    assert (turn.meaning.tier, turn.meaning.intents[0].name) == ("linear", "appointment_book")
    [line] = [line for line in logged if line["event"] == "tier_failed"]
    assert line["tier"] == "encoder"
    assert GRAPH in line["reason"]
    assert "understanding.encoder" in numbers
