"""Sentence vectors help to find an answer, and stay in the process."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kefu.app import Engine, engine
from kefu.gateway.backing import BackedParts
from kefu.gateway.wire import meta_of, response_of
from kefu.gateway.wire_parts import understood_of
from kefu.messages import Caller, Meaning, Message, SessionId, TurnId
from kefu.observing.traces import trace
from kefu.settings import load

TEXT = "要带医保卡吗"


@pytest.fixture
async def clinic(encoder_pack: Path, tmp_path: Path) -> AsyncIterator[Engine]:
    """The clinic, its encoder always asked."""
    overrides = {"data_dir": str(tmp_path), "pack": str(encoder_pack)}
    async with engine(load(None, overrides, {})) as running:
        yield running


class Ear:
    """Hears what was understood."""

    meaning: Meaning

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """What was understood."""
        self.meaning = meaning

    async def delta(self, text: str) -> None:
        """A piece of the reply."""


def stored(folder: Path) -> bytes:
    """The files of the database as they lie on disk."""
    return b"".join(path.read_bytes() for path in folder.glob("kefu.sqlite3*"))


async def test_a_vector_is_in_no_answer_no_trace_no_log_and_not_in_sql(
    clinic: Engine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ear = Ear()
    message = Message(SessionId("vectors"), TEXT, Caller(), datetime.now(UTC))
    turn = await clinic.turns.respond(message, ear)
    vector = ear.meaning.vector
    assert isinstance(vector, tuple), "else there is nothing to look for"
    assert turn.meaning.vector is msgspec.UNSET
    again = await clinic.turns.respond(msgspec.structs.replace(message, seq=turn.seq), Ear())
    assert again.again
    sent = [
        response_of(turn),
        response_of(again),
        meta_of("vectors", turn.seq, turn.turn_id, ear.meaning, {}),
        understood_of(ear.meaning),
        trace(turn),
        turn,
    ]
    files = await asyncio.to_thread(stored, tmp_path)
    assert turn.turn_id.encode() in files
    logged = "".join(capfd.readouterr())
    assert turn.turn_id in logged, "turns are logged"
    for sink in (*map(msgspec.json.encode, sent), files, logged.encode()):
        assert b"vector" not in sink.replace(b"vectors", b"")
        assert not any(struct.pack(">d", number) in sink for number in vector if number)
        assert not any(str(number).encode() in sink for number in vector if number)


async def test_understanding_alone_gives_no_vectors(clinic: Engine) -> None:
    parts = BackedParts(clinic.steps.guard, clinic.steps.reader)
    meanings = await parts.understand([TEXT], (), None)
    assert [meaning.tier for meaning in meanings] == ["encoder"]
    assert b"vector" not in msgspec.json.encode(meanings)


async def test_the_turn_looks_for_its_answer_with_the_vector_of_the_message(clinic: Engine) -> None:
    """With its own vector a question of the FAQ scores one; with that of another one, less."""
    entry, other = clinic.pack.faq[0], clinic.pack.faq[-1]
    found = await clinic.steps.reader.vectors([entry.questions[0], other.questions[0]])
    assert found is not None
    own, far = (tuple(vector.tolist()) for vector in found)
    best = clinic.steps.faq.search(entry.questions[0], vector=own)[0]
    assert best.entry is entry
    assert best.score == pytest.approx(1.0, abs=1e-3)
    worse = clinic.steps.faq.search(entry.questions[0], vector=far)
    assert {hit.entry.id: hit.score for hit in worse}[entry.id] < best.score
