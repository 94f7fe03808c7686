"""Runs one flow from its top. No state is kept here: it comes with the frame, and leaves with the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from kefu.answering.asked import AskedTurn
from kefu.answering.flows.outcome import Outcome
from kefu.answering.flows.picking import picked
from kefu.answering.flows.scope import conceal, fingerprint, reveal
from kefu.errors import ToolError
from kefu.messages import Frame
from kefu.pack.references import fill, look_up
from kefu.pack.replies import Replies, shown
from kefu.pack.steps import (
    Ask,
    Call,
    Confirm,
    FlowDefinition,
    HandOver,
    If,
    Look,
    Say,
    Step,
    Stop,
)
from kefu.pack.toolbox import Toolbox

CONFIRM = "confirm"
"""What a frame waits for when it is not a slot."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One run of a flow: its slots, its frame (None at the start), and the customer's yes or no."""

    flow: FlowDefinition
    intent: str
    slots: Mapping[str, str]
    frame: Frame | None = None
    consent: bool | None = None


class Runner:
    """Runs flows of one pack."""

    def __init__(self, replies: Replies, toolbox: Toolbox) -> None:
        self._replies = replies
        self._toolbox = toolbox

    async def run(self, visit: Visit, asked: AskedTurn) -> Outcome:
        """Run the flow as far as it goes. A failing tool ends it with an apology, not an exception."""
        return await _Run(self._replies, self._toolbox, visit, asked).outcome()


class _Then(Enum):
    """What a step leads to."""

    GO_ON = 0
    ENDED = 1
    WAITS = 2


class _ChangeUnclearError(ToolError):
    """A change gave no clear answer: it may have happened."""


