"""A turn in the making: what each step left for the next, and the clock."""

from __future__ import annotations

import itertools
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from msgspec import UNSET
from msgspec.structs import replace

from kefu.answering.apology import apologise
from kefu.deadline import Deadline
from kefu.dialogue.conversations import Conversation
from kefu.dialogue.events import Answered, Event, HandoffAsked, Kept, Said, Understood
from kefu.dialogue.state import Dialogue
from kefu.dialogue.vault import Vault
from kefu.experiments.assign import CONTROL
from kefu.guarding.outgoing import Outgoing
from kefu.messages import UNKNOWN, Answer, Asked, Decision, Meaning, Message, Source, Turn, TurnId

_PROCESS = secrets.token_hex(10)
_NUMBERS = itertools.count()
"""Turn ids are unique: random per process, counted within it. They are names, not secrets."""


class Listener(Protocol):
    """Who hears a turn while it is made: first what was understood, then the reply piece by piece."""

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """What was understood."""

    async def delta(self, text: str) -> None:
        """The next piece of the reply, as the customer may see it."""


class Stopwatch:
    """Milliseconds per step, and `total`; monotonic."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self.timings: dict[str, float] = {}

    def lap(self, step: str) -> None:
        """The step ended now."""
        now = time.perf_counter()
        self.timings[step] = (now - self._last) * 1000
        self.timings.pop("total", None)  # it stands last, whatever came before
        self.timings["total"] = (now - self._began) * 1000
        self._last = now


class Making:
    """A turn in the making: what each step left for the next."""

    def __init__(
        self,
        message: Message,
        conversation: Conversation,
        listener: Listener,
        deadline: Deadline,
        clock: Stopwatch,
    ) -> None:
        self.message = message
        self.conversation = conversation
        self.listener = listener
        self.deadline = deadline
        self.clock = clock
        self.seq = conversation.next_seq if message.seq is None else message.seq
        self.turn_id = TurnId(f"{_PROCESS}{next(_NUMBERS):012x}")
        self.vault = Vault(conversation.dialogue.vault)
        self.asked = Asked(text="", locale=message.locale or conversation.dialogue.locale)
        self.meaning = UNKNOWN
        self.decision = Decision((), "not decided")
        self.answer = Answer(text="", source=Source.DEGRADED)
        self.outgoing: Outgoing | None = None
        self.reply = self.said = ""
        self.variant = CONTROL

    async def apologise(self, reason: str) -> None:
        """Answer with the apology; what was already said stays in front of it, for it cannot be unsaid."""
        if self.outgoing is not None:
            self.reply, self.said = self.outgoing.reply, self.outgoing.said
        self.answer = apologise(self.asked.locale, reason, self.conversation.dialogue.frames)
        self.reply += self.answer.text
        self.said += self.answer.text
        await self.listener.delta(self.answer.text)

    def events(self) -> list[Event]:
        """What happened, as the conversation will remember it."""
        asked, meaning, answer = self.asked, self.meaning, self.answer
        events: list[Event] = []
        if self.vault.added:
            events.append(Kept(self.vault.added))
        events.append(Said(self.seq, asked.text, asked.locale))
        events.append(
            Understood(
                tuple(intent.name for intent in meaning.intents),
                {slot.name: slot.value for slot in meaning.slots},
                meaning.emotion,
                meaning.corrects,
            )
        )
        events.append(
            Answered(self.reply, answer.source, answer.frames, answer.slots, answer.intent)
        )
        if answer.handoff is not None:
            events.append(HandoffAsked(answer.handoff))
        return events

    def turn(self, after: Dialogue) -> Turn:
        """The finished turn; `after` is what the conversation knows after it."""
        asked, answer, before = self.asked, self.answer, self.conversation.dialogue
        return Turn(
            session=self.message.session,
            seq=self.seq,
            turn_id=self.turn_id,
            text=asked.text,
            reply=self.reply,
            said=self.said,
            meaning=replace(self.meaning, vector=UNSET),
            decision=self.decision,
            source=answer.source,
            slots=after.slots,
            flow=after.flow,
            turns=after.turns,
            handoff=answer.handoff is not None or before.mode != "bot",
            model=answer.model,
            degraded=answer.degraded or self.conversation.degraded,
            usage=answer.usage,
            timings=self.clock.timings,
            quick=answer.quick,
            locale=asked.locale,
            personal=Counter(finding.kind for finding in asked.personal),
            verdict=asked.verdict.action,
            variant=self.variant.name,
            vault=after.vault,
        )
