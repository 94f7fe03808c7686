"""The turn arbiter: one turn at a time per conversation, over hot state and the log.

SQL is the truth. The hot store holds a snapshot and the lease; when it is cold, dirty or gone, the state
is rebuilt from the log. A conversation is written twice per turn: one entry to the log, then the snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import structlog

from kefu.deadline import Deadline
from kefu.dialogue.events import Began, Event
from kefu.dialogue.outbox import Outbox
from kefu.dialogue.records import Codec, Thawed, TurnRecord, recall
from kefu.dialogue.sealing import Sealer
from kefu.dialogue.state import Dialogue, apply
from kefu.errors import (
    Conflict,
    DeadlineExceeded,
    NotAllowed,
    NotFound,
    StoreUnavailable,
    VersionClash,
)
from kefu.messages import Caller, Degraded, Message, SessionId, Turn
from kefu.storage.base import Entry, HotStore, Lease, Log
from kefu.storage.memory import MemoryStore

SNAPSHOT_TTL_S = 3600.0
"""How long an idle conversation stays hot; after that it is rebuilt from SQL when it goes on."""

LEASE_TTL_S = 5.0
"""How long a conversation stays locked when its worker died; a living one renews its leases."""

RENEW_S = 2.0
"""Turns with a language model may take longer than a lease: it is renewed this often."""

NOTE_PATIENCE_S = 10.0
"""How long the desk waits for a turn that is under way."""

READ_PAGE = 1000

log = structlog.get_logger()


@dataclass(slots=True)
class Conversation:
    """A conversation that is ours until the block ends."""

    id: SessionId
    caller: Caller
    dialogue: Dialogue
    position: int
    store: HotStore
    lease: Lease | None
    degraded: Degraded | None = None
    thawed: Thawed | None = None

    @property
    def next_seq(self) -> int:
        """The number of a message that came without one."""
        return self.dialogue.seq + 1


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One entry of a conversation, opened."""

    entry: Entry
    events: tuple[Event, ...]
    turn: TurnRecord | None


