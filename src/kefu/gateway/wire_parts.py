"""The parts of a turn as JSON: understand, mask, moderate, feedback, sessions, health."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from kefu.gateway.service import Line, Masked, Mode, SessionView
from kefu.gateway.wire import (
    LONGEST_TEXT,
    NO_NUL,
    EmotionPart,
    IntentPart,
    NameField,
    SessionField,
    SlotPart,
    StatePart,
    emotion_of,
    intents_of,
    slots_of,
)
from kefu.messages import Finding, Locale, Meaning, Role, Verdict

MOST_TEXTS = 256

AnyText = Annotated[str, Meta(max_length=LONGEST_TEXT, pattern=NO_NUL)]
Texts = Annotated[list[AnyText], Meta(max_length=MOST_TEXTS)]


class ContextPart(Struct, forbid_unknown_fields=True):
    """One earlier line of the conversation."""

    role: Role
    text: AnyText


class UnderstandRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """Texts to understand, each after the same context."""

    texts: Texts
    context: Annotated[list[ContextPart], Meta(max_length=64)] | None = None
    locale: Locale | None = None


class TextsRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """Texts to look at."""

    texts: Texts


class FeedbackRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """How satisfied a customer was."""

    session_id: SessionField
    csat: Annotated[int, Meta(ge=1, le=5)]
    turn_id: NameField | None = None
    comment: AnyText | None = None


class FindingPart(Struct, gc=False):
    """Something found at [start, end) of the text that was given, in code points."""

    kind: str
    start: int
    end: int


class UnderstoodPart(Struct, gc=False):
    """What one text means; `tier` names the model of the cascade that decided."""

    intents: list[IntentPart]
    slots: dict[str, list[SlotPart]]
    emotion: EmotionPart
    tier: str
    confidence: float


class UnderstandResponse(Struct, gc=False):
    """One result per text, in order."""

    results: list[UnderstoodPart]


class MaskedPart(Struct, gc=False):
    """A text without personal data."""

    text: str
    findings: list[FindingPart]


class MaskResponse(Struct, gc=False):
    """One result per text, in order."""

    results: list[MaskedPart]


class ModeratedPart(Struct, gc=False):
    """What moderation says of a text."""

    action: Literal["allow", "mask", "block"]
    findings: list[FindingPart]


class ModerateResponse(Struct, gc=False):
    """One result per text, in order."""

    results: list[ModeratedPart]


class LinePart(Struct, gc=False):
    """One line of a conversation; `at` is an ISO 8601 time."""

    role: Role
    text: str
    at: str
    seq: int | None
    source: str | None
    turn_id: str | None
    id: str | None


class SessionResponse(Struct, gc=False):
    """A conversation as far as the caller may see it."""

    session_id: str
    messages: list[LinePart]
    state: StatePart
    mode: Mode
    handoff: bool


class LiveResponse(Struct, gc=False):
    """Liveness."""

    status: Literal["ok", "failing"]


class ReadyResponse(Struct, gc=False):
    """Readiness with the state of each dependency."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]


class ProblemError(Struct, gc=False):
    """A field that is wrong."""

    field: str
    message: str


class Problem(Struct, gc=False):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemError] | UnsetType = UNSET


def understood_of(meaning: Meaning) -> UnderstoodPart:
    """One result of `understand`."""
    return UnderstoodPart(
        intents_of(meaning),
        slots_of(meaning, {}),
        emotion_of(meaning.emotion),
        meaning.tier,
        meaning.confidence,
    )


def masked_of(masked: Masked) -> MaskedPart:
    """One result of `mask`."""
    return MaskedPart(masked.text, _findings_of(masked.findings))


def moderated_of(verdict: Verdict) -> ModeratedPart:
    """One result of `moderate`. What goes to a person is not held back, so it counts as allowed."""
    action = "allow" if verdict.action == "handover" else verdict.action
    return ModeratedPart(action, _findings_of(verdict.findings))


def session_of(view: SessionView) -> SessionResponse:
    """A conversation."""
    return SessionResponse(
        view.session,
        [_line_of(line) for line in view.lines],
        StatePart(dict(view.slots), view.flow, view.turns),
        view.mode,
        view.mode != "bot",
    )


def _line_of(line: Line) -> LinePart:
    at = line.at.isoformat(timespec="milliseconds")
    return LinePart(line.role, line.text, at, line.seq, line.source, line.turn_id, line.id)


def _findings_of(findings: tuple[Finding, ...]) -> list[FindingPart]:
    return [FindingPart(finding.kind, finding.start, finding.end) for finding in findings]
