"""The nouns that travel through a turn. Values only, no logic.

They are msgspec Structs: some forty are made in each turn, and a frozen dataclass takes several times as long.

A text is in one of two states. *Raw* is what a person typed and may hold personal data. *Masked* has
each piece of personal data replaced by a stable placeholder such as `<PHONE_1>`; the pairs are kept in the
conversation's vault. Only guarding/ and the doors ever hold raw text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NewType

from msgspec import UNSET, Struct, UnsetType

SessionId = NewType("SessionId", str)
TurnId = NewType("TurnId", str)

Locale = Literal["zh", "en"]
Tier = Literal["standard", "vip"]
Mood = Literal["negative", "neutral", "positive"]
Action = Literal["allow", "mask", "block", "handover"]
Role = Literal["user", "assistant", "agent"]
Vector = tuple[float, ...] | UnsetType


class Source(StrEnum):
    """Who wrote a reply: the `source` of contract/api.md."""

    FLOW = "flow"
    FAQ = "faq"
    CACHE = "cache"
    LLM = "llm"
    TEMPLATE = "template"
    DEGRADED = "degraded"
    HUMAN = "human"


class Route(StrEnum):
    """Who shall answer one wish."""

    FLOW = "flow"
    FAQ = "faq"
    TEMPLATE = "template"
    LLM = "llm"
    HUMAN = "human"
    REFUSE = "refuse"


class Caller(Struct, frozen=True):
    """Who speaks. `service` is true where the caller proved to be a trusted back end."""

    tenant: str = "default"
    user_id: str | None = None
    tier: Tier = "standard"
    service: bool = False


class Message(Struct, frozen=True):
    """One accepted customer message. `text` is raw; `at` is an aware wall-clock time."""

    session: SessionId
    text: str
    caller: Caller
    at: datetime
    seq: int | None = None
    locale: Locale | None = None
    attachments: tuple[Mapping[str, Any], ...] = ()


class Finding(Struct, frozen=True):
    """Something a guard found: `kind` at [start, end) of the text that was given to it."""

    kind: str
    start: int
    end: int


class Verdict(Struct, frozen=True):
    """What moderation says of a text."""

    action: Action = "allow"
    findings: tuple[Finding, ...] = ()


class Asked(Struct, frozen=True):
    """A message after guard-in. `text` is normalised and masked.

    `vault` maps each placeholder that occurs in `text` to its raw value (new ones included).
    `injection` is a score in 0..1: a signal for the decider and the prompt, never a gate on its own.
    """

    text: str
    locale: Locale
    vault: Mapping[str, str] = {}
    personal: tuple[Finding, ...] = ()
    verdict: Verdict = Verdict()
    injection: float = 0.0


class Intent(Struct, frozen=True):
    """One wish: `name` with a calibrated `confidence` in 0..1, said at [start, end) of the masked text."""

    name: str
    confidence: float
    start: int = 0
    end: int = 0


class Slot(Struct, frozen=True):
    """A value in an utterance: `raw` as written at [start, end), `value` normalised (else equal to raw).

    In masked text both may hold placeholders.
    """

    name: str
    raw: str
    value: str
    start: int = 0
    end: int = 0


class Emotion(Struct, frozen=True):
    """The customer's state of mind; `score` in 0..1 is the strength of the label.

    `trouble` in 0..1 is how much the message says went wrong, in whatever mood.
    """

    label: Mood = "neutral"
    score: float = 0.0
    sarcasm: bool = False
    trouble: float = 0.0


class Meaning(Struct, frozen=True):
    """What we understood. `intents` is never empty, in the order said.

    `tier` names the model of the cascade that decided, `corrects` is true for "不对,是…". `withdrawn` are slots
    whose known value the customer calls wrong without giving a whole new one: they are to be asked for again.

    `vector` is the sentence vector, of unit length, while a turn looks for its answer. It never leaves the
    process: a finished Turn has none, and unset it is not written at all.
    """

    intents: tuple[Intent, ...]
    slots: tuple[Slot, ...] = ()
    emotion: Emotion = Emotion()
    tier: str = "none"
    confidence: float = 0.0
    corrects: bool = False
    withdrawn: tuple[str, ...] = ()
    vector: Vector = UNSET


UNKNOWN = Meaning(intents=(Intent("out_of_scope", 0.0),))


class Wish(Struct, frozen=True):
    """One intent with who shall answer it and why. `flow` is set for Route.FLOW."""

    intent: str
    route: Route
    reason: str
    flow: str | None = None


class Decision(Struct, frozen=True):
    """What to do with a message: its wishes in order, the tone, and one line that says why."""

    wishes: tuple[Wish, ...]
    reason: str
    apologise: bool = False
    offer_human: bool = False
    silent: bool = False

    @property
    def uses_faq(self) -> bool:
        """Whether an answer may be drawn from the FAQ."""
        return any(wish.route in (Route.FAQ, Route.LLM) for wish in self.wishes)


class Piece(Struct, frozen=True):
    """A piece of a reply on its way to the customer. Masked: placeholders are put back at the door."""

    text: str


class Usage(Struct, frozen=True):
    """What a language model was paid for; `cost` in the configured currency."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class Degraded(Struct, frozen=True):
    """Why a lesser answer was given, and at which step."""

    reason: str
    step: str


