"""What stands behind the doors' ports: the turn, the steps on their own, the stores."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from kefu.deadline import Deadline
from kefu.dialogue.conversations import Conversations, StoryLine
from kefu.dialogue.events import AgentSaid, Event, GivenBack, TakenOver
from kefu.dialogue.records import recall
from kefu.dialogue.vault import Vault
from kefu.errors import KefuError, NotFound
from kefu.gateway.service import Line, Masked, Notice, Readiness, Said, SessionView
from kefu.guarding.guard import Guard
from kefu.guarding.hearing import Heard, hear
from kefu.making import Listener
from kefu.messages import Caller, Locale, Meaning, Message, SessionId, Turn, TurnId, Verdict
from kefu.storage.base import HotStore, Log, Rating
from kefu.turn import Turns
from kefu.understanding.reader import Reader
from kefu.understanding.slots.personal import revealed

CHECK_S = 2.0


class BackedTurns:
    """Conversations, over the turn and the stores."""

    def __init__(self, turns: Turns, conversations: Conversations, hot: HotStore) -> None:
        self._turns = turns
        self._conversations = conversations
        self._hot = hot

    async def respond(self, message: Message, listener: Listener) -> Turn:
        """Answer one message."""
        return await self._turns.respond(message, listener)

    async def session(self, session: SessionId, caller: Caller) -> SessionView:
        """The conversation, personal data put back."""
        dialogue, story = await self._conversations.read(session, caller)
        vault = Vault(dialogue.vault)
        return SessionView(
            session=session,
            lines=tuple(_shown(line, vault) for entry in story for line in _lines(entry)),
            slots={name: _plain(value, vault) for name, value in dialogue.slots.items()},
            flow=dialogue.flow,
            turns=dialogue.turns,
            mode=dialogue.mode,
        )

    async def missed(
        self, session: SessionId, caller: Caller, last_seq: int
    ) -> Sequence[Turn | Notice]:
        """Turns with a higher number, and what the desk did since that turn."""
        dialogue, story = await self._conversations.read(session, caller)
        known = [s.entry.position for s in story if s.turn is not None and s.turn.seq <= last_seq]
        since = max(known, default=-1)
        vault = Vault(dialogue.vault)
        missed: list[Turn | Notice] = []
        for line in story:
            if line.turn is not None and line.turn.seq > last_seq:
                missed.append(recall(session, line.turn, dialogue.vault))
            elif line.turn is None and line.entry.position > since:
                missed.extend(_notices(line, vault, dialogue.seq))
        return missed

    def subscribe(self, session: SessionId, caller: Caller) -> AsyncIterator[bytes]:
        """Frames of this session from other processes and the desk."""
        return self._hot.subscribe(channel(caller.tenant, session))

    async def publish(self, session: SessionId, caller: Caller, frame: bytes) -> None:
        """Tell them."""
        await self._hot.publish(channel(caller.tenant, session), frame)


class BackedParts:
    """The steps of a turn, each on its own."""

    def __init__(self, guard: Guard, reader: Reader) -> None:
        self._guard = guard
        self._reader = reader

    async def understand(
        self, texts: Sequence[str], context: Sequence[Said], locale: Locale | None
    ) -> Sequence[Meaning]:
        """What each text means; personal data is masked for the model and put back in the slots."""
        vault = Vault({})
        turns = [
            {"role": said.role, "text": self._guard.incoming(said.text, vault, locale).text}
            for said in context
        ]
        after = await self._reader.after(turns)
        heard = [hear(text, vault) for text in texts]
        meanings = await self._reader.read_all([one.masked for one in heard], after)
        return [_own_words(*pair) for pair in zip(heard, meanings, strict=True)]

    async def mask(self, texts: Sequence[str]) -> Sequence[Masked]:
        """Each text without personal data."""
        return [Masked(*self._guard.mask(text)) for text in texts]

    async def moderate(self, texts: Sequence[str]) -> Sequence[Verdict]:
        """What moderation says of each text."""
        return [self._guard.moderate(text) for text in texts]


class BackedFeedback:
    """What customers think of it, in SQL."""

    def __init__(self, conversations: Conversations, truth: Log, guard: Guard) -> None:
        self._conversations = conversations
        self._truth = truth
        self._guard = guard

    async def rate(
        self, session: SessionId, turn_id: str | None, csat: int, comment: str, caller: Caller
    ) -> None:
        """Keep a rating. Raises NotFound where there is no such conversation or turn."""
        _, story = await self._conversations.read(session, caller)
        turns = {line.turn.turn_id for line in story if line.turn is not None}
        if turn_id is not None and turn_id not in turns:
            raise NotFound(f"no turn {turn_id!r} in this conversation")
        masked = self._guard.mask(comment)[0]
        at_ms = int(datetime.now(UTC).timestamp() * 1000)
        await self._truth.rate(Rating(caller.tenant, session, turn_id, csat, masked, at_ms))


class BackedHealth:
    """Whether the dependencies answer."""

    def __init__(self, checks: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        self._checks = checks

    async def live(self) -> bool:
        """The loop answers, so the process lives."""
        return True

    async def ready(self) -> Readiness:
        """Ready while SQL answers; the hot store and models have stand-ins, so they only degrade."""
        states = {name: await _state(check) for name, check in self._checks.items()}
        return Readiness(ok=states.get("sql", "ok") == "ok", checks=states)


def channel(tenant: str, session: str) -> str:
    """The bus channel of a conversation."""
    return f"session/{tenant}/{session}"


async def _state(check: Callable[[], Awaitable[None]]) -> str:
    try:
        async with Deadline.after(CHECK_S).timeout():
            await check()
    except (KefuError, TimeoutError) as exc:
        return f"down: {type(exc).__name__}"
    return "ok"


def _own_words(heard: Heard, meaning: Meaning) -> Meaning:
    """A meaning of the masked text in the customer's own words and places, personal values in normal form."""
    restored = heard.restored(meaning)
    slots = tuple(
        msgspec.structs.replace(own, value=_plain(slot.value, heard.vault))
        for own, slot in zip(restored.slots, meaning.slots, strict=True)
    )
    return msgspec.structs.replace(restored, slots=slots)