class _Run:
    """One run: the scope as it fills, and what was said."""

    def __init__(self, replies: Replies, toolbox: Toolbox, visit: Visit, asked: AskedTurn) -> None:
        self._replies = replies
        self._toolbox = toolbox
        self._visit = visit
        self._asked = asked
        caller = asked.caller
        self._scope: dict[str, Any] = {
            **visit.slots,
            "customer": {
                "id": caller.user_id,
                "tier": caller.tier,
                "known": caller.user_id is not None,
            },
            "said": {slot.name: slot.value for slot in asked.meaning.slots},
        }
        self._said = list(_still_said(visit))
        self._consent = visit.consent
        self._result = Outcome(visit.flow.name)
        self._lines: list[str] = []

    async def outcome(self) -> Outcome:
        """Run all steps and say what came of it."""
        try:
            await self._all(self._visit.flow.steps)
        except ToolError as error:
            return self._failed(error)
        return replace(self._result, lines=tuple(self._lines), slots=self._learnt())

    async def _all(self, steps: Sequence[Step]) -> _Then:
        for step in steps:
            then = await _DO[type(step)](self, step)
            if then is not _Then.GO_ON:
                return then
        return _Then.GO_ON

    async def _look(self, step: Look) -> _Then:
        if len(step.calls) == 1:
            await self._call(step.calls[0])
            return _Then.GO_ON
        try:
            async with asyncio.TaskGroup() as group:
                for call in step.calls:
                    group.create_task(self._call(call))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return _Then.GO_ON

    async def _call(self, call: Call) -> None:
        asked = self._asked
        arguments = reveal(fill(call.arguments, self._scope), asked.vault)
        customer = asked.customer(self._visit.flow.name)
        result = await self._toolbox.look(call.tool, customer, arguments, asked.deadline)
        self._scope[call.result] = conceal(result, asked.vault)

    async def _if(self, step: If) -> _Then:
        holds = all(condition.holds(self._scope) for condition in step.conditions)
        return await self._all(step.then if holds else step.otherwise)

    async def _say(self, step: Say) -> _Then:
        if step.id not in self._said:
            self._said.append(step.id)
            self._lines.append(self._text(step))
        return _Then.GO_ON

    async def _ask(self, step: Ask) -> _Then:
        choices = self._choices(step)
        value = self._scope.get(step.slot)
        if value and not (step.strict and picked(value, choices, value) is None):
            return _Then.GO_ON
        text = self._text(step)
        if choices and choices[0] not in text:
            text = "\n".join((text, *(f"{i}. {one}" for i, one in enumerate(choices, 1))))
        self._wait(text, step.slot, choices=choices)
        return _Then.WAITS

    async def _confirm(self, step: Confirm) -> _Then:
        if f"{step.id}=yes" in self._said:
            return await self._all(step.yes)
        if f"{step.id}=no" in self._said:
            return await self._all(step.no)
        arguments = fill(step.call.arguments, self._scope)
        effect = fingerprint(step.call.tool, arguments)
        agreed, self._consent = self._consent, None
        if agreed is False:
            self._said.append(f"{step.id}=no")
            return await self._all(step.no)
        frame = self._visit.frame
        if agreed and frame is not None and frame.effect == effect:
            return await self._change(step, arguments)
        if agreed:
            self._lines.append(self._standard("effect_changed"))
        self._wait(self._text(step), CONFIRM, effect=effect)
        return _Then.WAITS

    async def _change(self, step: Confirm, arguments: Mapping[str, Any]) -> _Then:
        asked = self._asked
        customer = asked.customer(self._visit.flow.name)
        revealed = reveal(arguments, asked.vault)
        try:
            result = await self._toolbox.change(step.call.tool, customer, revealed, asked.deadline)
        except ToolError as error:
            raise _ChangeUnclearError(str(error)) from error
        result = conceal(result, asked.vault)
        self._scope[step.call.result] = result
        self._said.append(f"{step.id}=yes")
        if result.get("ok") is False and not step.branches:
            message = shown(result.get("message"), asked.locale)
            self._lines.append(message or self._standard("change_failed"))
            return _Then.ENDED
        return await self._all(step.yes)

    async def _hand_over(self, step: HandOver) -> _Then:
        self._result = replace(self._result, handoff=step.reason)
        return _Then.ENDED

    async def _stop(self, step: Stop) -> _Then:
        return _Then.ENDED

    def _wait(
        self, question: str, waiting: str, choices: tuple[str, ...] = (), effect: str | None = None
    ) -> None:
        visit = self._visit
        held = {name: self._scope.get(name) for name in visit.flow.slots}
        # What this flow found stays its own, whatever other flows learn while it waits.
        held |= {name: value for name, value in self._learnt().items() if value}
        slots = {name: value for name, value in held.items() if value and isinstance(value, str)}
        frame = Frame(
            flow=visit.flow.name,
            intent=visit.intent,
            waiting=waiting,
            slots=slots,
            choices=choices,
            said=tuple(self._said),
            effect=effect,
        )
        self._result = replace(self._result, question=question, frame=frame)

    def _choices(self, step: Ask) -> tuple[str, ...]:
        found = fill(step.choices, self._scope)
        if not isinstance(found, list | tuple):
            return ()
        return tuple(shown(one, self._asked.locale) for one in found)

    def _text(self, step: Say | Ask | Confirm) -> str:
        return step.text.say(self._asked.locale, self._scope, self._asked.key)

    def _standard(self, name: str) -> str:
        return self._replies.say(name, self._asked.locale, self._scope, self._asked.key)

    def _learnt(self) -> dict[str, str]:
        learnt: dict[str, str] = {}
        for name, use in self._visit.flow.slots.items():
            value = look_up(self._scope, use.learn.path) if use.learn is not None else None
            if value is not None:
                learnt[name] = shown(value, self._asked.locale)
        return learnt

    def _failed(self, error: ToolError) -> Outcome:
        # A look-up may be tried again with the next message, so its frame stays open. A change that
        # gave no answer may have happened: its frame goes, lest a second yes do it twice.
        unclear = isinstance(error, _ChangeUnclearError)
        self._lines.append(self._standard("change_unclear" if unclear else "tool_failed"))
        frame = None if unclear else self._visit.frame
        lines = tuple(self._lines)
        return Outcome(self._visit.flow.name, lines, frame=frame, failed=str(error))


_DO: Mapping[type[Step], Callable[[_Run, Any], Awaitable[_Then]]] = {
    Look: _Run._look,
    If: _Run._if,
    Ask: _Run._ask,
    Say: _Run._say,
    Confirm: _Run._confirm,
    HandOver: _Run._hand_over,
    Stop: _Run._stop,
}


def _still_said(visit: Visit) -> tuple[str, ...]:
    """Steps that need no repeating: all of them, unless a value changed; then only the changes made."""
    frame = visit.frame
    if frame is None:
        return ()
    if all(visit.slots.get(name) == value for name, value in frame.slots.items()):
        return frame.said
    return tuple(step for step in frame.said if step.endswith("=yes"))
