"""The open flows of a conversation during one turn: which run, in which order, and who may ask."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kefu.answering.asked import AskedTurn
from kefu.answering.flows.binding import LONGEST, begin, go_on, span_of
from kefu.answering.flows.hearing import REPLIES, Heard
from kefu.answering.flows.outcome import Outcome
from kefu.answering.flows.runner import CONFIRM, Runner, Visit
from kefu.messages import Frame, Wish
from kefu.pack.pack import Pack

TRIES = 3
"""Answers to the same question that miss it before a person is offered instead."""
_YES_NO = {"zh": ("是", "否"), "en": ("Yes", "No")}


class Frames:
    """Runs the flows of one turn: the new ones, and those that wait.

    New flows go before open ones. The same question is put once in a reply, and at most one asks for a yes.
    `learnt`, `handoff` and `failed` collect what came of all of them, `topic` is the intent of the last one.
    """

    def __init__(self, pack: Pack, runner: Runner, asked: AskedTurn) -> None:
        self._pack = pack
        self._runner = runner
        self._asked = asked
        self._old = [frame for frame in asked.dialogue.frames if frame.flow in pack.flows]
        self._new: list[Frame] = []
        self._put: list[str] = []
        self.heard = Heard(pack.flows, asked, tuple(self._old))
        self.learnt: dict[str, str] = dict(self.heard.answers)
        self.handoff: str | None = None
        self.failed: str | None = None
        self.topic: str | None = None
        self.went_on = not self._old

    @property
    def open(self) -> tuple[Frame, ...]:
        """The flows that wait, the foremost first: those whose question was put before the others."""
        frames = (*self._new, *self._old)
        return tuple(sorted(frames, key=lambda frame: frame.waiting not in self._put))

    @property
    def asking(self) -> Frame | None:
        """The flow whose question the reply ends with."""
        return self.open[0] if self._put else None

    @property
    def quick(self) -> tuple[str, ...]:
        """What the customer may tap: the foremost question's choices, or yes and no."""
        first = self.asking
        if first is None:
            return ()
        return _YES_NO[self._asked.locale] if first.waiting == CONFIRM else first.choices

    async def start(self, wish: Wish) -> list[str]:
        """Run the flow of a new wish; the lines to say."""
        asked = self._asked
        flow = self._pack.flows[wish.flow or self._pack.starters[wish.intent]]
        span = span_of(asked.meaning.intents, wish.intent)
        words = "" if wish.intent in REPLIES else asked.text[slice(*span or (0, LONGEST))]
        slots = begin(flow, self.heard.given, self._known(), span, words)
        visit = Visit(flow, self._intent(wish, flow.name), slots)
        self.topic = visit.intent
        return self._take(await self._runner.run(visit, asked), self._new)

    async def go_on(self, wish: Wish | None = None, attempt: bool = False) -> list[str]:
        """Run the open flows with what was said; the lines to say. Only once a turn.

        `attempt` is true where the customer tried to answer, false where the question is only put again
        after something else was talked about. `wish` names the flow that goes first.
        """
        if self.went_on:
            return []
        self.went_on = True
        lines = self._drop() if attempt or self.heard.leaves() else []
        if wish is not None and wish.intent not in REPLIES:
            self._old.sort(key=lambda frame: frame.flow != wish.flow)
        old, self._old = self._old, []
        for index, frame in enumerate(old):
            lines += await self._again(frame, index == 0, attempt)
        return lines

    def _known(self) -> Mapping[str, str]:
        return {**self._asked.dialogue.slots, **self.learnt}

    def _intent(self, wish: Wish, flow: str) -> str:
        """The intent to remember; a bare value is about the last topic."""
        if wish.intent not in REPLIES:
            return wish.intent
        topic = self._asked.dialogue.topic
        if topic is not None and self._pack.starters.get(topic) == flow:
            return topic
        return self._pack.flows[flow].intents[0]

    def _drop(self) -> list[str]:
        """Close the foremost flow, and those that wait for the same, when the customer leaves it."""
        if not self.heard.leaves():
            return []
        asked, first = self._asked, self._old[0]
        self._old = [frame for frame in self._old if frame.waiting != first.waiting]
        title = self._pack.flows[first.flow].title.say(asked.locale, {})
        return [self._pack.replies.say("flow_closed", asked.locale, {"title": title}, asked.key)]

    async def _again(self, frame: Frame, foremost: bool, attempt: bool) -> list[str]:
        """Run one open flow again; one that is not concerned waits on, while another asks."""
        values = self.heard.values(frame)
        agreed = self.heard.agreed.get(frame.flow)
        if self._put and not foremost and not values and agreed is None:
            self._old.append(_unseen(frame))
            return []
        flow = self._pack.flows[frame.flow]
        withdrawn = self._asked.meaning.withdrawn
        slots = go_on(flow, frame, values, self._known(), foremost, withdrawn)
        visit = Visit(flow, frame.intent, slots, frame, agreed)
        self.topic = frame.intent if foremost else self.topic
        outcome = await self._runner.run(visit, self._asked)
        return self._take(outcome, self._old, frame, attempt and foremost)

    def _take(
        self,
        outcome: Outcome,
        place: list[Frame],
        before: Frame | None = None,
        attempt: bool = False,
    ) -> list[str]:
        """Note what came of a run, keep its frame in `place`, and decide whether its question is put."""
        self.learnt.update(outcome.slots)
        self.handoff = self.handoff or outcome.handoff
        self.failed = self.failed or outcome.failed
        lines, frame = list(outcome.lines), outcome.frame
        if frame is None or outcome.failed:
            place.extend([frame] if frame else [])
            return lines
        same = before is not None and _same(before, frame)
        tries = before.tries + attempt if before is not None and same else 0
        if tries >= TRIES:
            return [*lines, self._pack.replies.say("ask_limit", self._asked.locale)]
        if frame.waiting not in self._put and not (same and self._put):
            self._put.append(frame.waiting)
            lines.append(outcome.question)
        else:
            frame = _unseen(frame)
        place.append(msgspec.structs.replace(frame, tries=tries))
        return lines


def _unseen(frame: Frame) -> Frame:
    """The frame without its effect: it is not in this reply, so the next yes is not to it."""
    return msgspec.structs.replace(frame, effect=None)


def _same(before: Frame, after: Frame) -> bool:
    return before.waiting == after.waiting and before.effect == after.effect
