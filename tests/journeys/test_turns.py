"""Whole turns through a real engine."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from kefu.app import Engine
from kefu.dialogue.events import GivenBack, TakenOver
from kefu.errors import Conflict, NotAllowed
from kefu.messages import Caller, Message, SessionId, Source, Turn
from kefu.turn import Allowance, Turns

Say = Callable[..., Awaitable[Turn]]
EXAMPLE = "帮我查下订单,顺便把地址改了,怎么还不发货"


async def test_three_wishes_in_one_sentence_are_answered_in_order(say: Say) -> None:
    turn = await say(EXAMPLE)
    names = [intent.name for intent in turn.meaning.intents]
    assert names == ["order_status", "order_modify_address", "order_urge"]
    status, address, urge = (turn.said.index(word) for word in ("订单", "收货地址", "待发货"))
    assert status < address
    assert urge >= 0
    assert turn.source is Source.FLOW
    assert turn.flow == "order_modify_address"


async def test_a_change_is_made_only_after_a_yes_to_its_exact_effect(say: Say) -> None:
    await say("我要改地址")
    turn = await say("第一个")
    turn = await say("改到杭州市西湖区文三路90号3号楼501")
    assert "杭州市西湖区文三路90号3号楼501" in turn.said
    assert "确认" in turn.said
    assert "杭州" not in turn.reply, "the record holds placeholders"
    done = await say("确认")
    assert done.flow is None
    assert "改" in done.said


async def test_an_order_of_somebody_else_is_as_good_as_none(say: Say) -> None:
    me, other = Caller(user_id="U0007", service=True), Caller(user_id="U0008", service=True)
    mine = await say("帮我查下订单", "mine", caller=me)
    tail = mine.said.split("尾号")[1][:4]
    theirs = await say(f"帮我查下订单尾号{tail}", "theirs", caller=other)
    absent = await say("帮我查下订单尾号0000", "absent", caller=other)
    assert theirs.said.replace(tail, "") == absent.said.replace("0000", "")


async def test_the_same_message_is_answered_once(say: Say) -> None:
    first = await say("满多少包邮", seq=0)
    again = await say("满多少包邮", seq=0)
    assert (again.turn_id, again.said, again.turns) == (first.turn_id, first.said, 1)
    with pytest.raises(Conflict):
        await say("几天能退货", seq=0)


async def test_messages_of_one_conversation_are_answered_one_at_a_time(say: Say) -> None:
    turns: list[Turn] = await asyncio.gather(*(say("你好") for _ in range(10)))
    assert sorted(turn.turns for turn in turns) == list(range(1, 11))


async def test_a_foreign_conversation_is_refused_and_unchanged(say: Say) -> None:
    owner = Caller(user_id="U0001", service=True)
    await say("你好", caller=owner)
    with pytest.raises(NotAllowed):
        await say("你好")
    assert (await say("你好", caller=owner)).turns == 2


async def test_twice_angry_is_offered_a_person_and_asking_gets_one(kefu: Engine, say: Say) -> None:
    first = await say("太差劲了，等了一个星期还没发货")
    assert first.decision.apologise
    second = await say("你们真行啊，什么破服务，气死我了")
    assert "转人工" in second.said
    asked = await say("转人工")
    assert asked.handoff
    waiting = await kefu.steps.desk.waiting("default")
    assert [(row.session, row.state) for row in waiting] == [("journey", "queued")]


async def test_after_take_over_the_bot_is_silent_until_given_back(kefu: Engine, say: Say) -> None:
    await say("转人工")
    desk = Caller(service=True)
    await kefu.steps.conversations.note(SessionId("journey"), desk, TakenOver("小李"))
    silent = await say("几天能退货")
    assert (silent.said, silent.source, silent.handoff) == ("", Source.HUMAN, True)
    await kefu.steps.conversations.note(SessionId("journey"), desk, GivenBack("小李"))
    assert "7 天" in (await say("几天能退货")).said


async def test_a_broken_step_ends_in_the_apology_and_is_kept(kefu: Engine, say: Say) -> None:
    class Broken:
        async def read(self, *_: object) -> None:
            raise ZeroDivisionError("我的电话13800138000")

    steps = dataclasses.replace(kefu.steps, reader=Broken())  # type: ignore[arg-type]  # breaks on purpose
    turns = Turns(steps, Allowance())

    class Deaf:
        async def meta(self, *_: object) -> None: ...
        async def delta(self, text: str) -> None: ...

    message = Message(SessionId("broken"), "你好", Caller(), datetime.now(UTC), 0)
    turn = await turns.respond(message, Deaf())
    assert turn.source is Source.DEGRADED
    assert turn.degraded is not None
    assert turn.degraded.reason == "ZeroDivisionError"
    assert "转人工" in turn.said
    kept = await kefu.truth.find("default", "broken", 0)
    assert kept is not None


async def test_fifty_turns_keep_every_slot(say: Say) -> None:
    await say("我的手机号是13800138000")
    for number in range(49):
        turn = await say(["你好", "满多少包邮", "谢谢", "几天能退货"][number % 4])
    assert turn.turns == 50
    assert turn.vault[turn.slots["phone"]] == "13800138000"
