"""The service below the doors, in memory: echoes, and does what a text's first word asks it to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from msgspec.structs import replace

from kefu.errors import Conflict, DeadlineExceeded, NotAllowed, NotFound, Overloaded
from kefu.gateway.service import (
    Line,
    Listener,
    Masked,
    Notice,
    Readiness,
    Said,
    Service,
    SessionView,
)
from kefu.messages import (
    Caller,
    Decision,
    Emotion,
    Finding,
    Intent,
    Locale,
    Meaning,
    Message,
    SessionId,
    Slot,
    Source,
    Turn,
    TurnId,
    Usage,
    Verdict,
)

MEANING = Meaning(
    intents=(Intent("order_status", 0.97),),
    slots=(Slot("phone", "<PHONE_1>", "<PHONE_1>"),),
    emotion=Emotion("neutral", 0.2),
    tier="linear",
    confidence=0.97,
)
VAULT = {"<PHONE_1>": "13800138000"}
SLOTS = {"phone": "<PHONE_1>"}
ERRORS = {
    "conflict": Conflict("this seq was used with other words"),
    "forbidden": NotAllowed("this conversation is somebody else's"),
    "busy": Overloaded("come back", retry_after=3.0),
    "late": DeadlineExceeded("the turn's time is spent"),
    "bug": ZeroDivisionError("our inside"),
}


class TwinTurns:
    """Conversations in memory. `gate` holds turns that begin with "wait" until it is set."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], list[Turn]] = defaultdict(list)
        self.messages: list[Message] = []
        self.notices: dict[str, list[Notice]] = defaultdict(list)
        self.bus: dict[str, set[asyncio.Queue[bytes]]] = defaultdict(set)
        self.published: list[bytes] = []
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()
        self.pieces = 2
        self.mute = False

    async def respond(self, message: Message, listener: Listener) -> Turn:
        """Echo the text in pieces."""
        self.messages.append(message)
        error = ERRORS.get(message.text)
        if error is not None:
            raise error
        turns = self.kept[message.caller.tenant, message.session]
        before = next((turn for turn in turns if turn.seq == message.seq), None)
        if before is not None:
            if before.text != message.text:
                raise ERRORS["conflict"]
            return replace(before, again=True)
        turn = self._turn(message, turns)
        if not self.mute:
            await listener.meta(turn.seq, turn.turn_id, MEANING, VAULT)
        await self._say(message.text, turn, listener)
        turns.append(turn)
        return turn

    async def session(self, session: SessionId, caller: Caller) -> SessionView:
        """All lines."""
        turns = self._known(session, caller)
        lines = []
        for turn in turns:
            at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
            lines.append(Line("user", turn.text, at, turn.seq, None, turn.turn_id))
            lines.append(
                Line("assistant", turn.said, at, turn.seq, turn.source.value, turn.turn_id)
            )
        return SessionView(session, tuple(lines), {"phone": "13800138000"}, None, len(turns))

    async def missed(
        self, session: SessionId, caller: Caller, last_seq: int
    ) -> Sequence[Turn | Notice]:
        """Later turns, then what the desk said."""
        turns = self._known(session, caller)
        return [*(turn for turn in turns if turn.seq > last_seq), *self.notices[session]]

    async def subscribe(self, session: SessionId, caller: Caller) -> AsyncIterator[bytes]:
        """Frames from now on."""
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.bus[session].add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self.bus[session].discard(queue)

    async def publish(self, session: SessionId, caller: Caller, frame: bytes) -> None:
        """Tell all."""
        self.published.append(frame)
        for queue in self.bus[session]:
            queue.put_nowait(frame)

    async def _say(self, text: str, turn: Turn, listener: Listener) -> None:
        self.begun.set()
        middle = len(turn.said) // self.pieces or 1
        cuts = [*range(0, len(turn.said), middle), len(turn.said)]
        for index, (start, end) in enumerate(pairwise(cuts)):
            if index == 1 and text.startswith("wait"):
                await self.gate.wait()
            await listener.delta(turn.said[start:end])
        if text == "break":
            raise Overloaded("broke after the first word", retry_after=2.0)

    def _turn(self, message: Message, turns: list[Turn]) -> Turn:
        seq = len(turns) if message.seq is None else message.seq
        said = f"收到：{message.text}"
        llm = message.text.startswith("llm")
        return Turn(
            session=message.session,
            seq=seq,
            turn_id=TurnId(f"{message.session}-t{seq}"),
            text=message.text,
            reply=said,
            said=said,
            meaning=MEANING,
            decision=Decision((), "echo"),
            source=Source.LLM if llm else Source.TEMPLATE,
            slots=SLOTS,
            flow=None,
            turns=len(turns) + 1,
            model="fake" if llm else None,
            usage=Usage(7, 5, 0.01) if llm else Usage(),
            timings={"answer": 1.25},
            vault=VAULT,
        )

    def _known(self, session: SessionId, caller: Caller) -> list[Turn]:
        if session.startswith("private"):
            raise ERRORS["forbidden"]
        key = (caller.tenant, session)
        if key not in self.kept:
            raise NotFound("no such conversation")
        return self.kept[key]