class Frame(Struct, frozen=True):
    """An open flow of a conversation, waiting for the customer.

    A flow is run from its top at every turn, over fresh look-ups; so a frame holds no program counter, only
    what the customer gave: `slots` (masked values), the `choices` last offered, the `said` step ids that need
    no repeating, and `effect`, the fingerprint of the exact change that the customer is asked to confirm.
    `waiting` is a slot name, or "confirm".
    """

    flow: str
    intent: str
    waiting: str
    slots: Mapping[str, str] = {}
    choices: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    effect: str | None = None
    tries: int = 0


class Answer(Struct, frozen=True):
    """What the answerers made of a decision. `text` is masked, and equals the pieces that were sent.

    `frames` are the flows still open, the foremost first. `slots` are values learnt while answering
    (a picked order), `vault` placeholders for personal data that came from tools. `handoff` is the reason
    why a person is asked for, `quick` holds short suggestions the page shows as buttons.
    """

    text: str
    source: Source
    frames: tuple[Frame, ...] = ()
    slots: Mapping[str, str] = {}
    vault: Mapping[str, str] = {}
    handoff: str | None = None
    model: str | None = None
    degraded: Degraded | None = None
    usage: Usage = Usage()
    quick: tuple[str, ...] = ()
    intent: str | None = None


class Turn(Struct, frozen=True):
    """A finished turn. `text`, `reply`, `slots` and `meaning` are masked; `said` is the reply as shown.

    `vault` maps every placeholder of the conversation to its raw value, for the doors to put back; it is
    never logged, nor stored with the turn. `slots` is what the conversation knows after the turn.
    `variant` is "name:on" where an experiment changed something, "" where none did.
    """

    session: SessionId
    seq: int
    turn_id: TurnId
    text: str
    reply: str
    said: str
    meaning: Meaning
    decision: Decision
    source: Source
    slots: Mapping[str, str]
    flow: str | None
    turns: int
    handoff: bool = False
    model: str | None = None
    degraded: Degraded | None = None
    usage: Usage = Usage()
    timings: Mapping[str, float] = {}
    quick: tuple[str, ...] = ()
    locale: Locale = "zh"
    personal: Mapping[str, int] = {}
    verdict: Action = "allow"
    vault: Mapping[str, str] = {}
    again: bool = False
    variant: str = ""

    def __repr__(self) -> str:
        return f"Turn({self.session!r}, seq={self.seq}, reply={self.reply!r})"


Send = Callable[[Piece], Awaitable[None]]