Finish = Callable[[Dialogue], Turn]


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants to hold which conversation, and how long they will wait for it."""

    session: SessionId
    caller: Caller
    deadline: Deadline
    owner_only: bool = True


class Held:
    """`async with conversations.turn(…) as conversation`: a class, since it is entered at every turn."""

    __slots__ = ("_claim", "_conversation", "_conversations", "_renewing", "_timer")

    def __init__(self, conversations: Conversations, claim: Claim) -> None:
        self._conversations = conversations
        self._claim = claim
        self._conversation: Conversation | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Conversation:
        """Hold it."""
        self._conversation = await self._conversations.hold(self._claim)
        self._renew_later()
        return self._conversation

    async def __aexit__(self, *_: object) -> None:
        """Let it go."""
        if self._timer is not None:
            self._timer.cancel()
        if self._conversation is not None:
            await self._conversations.let_go(self._conversation)

    def _renew_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(RENEW_S, self._renew)

    def _renew(self) -> None:
        if self._conversation is not None:
            renewal = self._conversations.renew(self._conversation)
            self._renewing = asyncio.get_running_loop().create_task(renewal)
            self._renew_later()


class Conversations:
    """Opens conversations one turn at a time, and writes down what happened."""

    def __init__(self, hot: HotStore, truth: Log, sealer: Sealer) -> None:
        self._hot = hot
        self._truth = truth
        self._spare = MemoryStore()
        self._sealer = sealer
        self._codec = Codec(sealer)
        self._outbox = Outbox(truth)

    def turn(
        self, session: SessionId, caller: Caller, deadline: Deadline, owner_only: bool = True
    ) -> Held:
        """Hold the conversation for a block: nobody else answers it meanwhile.

        Entering raises NotAllowed for a conversation that belongs to somebody else, DeadlineExceeded when
        the turns before this one take too long.
        """
        return Held(self, Claim(session, caller, deadline, owner_only))

    async def hold(self, claim: Claim) -> Conversation:
        """Begin a turn; `let_go` must follow. Use `turn`, which sees to that."""
        conversation = await self._hold(claim.session, claim.caller, claim.deadline)
        try:
            await self._load(conversation)
            if claim.owner_only:
                _check_owner(conversation.dialogue, claim.caller)
        except BaseException:
            await self.let_go(conversation)
            raise
        return conversation

    async def renew(self, conversation: Conversation) -> None:
        """Keep the lease of a turn that takes long. A lease that is lost shows at commit."""
        if conversation.lease is not None:
            with contextlib.suppress(StoreUnavailable):
                await conversation.store.renew(conversation.lease, LEASE_TTL_S)

    async def let_go(self, conversation: Conversation) -> None:
        """End a turn. Commit gave the lease back in the same round trip; then there is none to release."""
        if conversation.lease is not None:
            await self._give_back(conversation.store, conversation.lease)

    async def answered(self, conversation: Conversation, message: Message) -> Turn | None:
        """The first answer to this (session, seq), if there was one. Raises Conflict for other words."""
        if message.seq is None or message.seq > conversation.dialogue.seq:
            return None
        entry = await self._truth.find(conversation.caller.tenant, message.session, message.seq)
        if entry is None:
            return None
        if entry.fingerprint != self._sealer.fingerprint(message.text):
            raise Conflict(
                f"seq {message.seq} was used with another text; the next free seq is "
                f"{conversation.next_seq}"
            )
        return self._recall(message.session, entry, conversation.dialogue.vault)

    async def record(
        self, conversation: Conversation, message: Message, events: Sequence[Event], finish: Finish
    ) -> Turn:
        """Make a turn durable, then hot. `finish` makes it from the dialogue after `events`.

        It comes back marked degraded when SQL could not take it in time.
        """
        events = self._opening(conversation, *events)
        before = conversation.dialogue
        after = _fold(before, events)
        turn = finish(after)
        entry = self._entry(conversation, message, turn, events)
        try:
            await self._append(conversation, entry)
        except StoreUnavailable:
            self._outbox.put(entry)
            turn = msgspec.structs.replace(turn, degraded=Degraded("store_unavailable", "commit"))
        if conversation.dialogue is not before:  # it was read again on the way
            after = _fold(conversation.dialogue, events)
        await self._warm(conversation, after)
        return turn

    async def note(
        self, session: SessionId, caller: Caller, *events: Event
    ) -> tuple[Dialogue, int]:
        """Write down what happened outside a turn (the desk): the state after it, and its place in the log.

        Raises NotFound for an unknown session.
        """
        async with self.turn(
            session, caller, Deadline.after(NOTE_PATIENCE_S), owner_only=False
        ) as conversation:
            if conversation.position < 0:
                raise NotFound(f"no conversation {session!r}")
            body = self._codec.write(events, None)
            position = conversation.position + 1
            at_ms = int(datetime.now(UTC).timestamp() * 1000)
            await self._append(
                conversation, Entry(caller.tenant, session, position, "desk", at_ms, body)
            )
            await self._warm(conversation, _fold(conversation.dialogue, events))
            return conversation.dialogue, conversation.position

    async def read(
        self, session: SessionId, caller: Caller, after: int = -1
    ) -> tuple[Dialogue, list[StoryLine]]:
        """The whole conversation from the truth: its state, and its entries with position > after.

        Raises NotFound, NotAllowed.
        """
        entries = await self._entries(caller.tenant, session)
        if not entries:
            raise NotFound(f"no conversation {session!r}")
        dialogue = Dialogue()
        story = []
        for entry in entries:
            events, record = self._codec.read(entry.body)
            dialogue = _fold(dialogue, events)
            if entry.position > after:
                story.append(StoryLine(entry, events, record))
        _check_reader(dialogue, caller)
        return dialogue, story

    async def forget(self, session: SessionId, tenant: str) -> None:
        """Erase a conversation everywhere."""
        await self._truth.forget(tenant, session)
        await self._hot.delete(_key(tenant, session))

    async def close(self) -> None:
        """Write what the outbox still holds."""
        await self._outbox.close()

    async def _hold(self, session: SessionId, caller: Caller, deadline: Deadline) -> Conversation:
        key = _key(caller.tenant, session)
        try:
            store: HotStore = self._hot
            degraded = None
            lease = await store.lease(key, LEASE_TTL_S, deadline.remaining())
        except StoreUnavailable:
            store = self._spare
            degraded = Degraded("hot_store_unavailable", "remember")
            lease = await store.lease(key, LEASE_TTL_S, deadline.remaining())
        if lease is None:
            raise DeadlineExceeded("earlier messages of this conversation are still being answered")
        return Conversation(session, caller, Dialogue(), -1, store, lease, degraded)

    async def _load(self, conversation: Conversation) -> None:
        lease = conversation.lease
        if lease is not None and lease.value is not None:
            conversation.thawed = thawed = self._codec.thaw(lease.value)
            conversation.dialogue, conversation.position = thawed.dialogue, thawed.position
            return
        tenant = conversation.caller.tenant
        try:
            entries = await self._entries(tenant, conversation.id)
        except StoreUnavailable:
            entries = []
            conversation.degraded = Degraded("store_unavailable", "remember")
        self._rebuild(conversation, [*entries, *self._outbox.held(tenant, conversation.id)])

    def _rebuild(self, conversation: Conversation, entries: Sequence[Entry]) -> None:
        dialogue, position = Dialogue(), -1
        for entry in entries:
            dialogue = _fold(dialogue, self._codec.read(entry.body)[0])
            position = entry.position
        conversation.dialogue, conversation.position = dialogue, position

    async def _entries(self, tenant: str, session: str, after: int = -1) -> list[Entry]:
        entries: list[Entry] = []
        while True:
            page = await self._truth.read(tenant, session, after, READ_PAGE)
            entries.extend(page)
            if len(page) < READ_PAGE:
                return entries
            after = page[-1].position

    async def _append(self, conversation: Conversation, entry: Entry) -> None:
        """Append; when the snapshot was behind the log, read on and append once more.

        That happens when a worker died between its two writes, or when SQL was away for a while.
        """
        try:
            await self._truth.append(entry)
        except VersionClash:
            self._rebuild(conversation, await self._entries(entry.tenant, entry.session))
            position = conversation.position + 1
            try:
                await self._truth.append(dataclasses.replace(entry, position=position))
            except VersionClash as exc:
                # The lease was lost to a worker that answered this very message.
                raise Conflict("another worker answered this message; send it again") from exc

    async def _warm(self, conversation: Conversation, after: Dialogue) -> None:
        conversation.dialogue = after
        conversation.position += 1
        lease, conversation.lease = conversation.lease, None
        if lease is None:
            return
        value = self._codec.freeze(
            conversation.dialogue, conversation.position, conversation.thawed
        )
        try:
            if not await conversation.store.commit(lease, value, SNAPSHOT_TTL_S):
                log.warning("lease_lost", step="commit")
        except StoreUnavailable:
            # The log has the turn; a lease that is not given back marks the snapshot as not to be trusted.
            log.warning("hot_store_unavailable", step="commit")

    async def _give_back(self, store: HotStore, lease: Lease) -> None:
        try:
            await store.release(lease)
        except StoreUnavailable:
            log.warning("hot_store_unavailable", step="release")

    def _opening(self, conversation: Conversation, *events: Event) -> tuple[Event, ...]:
        caller = conversation.caller
        known = conversation.dialogue
        signed_in = caller.user_id is not None and known.owner is None
        if conversation.position < 0 or signed_in:
            return (Began(caller.user_id, caller.tenant, caller.tier), *events)
        return events

    def _entry(
        self, conversation: Conversation, message: Message, turn: Turn, events: tuple[Event, ...]
    ) -> Entry:
        return Entry(
            tenant=conversation.caller.tenant,
            session=conversation.id,
            position=conversation.position + 1,
            kind="turn",
            at_ms=int(message.at.timestamp() * 1000),
            body=self._codec.write(events, turn),
            seq=turn.seq,
            turn_id=turn.turn_id,
            fingerprint=self._sealer.fingerprint(message.text),
            source=turn.source,
            intents=",".join(intent.name for intent in turn.meaning.intents),
            emotion=turn.meaning.emotion.label,
            latency_ms=turn.timings.get("total", 0.0),
        )

    def _recall(self, session: SessionId, entry: Entry, vault: Mapping[str, str]) -> Turn | None:
        record = self._codec.read(entry.body)[1]
        return None if record is None else recall(session, record, vault)


def _key(tenant: str, session: str) -> str:
    return f"{tenant}/{session}"


def _fold(dialogue: Dialogue, events: Sequence[Event]) -> Dialogue:
    for event in events:
        dialogue = apply(dialogue, event)
    return dialogue


def _check_reader(dialogue: Dialogue, caller: Caller) -> None:
    """A trusted back end that names no user may read for any of its users."""
    if not caller.service or caller.user_id is not None:
        _check_owner(dialogue, caller)


def _check_owner(dialogue: Dialogue, caller: Caller) -> None:
    if dialogue.owner is not None and dialogue.owner != caller.user_id:
        raise NotAllowed(
            "this conversation belongs to another user; start one with a new session_id"
        )
