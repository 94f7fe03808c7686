"""What a message means to the flows that wait: a value, a choice, a yes, a no, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kefu.answering.asked import AskedTurn
from kefu.answering.flows.binding import Given
from kefu.answering.flows.consent import consent, drops, wonders
from kefu.answering.flows.picking import names, picked
from kefu.messages import Frame, Route, Wish
from kefu.pack.steps import FlowDefinition

REPLIES = frozenset({"affirm", "deny", "inform"})
"""Intents that answer a question of ours instead of making a wish."""
VAGUE = REPLIES | {"out_of_scope", "chitchat"}
"""Intents that an answer may be mistaken for."""


class Heard:
    """One message, read against the open frames.

    `answers` are values for slots that frames wait for, `agreed` the yes or no per flow that asked for one.
    """

    def __init__(
        self, flows: Mapping[str, FlowDefinition], asked: AskedTurn, frames: Sequence[Frame]
    ) -> None:
        self._flows = flows
        self._asked = asked
        self._frames = frames
        self.given = Given(asked.meaning)
        self._taken = self._wanted_by_new_wishes()
        self.answers = self._read_answers()
        self.agreed = self._read_agreement()

    @property
    def something(self) -> bool:
        """Whether the message holds a value, a yes or a no that an open flow waits for."""
        return (
            bool(self.answers)
            or bool(self.agreed)
            or any(
                frame.waiting in self.given and frame.waiting not in self._taken
                for frame in self._frames
            )
        )

    def is_answer(self, wish: Wish) -> bool:
        """Whether a wish is none, but the answer to an open flow, or that flow's own wish again."""
        if not self._frames:
            return False
        if self._is_bare_pick():
            return True
        if wish.route is Route.FLOW:
            return wish.intent in REPLIES or any(wish.flow == frame.flow for frame in self._frames)
        vague = wish.intent in VAGUE and wish.route in (Route.TEMPLATE, Route.LLM, Route.FAQ)
        return vague and self.something

    def _is_bare_pick(self) -> bool:
        """Whether the message is one of the choices offered, whatever it may mean elsewhere."""
        return any(names(self._asked.text, frame.choices) for frame in self._frames)

    def leaves(self) -> bool:
        """Whether the customer drops the matter that the foremost flow asks about."""
        first = self._frames[0]
        if first.effect or self.something or self._asked.meaning.corrects:
            return False
        use = self._flows[first.flow].slots.get(first.waiting)
        if use is not None and use.free:
            return drops(self._asked.text)
        return drops(self._asked.text) or "deny" in self._intents()

    def values(self, frame: Frame) -> dict[str, str]:
        """The values of this message that a frame may use."""
        values: dict[str, str] = {}
        for name, use in self._flows[frame.flow].slots.items():
            if name in self.answers:
                if not self._concerns(frame, self.answers[name]):
                    continue
                values[name] = self.answers[name]
            elif name not in self._taken or name == frame.waiting:
                value = self.given.value(use)
                if value:
                    values[name] = value
        return values

    def _concerns(self, frame: Frame, answer: str) -> bool:
        """Whether an answer may be this frame's: a choice that only others offered is not."""
        offering = [other for other in self._frames if answer in other.choices]
        return not offering or frame in offering

    def _intents(self) -> set[str]:
        return {intent.name for intent in self._asked.meaning.intents}

    def _wanted_by_new_wishes(self) -> frozenset[str]:
        """Slots a new wish of this message has a use for: the values are the new wish's first."""
        open_flows = {frame.flow for frame in self._frames}
        names: set[str] = set()
        for wish in self._asked.decision.wishes:
            flow = self._flows.get(wish.flow or "")
            if flow is not None and wish.intent not in REPLIES and flow.name not in open_flows:
                names.update(flow.slots)
        return frozenset(names)

    def _read_answers(self) -> dict[str, str]:
        answers: dict[str, str] = {}
        for frame in self._frames:
            if frame.waiting not in answers:
                value = self._answer(frame)
                if value:
                    answers[frame.waiting] = value
        return answers

    def _answer(self, frame: Frame) -> str | None:
        """A choice that was picked; for the foremost flow's free slot the text as it stands."""
        use = self._flows[frame.flow].slots.get(frame.waiting)
        if use is None:
            return None
        value = None if use.name in self._taken else self.given.value(use)
        choice = picked(self._asked.text, frame.choices, value)
        if choice is not None or value is not None or not use.free:
            return choice
        return self._whole_text(frame) if frame is self._frames[0] else None

    def _whole_text(self, frame: Frame) -> str | None:
        asked = self._asked
        vague = all(
            wish.intent in VAGUE or wish.flow == frame.flow for wish in asked.decision.wishes
        )
        text = asked.text.strip()
        return None if not vague or drops(text) or wonders(text) else text[:200]

    def _read_agreement(self) -> dict[str, bool]:
        """The yes or no, for the first flow that asked for one. A no is the foremost flow's alone."""
        asking = next((frame for frame in self._frames if frame.effect), None)
        if asking is None:
            return {}
        said = consent(self._asked.meaning, self._asked.text)
        if said is None or (said is False and asking is not self._frames[0]):
            return {}
        withdrawn = not asking.slots.keys().isdisjoint(self._asked.meaning.withdrawn)
        changed = withdrawn or any(
            value != asking.slots.get(name) for name, value in self.values(asking).items()
        )
        # "不对,改成…": a new value is a correction, and is shown again before anything is done.
        return {} if withdrawn or (said is False and changed) else {asking.flow: said}