class TwinParts:
    """Steps that always find the same."""

    async def understand(
        self, texts: Sequence[str], context: Sequence[Said], locale: Locale | None
    ) -> Sequence[Meaning]:
        """One meaning for all."""
        return [replace(MEANING, slots=(Slot("phone", "13800138000", "13800138000"),))] * len(texts)

    async def mask(self, texts: Sequence[str]) -> Sequence[Masked]:
        """Mask everything."""
        return [Masked("<PHONE_1>", (Finding("phone", 0, len(text)),)) for text in texts]

    async def moderate(self, texts: Sequence[str]) -> Sequence[Verdict]:
        """Block "bad", send "sad" to a person."""
        actions = {"bad": Verdict("block", (Finding("abuse", 0, 3),)), "sad": Verdict("handover")}
        return [actions.get(text, Verdict()) for text in texts]


class TwinFeedback:
    """Keeps ratings."""

    def __init__(self) -> None:
        self.ratings: list[tuple[str, str | None, int, str]] = []

    async def rate(
        self, session: SessionId, turn_id: str | None, csat: int, comment: str, caller: Caller
    ) -> None:
        """Keep one."""
        if session == "nobody":
            raise NotFound("no such conversation")
        self.ratings.append((session, turn_id, csat, comment))


class TwinHealth:
    """Healthy until told otherwise."""

    def __init__(self) -> None:
        self.alive = True
        self.readiness = Readiness(True, {"sql": "ok"})

    async def live(self) -> bool:
        """As told."""
        return self.alive

    async def ready(self) -> Readiness:
        """As told."""
        return self.readiness


class TwinMetrics:
    """One number."""

    def render(self) -> tuple[bytes, str]:
        """It."""
        return b"kefu_turns_total 1\n", "text/plain; version=0.0.4; charset=utf-8"


class TwinTokens:
    """A hot store's buckets: refuses the keys it was told to, for as long as it was told to."""

    def __init__(self) -> None:
        self.waits: dict[str, float] = {}
        self.taken: list[str] = []
        self.error: Exception | None = None
        self.most = float("inf")

    async def take(self, key: str, rate: float, burst: float, cost: float = 1.0) -> float:
        """Take a token; more than `most` at once are refused."""
        if self.error is not None:
            raise self.error
        if cost > self.most:
            return 1.0
        self.taken.append(key)
        return next((wait for prefix, wait in self.waits.items() if key.startswith(prefix)), 0.0)


class Twin:
    """All of it."""

    def __init__(self) -> None:
        self.turns = TwinTurns()
        self.feedback = TwinFeedback()
        self.health = TwinHealth()
        self.tokens = TwinTokens()
        self.watched: list[tuple[str, int, float]] = []

    def service(self) -> Service:
        """As the doors see it."""
        return Service(
            turns=self.turns,
            parts=TwinParts(),
            feedback=self.feedback,
            health=self.health,
            metrics=TwinMetrics(),
            watch=lambda route, status, seconds: self.watched.append((route, status, seconds)),
        )
