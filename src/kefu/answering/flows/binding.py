"""Which value goes where: the slots of a message, shared out among wishes and open frames."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Protocol

from kefu.messages import Frame, Intent, Meaning, Slot
from kefu.pack.steps import FlowDefinition, SlotUse

LONGEST = 200
"""Characters of a slot's value; the rest is no value but a story."""


class Inherited(Protocol):
    """What the conversation knows of slots."""

    def get(self, name: str, /) -> str | None:
        """The value, None where there is none."""


class Given:
    """The slot values of one message."""

    def __init__(self, meaning: Meaning) -> None:
        self._corrects = meaning.corrects
        self._slots: dict[str, list[Slot]] = {}
        for slot in meaning.slots:
            self._slots.setdefault(slot.name, []).append(slot)

    def __contains__(self, name: str) -> bool:
        return name in self._slots

    def value(self, use: SlotUse, span: tuple[int, int] | None = None) -> str | None:
        """The value for a slot: of several, one said within `span` first; in a correction the last said."""
        slots = self._slots.get(use.name)
        if not slots:
            return None
        if len(slots) > 1 and span is not None:
            slots = [slot for slot in slots if span[0] <= slot.start < span[1]] or slots
        if use.join:
            return " ".join(dict.fromkeys(slot.value for slot in slots))[:LONGEST]
        return slots[-1 if self._corrects else 0].value.strip()[:LONGEST] or None


def begin(
    flow: FlowDefinition,
    given: Given,
    known: Inherited,
    span: tuple[int, int] | None,
    words: str = "",
) -> dict[str, str]:
    """The slots a flow starts with: said now, else known from before, else the `words` of the wish."""
    slots: dict[str, str] = {}
    for name, use in flow.slots.items():
        value = given.value(use, span) or (None if use.fresh else known.get(name))
        value = value or (words if use.wish else None)
        if value:
            slots[name] = value
    return slots


def go_on(
    flow: FlowDefinition,
    frame: Frame,
    given: Mapping[str, str],
    known: Inherited,
    foremost: bool,
    withdrawn: Container[str] = (),
) -> dict[str, str]:
    """The slots an open flow goes on with.

    The foremost takes every value it knows a use for, and forgets those withdrawn; the others take only what
    they wait for or do not have.
    """
    slots: dict[str, str] = {}
    for name, use in flow.slots.items():
        if foremost and name in withdrawn:
            continue
        had = frame.slots.get(name)
        value = given.get(name) if foremost or had is None or frame.waiting == name else None
        # What was learnt elsewhere is no answer to a question with choices.
        asked = frame.waiting == name and bool(frame.choices)
        value = value or had or (None if use.fresh or asked else known.get(name))
        if value:
            slots[name] = value
    return slots


def span_of(intents: Sequence[Intent], name: str) -> tuple[int, int] | None:
    """Where a wish was said, None where that is not known."""
    for intent in intents:
        if intent.name == name and intent.end > intent.start:
            return intent.start, intent.end
    return None
