"""What the doors need from below, as ports. The app wires the real thing, tests a small twin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from kefu.messages import (
    Caller,
    Finding,
    Locale,
    Meaning,
    Message,
    Role,
    SessionId,
    Turn,
    TurnId,
    Verdict,
)

Mode = Literal["bot", "queued", "human"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation, as the caller may see it. `at` is an aware wall-clock time.

    `id` names an agent's line, the same in a notice that brings it.
    """

    role: Role
    text: str
    at: datetime
    seq: int | None = None
    source: str | None = None
    turn_id: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A conversation as far as the caller may see it; `turns` is how many were answered."""

    session: SessionId
    lines: tuple[Line, ...]
    slots: Mapping[str, str] = field(default_factory=dict)
    flow: str | None = None
    turns: int = 0
    mode: Mode = "bot"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a client has to know that is not an answer: an agent's message, a take-over.

    It may come twice, live and after a resume; `id` tells.
    """

    kind: str
    text: str = ""
    seq: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data; findings hold offsets of the text that was given."""

    text: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One line of context for `understand`."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether work may come in, and the state of each dependency in one word."""

    ok: bool
    checks: Mapping[str, str] = field(default_factory=dict)


class Listener(Protocol):
    """Hears a turn while it is made."""

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """Understood; `vault` maps the placeholders of `meaning` to raw values. At most once."""
        ...

    async def delta(self, text: str) -> None:
        """A piece of the reply, already as the customer may see it. Never waits for the customer."""
        ...


class Turns(Protocol):
    """Conversations."""

    async def respond(self, message: Message, listener: Listener) -> Turn:
        """Answer one message; the turn is durable when this returns.

        A repeated (session, seq) returns the first turn again and calls the listener not at all.
        Raises Conflict, NotAllowed, Overloaded or DeadlineExceeded, and each only before the first call
        of the listener.
        """
        ...

    async def session(self, session: SessionId, caller: Caller) -> SessionView:
        """The conversation. Raises NotFound or NotAllowed."""
        ...

    async def missed(
        self, session: SessionId, caller: Caller, last_seq: int
    ) -> Sequence[Turn | Notice]:
        """What came after `last_seq`, in order. Raises NotFound or NotAllowed."""
        ...

    def subscribe(self, session: SessionId, caller: Caller) -> AsyncIterator[bytes]:
        """Frames that other processes and the desk publish for a session: each one a JSON object."""
        ...

    async def publish(self, session: SessionId, caller: Caller, frame: bytes) -> None:
        """Tell the subscribers of a session in other processes. May do nothing where there are none."""
        ...


class Parts(Protocol):
    """The steps of a turn, each on its own. Texts are raw, and so is what comes back, unless it is the mask."""

    async def understand(
        self, texts: Sequence[str], context: Sequence[Said], locale: Locale | None
    ) -> Sequence[Meaning]:
        """What each text means."""
        ...

    async def mask(self, texts: Sequence[str]) -> Sequence[Masked]:
        """Each text without personal data."""
        ...

    async def moderate(self, texts: Sequence[str]) -> Sequence[Verdict]:
        """What moderation says of each text."""
        ...


class Feedback(Protocol):
    """What customers think of it."""

    async def rate(
        self, session: SessionId, turn_id: str | None, csat: int, comment: str, caller: Caller
    ) -> None:
        """Keep a rating of 1..5. Raises NotFound or NotAllowed; `comment` is raw."""
        ...


class Health(Protocol):
    """Liveness and readiness."""

    async def live(self) -> bool:
        """False when only a restart can help."""
        ...

    async def ready(self) -> Readiness:
        """Whether each dependency answers."""
        ...


class Metrics(Protocol):
    """The numbers of this process."""

    def render(self) -> tuple[bytes, str]:
        """The body and its content type."""
        ...


Watch = Callable[[str, int, float], None]
"""Hears (route, status, seconds) of each HTTP request; the route is the pattern, never the raw path."""


Gauge = Callable[[Callable[[], float]], None]
"""Is given, once, the function that counts the turns under way."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything below the doors."""

    turns: Turns
    parts: Parts
    feedback: Feedback
    health: Health
    metrics: Metrics
    model: str = "kefu"
    watch: Watch | None = None
    gauge: Gauge | None = None
