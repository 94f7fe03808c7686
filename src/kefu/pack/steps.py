"""The steps of a flow, as values. How they are written is in flows.py, how they run in answering/flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kefu.pack.conditions import Condition
from kefu.pack.references import Reference
from kefu.pack.replies import Wording


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call: its arguments (references inside), and the name of its result."""

    tool: str
    arguments: Mapping[str, Any]
    result: str


@dataclass(frozen=True, slots=True)
class Look:
    """Look things up, all at the same time."""

    id: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class If:
    """Branch; all conditions must hold for `then`."""

    id: str
    conditions: tuple[Condition, ...]
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a slot unless it is known. `choices` is a reference to, or a list of, texts.

    `strict`: a known value that is none of the choices does not count.
    """

    id: str
    slot: str
    text: Wording
    choices: Any = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the customer something, once per frame."""

    id: str
    text: Wording


@dataclass(frozen=True, slots=True)
class Confirm:
    """Show the exact effect of a change, and do it only after a yes to just that effect.

    `branches` is true where `yes` looks at the result's `ok` itself.
    """

    id: str
    text: Wording
    call: Call
    yes: tuple[Step, ...]
    no: tuple[Step, ...]
    branches: bool


@dataclass(frozen=True, slots=True)
class HandOver:
    """Ask for a person; the flow ends."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The flow ends."""

    id: str


Step = Look | If | Ask | Say | Confirm | HandOver | Stop


@dataclass(frozen=True, slots=True)
class SlotUse:
    """How a flow uses a slot.

    `fresh`: only a value said after the flow began counts. `free`: the whole answer is the value when the
    reader found none. `wish`: so are, at the start, the words of the wish itself. `join`: several values of one
    message are one, joined by spaces. `learn`: where the full value stands after look-ups, to be remembered;
    an empty text there forgets it.
    """

    name: str
    fresh: bool = False
    free: bool = False
    wish: bool = False
    join: bool = False
    learn: Reference | None = None


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """A flow: which intents start it, the slots it uses, and its steps."""

    name: str
    intents: tuple[str, ...]
    title: Wording
    slots: Mapping[str, SlotUse]
    steps: tuple[Step, ...]

    @property
    def changes(self) -> bool:
        """Whether the flow may end in a change: it has a step that asks to confirm one."""
        return any(_confirms(step) for step in self.steps)


def _confirms(step: Step) -> bool:
    if isinstance(step, If):
        return any(_confirms(inner) for inner in (*step.then, *step.otherwise))
    return isinstance(step, Confirm)
