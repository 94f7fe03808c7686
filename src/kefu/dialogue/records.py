"""How a conversation is written down: a record per entry of the log, a snapshot per hot key.

Personal data is in neither: both carry it sealed, beside the masked text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

import msgspec

from kefu.dialogue.events import Event, Kept
from kefu.dialogue.sealing import Sealer
from kefu.dialogue.state import Dialogue
from kefu.dialogue.vault import Vault
from kefu.messages import (
    Action,
    Decision,
    Degraded,
    Locale,
    Meaning,
    SessionId,
    Source,
    Turn,
    TurnId,
    Usage,
)


class TurnRecord(msgspec.Struct, frozen=True, array_like=True):
    """A Turn without what is personal or can be derived."""

    seq: int
    turn_id: str
    text: str
    reply: str
    meaning: Meaning
    decision: Decision
    source: Source
    slots: Mapping[str, str]
    flow: str | None
    turns: int
    handoff: bool
    model: str | None
    degraded: Degraded | None
    usage: Usage
    timings: Mapping[str, float]
    quick: tuple[str, ...]
    locale: Locale
    personal: Mapping[str, int]
    verdict: Action
    variant: str = ""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """The body of one log entry: what happened, sealed personal data, and the turn where it was one."""

    events: tuple[Event, ...]
    sealed: bytes
    turn: TurnRecord | None


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """The value of a hot key: the state after `position`."""

    position: int
    dialogue: Dialogue
    sealed: bytes


class Thawed(msgspec.Struct, frozen=True):
    """A snapshot, opened; `sealed` is its vault as it was stored."""

    dialogue: Dialogue
    position: int
    sealed: bytes


class Codec:
    """Records and snapshots, to bytes and back."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._encode = msgspec.msgpack.Encoder().encode
        self._record = msgspec.msgpack.Decoder(Record).decode
        self._snapshot = msgspec.msgpack.Decoder(Snapshot).decode

    def write(self, events: Sequence[Event], turn: Turn | None) -> bytes:
        """The body of a log entry."""
        kept: dict[str, str] = {}
        for event in events:
            if isinstance(event, Kept):
                kept.update(event.vault)
        open_events = tuple(event for event in events if not isinstance(event, Kept))
        return self._encode(
            Record(open_events, self._sealer.seal(kept), None if turn is None else _record(turn))
        )

    def read(self, body: bytes) -> tuple[tuple[Event, ...], TurnRecord | None]:
        """Events (sealed ones opened, first) and the turn of a log entry."""
        record = self._record(body)
        if not record.sealed:
            return record.events, record.turn
        return (Kept(self._sealer.open(record.sealed)), *record.events), record.turn

    def freeze(self, dialogue: Dialogue, position: int, thawed: Thawed | None = None) -> bytes:
        """A snapshot for the hot store. What the last one sealed is not sealed again while it is the same."""
        if not dialogue.vault:
            return self._encode(Snapshot(position, dialogue, b""))
        if thawed is not None and thawed.dialogue.vault is dialogue.vault:
            sealed = thawed.sealed
        else:
            sealed = self._sealer.seal(dict(dialogue.vault))
        bare = msgspec.structs.replace(dialogue, vault={})
        return self._encode(Snapshot(position, bare, sealed))

    def thaw(self, value: bytes) -> Thawed:
        """The content of a snapshot."""
        snapshot = self._snapshot(value)
        dialogue = snapshot.dialogue
        if snapshot.sealed:
            vault = self._sealer.open(snapshot.sealed)
            dialogue = msgspec.structs.replace(dialogue, vault=vault)
        return Thawed(dialogue, snapshot.position, snapshot.sealed)


_FIELDS = attrgetter(*TurnRecord.__struct_fields__)


def recall(session: SessionId, record: TurnRecord, vault: Mapping[str, str]) -> Turn:
    """The turn of a record, as it was answered the first time."""
    return Turn(
        session=session,
        said=Vault(vault).reveal(record.reply),
        vault=vault,
        again=True,
        **{
            **{name: getattr(record, name) for name in record.__struct_fields__},
            "turn_id": TurnId(record.turn_id),
        },
    )


def _record(turn: Turn) -> TurnRecord:
    return TurnRecord(*_FIELDS(turn))
