"""START HERE. One chat turn, told top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from kefu.answering.answerers import Answerers, AskedTurn
from kefu.deadline import Deadline
from kefu.deciding.chooser import Chooser, Situation
from kefu.deciding.rules import Circumstances
from kefu.desk.queue import Queue
from kefu.dialogue.conversations import Conversations
from kefu.experiments.assign import Experiment, assign
from kefu.guarding.guard import Guard
from kefu.knowledge.faq import FaqIndex
from kefu.making import Listener, Making, Stopwatch
from kefu.messages import Answer, Caller, Message, SessionId, Source, Turn
from kefu.understanding.amending import amended
from kefu.understanding.reader import Reader, ReadingContext


class Watch(Protocol):
    """Who is told: metrics, log, trace. Never awaited by the customer."""

    def turn(self, turn: Turn) -> None:
        """A turn is finished, and durable."""

    def error(self, where: str, exc: BaseException) -> None:
        """Something broke that nobody expected."""


Identify = Callable[[Caller, SessionId], Caller]
"""On whose behalf the tools act: the caller, or in demo mode a customer of the demo shop."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a turn, in the order in which they are taken."""

    guard: Guard
    conversations: Conversations
    reader: Reader
    faq: FaqIndex
    chooser: Chooser
    answerers: Answerers
    desk: Queue
    watch: Watch
    identify: Identify
    experiments: tuple[Experiment, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a turn may take and use: seconds in all, and whether a language model is there."""

    seconds: float = 30.0
    llm: bool = False


class Turns:
    """Answers customers. An accepted message always ends in a reply, durable before it is done."""

    def __init__(self, steps: Steps, allowance: Allowance) -> None:
        self._steps = steps
        self._allowance = allowance

    async def respond(self, message: Message, listener: Listener) -> Turn:
        """Answer one customer message. Start reading here.

        Raises NotAllowed, Conflict and DeadlineExceeded before any work is done; nothing after that.
        """
        steps, clock = self._steps, Stopwatch()
        deadline = Deadline.after(self._allowance.seconds)
        async with steps.conversations.turn(
            message.session, message.caller, deadline
        ) as conversation:
            clock.lap("remember")
            answered_before = await steps.conversations.answered(conversation, message)
            if answered_before is not None:
                return answered_before
            making = Making(message, conversation, listener, deadline, clock)
            making.variant = assign(steps.experiments, message.session)
            await self._make(making)
            turn = await steps.conversations.record(
                conversation, message, making.events(), making.turn
            )
            clock.lap("commit")
            if conversation.dialogue.mode != "bot":
                await steps.desk.enter(message.session, conversation.dialogue)
        steps.watch.turn(turn)
        return turn

    async def _make(self, making: Making) -> None:
        """Guard in, understand, decide, answer, guard out. Whatever breaks, the customer hears something."""
        try:
            await self._understand(making)
            await self._answer(making)
        except Exception as exc:  # noqa: BLE001 -- the promise: an accepted turn ends in a reply
            self._steps.watch.error("turn", exc)
            await making.apologise(type(exc).__name__)

    async def _understand(self, making: Making) -> None:
        steps, clock = self._steps, making.clock
        message, dialogue = making.message, making.conversation.dialogue
        making.asked = steps.guard.incoming(message.text, making.vault, message.locale)
        clock.lap("guard_in")
        frame = dialogue.frames[0] if dialogue.frames else None
        context = ReadingContext(
            now=message.at,
            locale=making.asked.locale,
            waiting=frame.waiting if frame else None,
            choices=frame.choices if frame else (),
            topic=dialogue.topic,
            slots=dialogue.slots,
            held=frame.slots if frame else {},
            vip=message.caller.tier == "vip",
            mood=dialogue.mood,
        )
        meaning = await steps.reader.read(making.asked.text, context, making.deadline)
        making.meaning = amended(meaning, making.asked.text, context.held, making.vault)
        clock.lap("understand")
        await making.listener.meta(making.seq, making.turn_id, making.meaning, making.vault.values)

    async def _answer(self, making: Making) -> None:
        steps, clock = self._steps, making.clock
        now = Circumstances(self._allowance.llm, making.deadline.remaining())
        dialogue = making.conversation.dialogue
        search = partial(steps.faq.search, vector=making.meaning.vector)
        situation = Situation(making.asked, making.meaning, dialogue, search, now, making.variant)
        making.decision = steps.chooser.choose(situation)
        clock.lap("decide")
        if making.decision.silent:
            making.answer = Answer(text="", source=Source.HUMAN)
            return
        making.outgoing = outgoing = steps.guard.outgoing(making.listener.delta, making.vault)
        asked = AskedTurn(
            text=making.asked.text,
            locale=making.asked.locale,
            meaning=making.meaning,
            decision=making.decision,
            dialogue=dialogue,
            vault=making.vault,
            caller=steps.identify(making.message.caller, making.message.session),
            session=making.message.session,
            key=f"{making.message.session}:{making.seq}",
            hits=situation.hits if making.decision.uses_faq else (),
            now=making.message.at,
            deadline=making.deadline,
        )
        making.answer = await steps.answerers.carry_out(asked, outgoing.piece)
        await outgoing.close()
        making.reply, making.said = outgoing.reply, outgoing.said
        clock.lap("answer")