def _plain(value: str, vault: Vault) -> str:
    return vault.reveal(revealed(value, vault.values))


def _shown(line: Line, vault: Vault) -> Line:
    return dataclasses.replace(line, text=vault.reveal(line.text))


def _lines(story: StoryLine) -> list[Line]:
    at = datetime.fromtimestamp(story.entry.at_ms / 1000, UTC)
    turn = story.turn
    if turn is None:
        number = notice_id(story.entry.position)
        said = [event for event in story.events if isinstance(event, AgentSaid)]
        return [Line("agent", event.text, at, id=number) for event in said]
    turn_id = TurnId(turn.turn_id)
    lines = [Line("user", turn.text, at, turn.seq, turn_id=turn_id)]
    if turn.reply:
        lines.append(Line("assistant", turn.reply, at, turn.seq, turn.source, turn_id))
    return lines


def _notices(story: StoryLine, vault: Vault, seq: int) -> list[Notice]:
    number = notice_id(story.entry.position)
    told = [_notice(event, vault, seq, number) for event in story.events]
    return [notice for notice in told if notice is not None]


def notice_id(position: int) -> str:
    """The name of what the desk did, by its place in the log: the same live and after a resume."""
    return f"desk-{position}"


def _notice(event: Event, vault: Vault, seq: int, number: str) -> Notice | None:
    match event:
        case AgentSaid():
            return Notice("agent_message", vault.reveal(event.text), seq, number)
        case TakenOver():
            return Notice("taken_over", seq=seq, id=number)
        case GivenBack():
            return Notice("given_back", seq=seq, id=number)
        case _:
            return None
