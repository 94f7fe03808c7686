"""A turn as JSON: contract/api.md, `POST /v1/chat` and the frames of a socket."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.json import Encoder

from kefu.dialogue.vault import PLACEHOLDER
from kefu.errors import BadMessage
from kefu.messages import Decision, Emotion, Locale, Meaning, Tier, Turn
from kefu.understanding.slots.personal import revealed

LONGEST_TEXT = 2000
LARGEST_SEQ = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly (RFC 8259, section 6); a next one fits, too."""

SESSION = re.compile(r"[A-Za-z0-9._:-]{1,128}")
"""A session id; to be matched whole."""

SessionField = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,128}$", description="the conversation")
]
NO_NUL = r"^[^\u0000]*$"
"""Stores and logs cannot hold U+0000."""

TextField = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT, pattern=NO_NUL)]
NameField = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_NUL)]
SeqField = Annotated[int, Meta(ge=0, le=LARGEST_SEQ)]
Safe = Meta(ge=-(2**53), le=2**53)
Scalar = (
    Annotated[str, Meta(max_length=LONGEST_TEXT, pattern=NO_NUL)]
    | Annotated[int, Safe]
    | Annotated[float, Safe]
    | bool
    | None
)
Attachment = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)], Scalar],
    Meta(min_length=1, max_length=16),
]

encode = Encoder().encode


class UserPart(Struct, forbid_unknown_fields=True, gc=False):
    """Who the end user is; trusted only from an authenticated service."""

    id: NameField
    tier: Tier = "standard"


class ChatRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """One customer message."""

    extra_schema: ClassVar[Mapping[str, Any]] = {
        "anyOf": [
            {"required": ["text"], "properties": {"text": {"type": "string"}}},
            {
                "required": ["attachments"],
                "properties": {"attachments": {"type": "array", "minItems": 1}},
            },
        ]
    }

    session_id: SessionField
    text: TextField | None = None
    seq: SeqField | None = None
    user: UserPart | None = None
    locale: Locale | None = None
    stream: bool = False
    attachments: Annotated[list[Attachment], Meta(max_length=8)] | None = None

    def __post_init__(self) -> None:
        """Refuse a message that says nothing."""
        if self.text is None and not self.attachments:
            raise BadMessage("text", "is required unless attachments are given")


class IntentPart(Struct, gc=False):
    """One wish."""

    name: str
    confidence: float


class SlotPart(Struct, gc=False):
    """One value found in the utterance."""

    raw: str
    value: str


class EmotionPart(Struct, gc=False):
    """The customer's state of mind."""

    label: Literal["negative", "neutral", "positive"]
    score: float
    sarcasm: bool


class StatePart(Struct, gc=False):
    """What the conversation now knows."""

    slots: dict[str, str]
    flow: str | None
    turns: int


class DegradedPart(Struct, gc=False):
    """Why a lesser answer was given, and at which step."""

    reason: str
    step: str


class UsagePart(Struct, gc=False):
    """What language models were paid for."""

    prompt_tokens: int
    completion_tokens: int
    cost: float


class WishPart(Struct, gc=False):
    """Who answered one wish, and why."""

    intent: str
    route: str
    reason: str
    flow: str | None


class TracePart(Struct, gc=False):
    """What was decided, and why in one line; what was understood, and the timings, stand beside it."""

    decided: list[WishPart]
    why: str


class ChatResponse(Struct, gc=False):
    """A finished turn. Times are milliseconds since the turn was accepted."""

    session_id: str
    seq: int
    turn_id: str
    reply: str
    intents: list[IntentPart]
    slots: dict[str, list[SlotPart]]
    state: StatePart
    emotion: EmotionPart
    source: str
    model: str | None
    handoff: bool
    degraded: DegradedPart | None
    usage: UsagePart
    timings: dict[str, float]
    quick: list[str]
    trace: TracePart


class MetaPart(Struct, gc=False):
    """What was understood: the first event of a stream."""

    session_id: str
    seq: int
    turn_id: str
    intents: list[IntentPart]
    slots: dict[str, list[SlotPart]]
    emotion: EmotionPart


class DeltaPart(Struct, gc=False):
    """A piece of the reply."""

    text: str


def reveal(text: str, vault: Mapping[str, str]) -> str:
    """Put the customer's own data back; a placeholder that is not in the vault stays as it is."""
    if "<" not in text:
        return text
    return PLACEHOLDER.sub(lambda match: vault.get(match.group(), match.group()), text)


def intents_of(meaning: Meaning) -> list[IntentPart]:
    """The wishes in the order said."""
    return [IntentPart(intent.name, intent.confidence) for intent in meaning.intents]


def slots_of(meaning: Meaning, vault: Mapping[str, str]) -> dict[str, list[SlotPart]]:
    """The values of this utterance by slot name."""
    slots: dict[str, list[SlotPart]] = {}
    for slot in meaning.slots:
        part = SlotPart(reveal(slot.raw, vault), revealed(slot.value, vault))
        slots.setdefault(slot.name, []).append(part)
    return slots


def emotion_of(emotion: Emotion) -> EmotionPart:
    """The mood."""
    return EmotionPart(emotion.label, emotion.score, emotion.sarcasm)


def meta_of(
    session_id: str, seq: int, turn_id: str, meaning: Meaning, vault: Mapping[str, str]
) -> MetaPart:
    """The first event of a stream."""
    return MetaPart(
        session_id,
        seq,
        turn_id,
        intents_of(meaning),
        slots_of(meaning, vault),
        emotion_of(meaning.emotion),
    )


def response_of(turn: Turn) -> ChatResponse:
    """The whole turn as its customer may see it."""
    vault = turn.vault
    return ChatResponse(
        turn.session,
        turn.seq,
        turn.turn_id,
        turn.said,
        intents_of(turn.meaning),
        slots_of(turn.meaning, vault),
        _state_of(turn, vault),
        emotion_of(turn.meaning.emotion),
        turn.source.value,
        turn.model,
        turn.handoff,
        DegradedPart(turn.degraded.reason, turn.degraded.step) if turn.degraded else None,
        UsagePart(turn.usage.prompt_tokens, turn.usage.completion_tokens, turn.usage.cost),
        _timings_of(turn),
        list(turn.quick),
        _trace_of(turn.decision),
    )


def frame(kind: str, part: Mapping[str, Any] | Struct) -> bytes:
    """A server frame of a socket: the part with its `type` in front."""
    body = encode(part)
    return b'{"type":"' + kind.encode() + (b'",' + body[1:] if len(body) > 2 else b'"}')


def _state_of(turn: Turn, vault: Mapping[str, str]) -> StatePart:
    slots = {name: revealed(value, vault) for name, value in turn.slots.items()}
    return StatePart(slots, turn.flow, turn.turns)


def _trace_of(decision: Decision) -> TracePart:
    wishes = [WishPart(w.intent, w.route.value, w.reason, w.flow) for w in decision.wishes]
    return TracePart(wishes, decision.reason)


def _timings_of(turn: Turn) -> dict[str, float]:
    timings = {stage: round(spent, 3) for stage, spent in turn.timings.items()}
    if "total" not in timings:
        timings["total"] = round(sum(timings.values()), 3)
    return timings
