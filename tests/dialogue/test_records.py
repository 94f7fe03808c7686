"""What was written down once can be read for ever."""

from __future__ import annotations

import msgspec

from kefu.dialogue.events import Said
from kefu.dialogue.records import Codec, TurnRecord, recall
from kefu.dialogue.sealing import KEY_BYTES, Sealer
from kefu.messages import SessionId
from turns import a_turn

CODEC = Codec(Sealer(b"k" * KEY_BYTES))
TALK = SessionId("talk")


def test_a_turn_comes_back_as_it_was_answered() -> None:
    turn = a_turn(variant="shy:on")
    _, record = CODEC.read(CODEC.write([Said(3, turn.text, "zh")], turn))
    assert record is not None
    again = recall(TALK, record, turn.vault)
    assert (again.variant, again.source, again.turn_id) == ("shy:on", turn.source, turn.turn_id)
    assert again.again


def test_a_record_from_before_experiments_can_still_be_read() -> None:
    written = CODEC.write([Said(3, "…", "zh")], a_turn(variant="shy:on"))
    events, sealed, turn = msgspec.msgpack.decode(written)
    assert turn.pop() == "shy:on"
    assert len(turn) == len(TurnRecord.__struct_fields__) - 1
    _, record = CODEC.read(msgspec.msgpack.encode([events, sealed, turn]))
    assert record is not None
    assert record.variant == ""
