"""What happened in a turn, and why: kept for the last turns of this process, without a word of the text."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import msgspec

from kefu.messages import Degraded, Emotion, Meaning, Turn, Usage, Wish
from kefu.observing.redacting import alias, veil

KEPT = 1000
"""Turns."""


class Understood(msgspec.Struct, frozen=True, gc=False):
    """What the message was taken for. `slots` are masked twice: by the guard, and digits by us."""

    intents: tuple[tuple[str, float], ...]
    slots: tuple[tuple[str, str], ...]
    emotion: Emotion
    tier: str
    confidence: float
    corrects: bool


class Trace(msgspec.Struct, frozen=True, gc=False):
    """One turn. `session` is an alias; `timings` are milliseconds; `why` is the decider's reason."""

    turn_id: str
    session: str
    seq: int
    locale: str
    understood: Understood
    decided: tuple[Wish, ...]
    why: str
    source: str
    model: str | None
    flow: str | None
    handoff: bool
    degraded: Degraded | None
    usage: Usage
    masked: Mapping[str, int]
    verdict: str
    timings: Mapping[str, float]


def trace(turn: Turn) -> Trace:
    """The trace of a finished turn."""
    return Trace(
        turn_id=turn.turn_id,
        session=alias(turn.session),
        seq=turn.seq,
        locale=turn.locale,
        understood=_understood(turn.meaning),
        decided=turn.decision.wishes,
        why=veil(turn.decision.reason),
        source=turn.source.value,
        model=turn.model,
        flow=turn.flow,
        handoff=turn.handoff,
        degraded=_veiled(turn.degraded),
        usage=turn.usage,
        masked=turn.personal,
        verdict=turn.verdict,
        timings=turn.timings,
    )


class Traces:
    """The last traces, the newest first when asked for."""

    def __init__(self, kept: int = KEPT) -> None:
        self._ring: deque[Trace] = deque(maxlen=kept)

    def add(self, one: Trace) -> None:
        """Keep one; the oldest goes."""
        self._ring.append(one)

    def find(self, turn_id: str) -> Trace | None:
        """The trace of a turn, if it is still there."""
        return next((one for one in reversed(self._ring) if one.turn_id == turn_id), None)

    def of(self, session: str) -> list[Trace]:
        """The traces of a session (its real id), newest first."""
        wanted = alias(session)
        return [one for one in reversed(self._ring) if one.session == wanted]

    def last(self, number: int = 100) -> list[Trace]:
        """The newest traces."""
        return [one for one, _ in zip(reversed(self._ring), range(number), strict=False)]


def _veiled(degraded: Degraded | None) -> Degraded | None:
    return Degraded(veil(degraded.reason), degraded.step) if degraded else None


def _understood(meaning: Meaning) -> Understood:
    return Understood(
        intents=tuple((intent.name, intent.confidence) for intent in meaning.intents),
        slots=tuple((slot.name, veil(slot.value)) for slot in meaning.slots),
        emotion=meaning.emotion,
        tier=meaning.tier,
        confidence=meaning.confidence,
        corrects=meaning.corrects,
    )
