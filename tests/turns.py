"""Finished turns to look at, as the engine would make them."""

from __future__ import annotations

from typing import Any

import msgspec

from kefu.messages import (
    Decision,
    Emotion,
    Intent,
    Meaning,
    Route,
    SessionId,
    Slot,
    Source,
    Turn,
    TurnId,
    Wish,
)

TIMINGS = {
    "remember": 0.04,
    "guard_in": 0.05,
    "understand": 0.12,
    "decide": 0.01,
    "answer": 0.3,
    "commit": 2.0,
    "total": 2.6,
}


def a_turn(**changes: Any) -> Turn:
    """A turn about an order; canaries are in every field that may hold text."""
    turn = Turn(
        session=SessionId("wx-13800138000"),
        seq=3,
        turn_id=TurnId("0f" * 16),
        text="canary-text <PHONE_1>",
        reply="canary-reply <PHONE_1>",
        said="canary-said 13800138000",
        meaning=Meaning(
            (Intent("order_status", 0.91), Intent("order_modify_address", 0.84)),
            (Slot("phone", "<PHONE_1>", "<PHONE_1>"), Slot("order_id", "raw", "SF1630294857712")),
            Emotion("negative", 0.7, sarcasm=True),
            "linear",
            0.9,
        ),
        decision=Decision(
            (
                Wish(
                    "order_status", Route.FLOW, "flow order_status owns this intent", "order_status"
                ),
            ),
            "order_status: flow order_status owns this intent",
        ),
        source=Source.FLOW,
        slots={"phone": "<PHONE_1>"},
        flow="order_status",
        turns=2,
        timings=TIMINGS,
        personal={"phone": 2},
        vault={"<PHONE_1>": "13800138000"},
        quick=("canary-quick",),
    )
    return msgspec.structs.replace(turn, **changes)
