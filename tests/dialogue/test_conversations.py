"""The arbiter over real stores: one turn at a time, answered once, kept through every loss of hot state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.deadline import Deadline
from kefu.dialogue.conversations import Conversations
from kefu.dialogue.events import AgentSaid, Answered, Event, Kept, Said, TakenOver
from kefu.dialogue.sealing import KEY_BYTES, Sealer
from kefu.dialogue.state import Dialogue
from kefu.errors import Conflict, DeadlineExceeded, NotAllowed, NotFound, StoreUnavailable
from kefu.messages import UNKNOWN, Caller, Decision, Message, SessionId, Source, Turn, TurnId
from kefu.storage.base import Entry, Lease
from kefu.storage.memory import MemoryStore
from kefu.storage.sql import SqlLog

ME = Caller(user_id="U1", service=True)
NOBODY = Caller()
TALK = SessionId("talk")
SEALER = Sealer(b"k" * KEY_BYTES)


@pytest.fixture
async def truth(tmp_path: Path) -> AsyncIterator[SqlLog]:
    log = await SqlLog.open(f"sqlite:///{tmp_path / 'truth.sqlite3'}")
    yield log
    await log.close()


def message(text: str, seq: int | None = None, caller: Caller = NOBODY) -> Message:
    return Message(TALK, text, caller, datetime.now(UTC), seq)


async def take_turn(
    conversations: Conversations,
    asked: Message,
    events: Sequence[Event] = (),
    seconds: float = 5.0,
) -> Turn:
    """A turn that answers with an echo."""
    async with conversations.turn(asked.session, asked.caller, Deadline.after(seconds)) as held:
        known = await conversations.answered(held, asked)
        if known is not None:
            return known
        seq = held.next_seq if asked.seq is None else asked.seq
        reply = f"echo {asked.text}"
        happened = [Said(seq, asked.text, "zh"), Answered(reply, "template"), *events]
        return await conversations.record(
            held, asked, happened, lambda after: echo(asked, seq, after)
        )


def echo(asked: Message, seq: int, after: Dialogue) -> Turn:
    return Turn(
        session=asked.session,
        seq=seq,
        turn_id=TurnId(f"t{seq}"),
        text=asked.text,
        reply=f"echo {asked.text}",
        said=f"echo {asked.text}",
        meaning=UNKNOWN,
        decision=Decision((), "test"),
        source=Source.TEMPLATE,
        slots=after.slots,
        flow=None,
        turns=after.turns,
        vault=after.vault,
    )


async def test_the_same_number_is_answered_once(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    first = await take_turn(conversations, message("你好", 0))
    again = await take_turn(conversations, message("你好", 0))
    assert again.again
    assert (again.turn_id, again.reply, again.turns) == (first.turn_id, first.reply, 1)


async def test_the_same_number_with_other_words_is_a_conflict(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    await take_turn(conversations, message("你好", 0))
    with pytest.raises(Conflict, match="next free seq is 1"):
        await take_turn(conversations, message("再见", 0))
    assert (await take_turn(conversations, message("再见"))).seq == 1


async def test_a_skipped_number_may_still_come(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    await take_turn(conversations, message("b", 5))
    assert (await take_turn(conversations, message("a", 3))).seq == 3
    assert (await take_turn(conversations, message("c"))).seq == 6


async def test_turns_of_one_conversation_queue_up(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    turns = await asyncio.gather(*(take_turn(conversations, message(str(n))) for n in range(20)))
    assert sorted(turn.seq for turn in turns) == list(range(20))
    assert sorted(turn.turns for turn in turns) == list(range(1, 21))


async def test_a_turn_that_takes_long_keeps_its_conversation(
    truth: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kefu.dialogue.conversations.LEASE_TTL_S", 0.2)
    monkeypatch.setattr("kefu.dialogue.conversations.RENEW_S", 0.05)
    conversations = Conversations(MemoryStore(), truth, SEALER)
    async with conversations.turn(TALK, NOBODY, Deadline.after(5)) as held:
        lease = held.lease
        assert lease is not None
        with pytest.raises(DeadlineExceeded):
            await take_turn(conversations, message("?"), seconds=0.5)
        assert await held.store.renew(lease, 1.0), "it was never lost"


async def test_who_waits_too_long_is_told_so(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    async with conversations.turn(TALK, NOBODY, Deadline.after(5)):
        with pytest.raises(DeadlineExceeded):
            await take_turn(conversations, message("?"), seconds=0.02)


async def test_a_conversation_goes_on_when_all_hot_state_is_lost(truth: SqlLog) -> None:
    vault = {"<PHONE_1>": "13800138000"}
    before = Conversations(MemoryStore(), truth, SEALER)
    await take_turn(before, message("我的电话<PHONE_1>", 0), [Kept(vault)])
    after = Conversations(MemoryStore(), truth, SEALER)
    turn = await take_turn(after, message("还在吗"))
    assert (turn.seq, turn.turns, turn.vault) == (1, 2, vault)


async def test_personal_data_is_sealed_in_sql_and_in_the_hot_store(
    truth: SqlLog, tmp_path: Path
) -> None:
    hot = MemoryStore()
    conversations = Conversations(hot, truth, SEALER)
    await take_turn(conversations, message("x", 0), [Kept({"<PHONE_1>": "13800138000"})])
    stored = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("*")))  # noqa: ASYNC240 -- a test
    assert b"13800138000" not in stored + (await hot.get("default/talk") or b"")


async def test_a_snapshot_behind_the_log_is_brought_up_to_date(truth: SqlLog) -> None:
    hot = MemoryStore()
    conversations = Conversations(hot, truth, SEALER)
    await take_turn(conversations, message("0", 0))
    stale = await hot.get("default/talk")
    assert stale is not None
    await take_turn(conversations, message("1", 1))
    await hot.put("default/talk", stale, 60)
    turn = await take_turn(conversations, message("2", 2))
    assert turn.seq == 2
    dialogue, story = await conversations.read(TALK, NOBODY)
    assert (dialogue.turns, [line.entry.position for line in story]) == (3, [0, 1, 2])


async def test_a_message_that_another_worker_answered_meanwhile_is_a_conflict(
    truth: SqlLog,
) -> None:
    mine, theirs = (Conversations(MemoryStore(), truth, SEALER) for _ in range(2))
    async with mine.turn(TALK, NOBODY, Deadline.after(5)) as held:
        await take_turn(theirs, message("a", 0))
        asked = message("a", 0)
        with pytest.raises(Conflict, match="send it again"):
            await mine.record(
                held, asked, [Said(0, "a", "zh")], lambda after: echo(asked, 0, after)
            )


async def test_a_conversation_belongs_to_its_user(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    await take_turn(conversations, message("a", caller=ME))
    with pytest.raises(NotAllowed):
        await take_turn(conversations, message("b"))
    with pytest.raises(NotAllowed):
        await conversations.read(TALK, Caller(user_id="U2", service=True))
    assert (await take_turn(conversations, message("c", caller=ME))).turns == 2


async def test_a_back_end_reads_for_all_its_users_and_speaks_for_none_unnamed(
    truth: SqlLog,
) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    await take_turn(conversations, message("a", caller=ME))
    back_end = Caller(service=True)
    dialogue, _ = await conversations.read(TALK, back_end)
    assert dialogue.owner == "U1"
    with pytest.raises(NotAllowed):
        await take_turn(conversations, message("b", caller=back_end))


async def test_signing_in_claims_an_anonymous_conversation(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    await take_turn(conversations, message("a"))
    await take_turn(conversations, message("b", caller=ME))
    with pytest.raises(NotAllowed):
        await take_turn(conversations, message("c"))


async def test_the_desk_writes_into_the_same_story(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    await take_turn(conversations, message("转人工"))
    dialogue, position = await conversations.note(
        TALK, NOBODY, TakenOver("小李"), AgentSaid("小李", "您好")
    )
    assert (dialogue.mode, position) == ("human", 1)
    assert (await take_turn(conversations, message("好的"))).turns == 2
    _, story = await conversations.read(TALK, NOBODY, after=0)
    assert [line.entry.kind for line in story] == ["desk", "turn"]
    with pytest.raises(NotFound):
        await conversations.note(SessionId("absent"), NOBODY, TakenOver("小李"))
    with pytest.raises(NotFound):
        await conversations.read(SessionId("absent"), NOBODY)


async def test_what_is_forgotten_is_gone_everywhere(truth: SqlLog) -> None:
    hot = MemoryStore()
    conversations = Conversations(hot, truth, SEALER)
    await take_turn(conversations, message("a"))
    await conversations.forget(TALK, "default")
    assert await hot.get("default/talk") is None
    with pytest.raises(NotFound):
        await conversations.read(TALK, NOBODY)


class AbsentHot(MemoryStore):
    """A hot store that does not answer."""

    async def lease(self, key: str, ttl_s: float, wait_s: float) -> Lease | None:
        raise StoreUnavailable("no answer")


async def test_without_its_hot_store_a_conversation_goes_on_marked_degraded(
    truth: SqlLog,
) -> None:
    conversations = Conversations(AbsentHot(), truth, SEALER)
    await take_turn(conversations, message("a"))
    async with conversations.turn(TALK, NOBODY, Deadline.after(5)) as held:
        assert held.dialogue.turns == 1
        assert held.degraded is not None
        assert held.degraded.step == "remember"


class Flaky:
    """A log that is away while `away` is set; otherwise the real one."""

    def __init__(self, truth: SqlLog) -> None:
        self._truth = truth
        self.away = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._truth, name)

    async def append(self, entry: Entry) -> None:
        if self.away:
            raise StoreUnavailable("away")
        await self._truth.append(entry)

    async def read(
        self, tenant: str, session: str, after: int = -1, limit: int = 1000
    ) -> Sequence[Entry]:
        if self.away:
            raise StoreUnavailable("away")
        return await self._truth.read(tenant, session, after, limit)


async def test_what_sql_could_not_take_is_written_when_it_is_back(truth: SqlLog) -> None:
    flaky = Flaky(truth)
    conversations = Conversations(MemoryStore(), flaky, SEALER)  # type: ignore[arg-type]  # stands in for a Log
    flaky.away = True
    turn = await take_turn(conversations, message("a", 0))
    assert turn.degraded is not None
    assert turn.degraded.step == "commit"
    assert (await take_turn(conversations, message("b", 1))).turns == 2
    flaky.away = False
    await conversations.close()
    entries = await truth.read("default", "talk")
    assert [entry.seq for entry in entries] == [0, 1]


async def test_a_worker_that_dies_before_its_commit_leaves_no_trace(truth: SqlLog) -> None:
    conversations = Conversations(MemoryStore(), truth, SEALER)
    with pytest.raises(RuntimeError):
        async with conversations.turn(TALK, NOBODY, Deadline.after(5)):
            raise RuntimeError("died")
    turn = await take_turn(conversations, message("a"))
    assert turn.seq == 0
