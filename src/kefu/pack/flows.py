"""flows/*.yaml: read and checked, so that a flow that loads can run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kefu.pack.conditions import read_conditions
from kefu.pack.places import Place
from kefu.pack.references import Reference, parse, roots
from kefu.pack.replies import Replies, Wording, read_wording
from kefu.pack.steps import (
    Ask,
    Call,
    Confirm,
    FlowDefinition,
    HandOver,
    If,
    Look,
    Say,
    SlotUse,
    Step,
    Stop,
)

ALWAYS = frozenset({"customer", "said"})
"""Names every flow has in scope: `customer.id`, `customer.tier`, `customer.known`, and the slots of this
very message under `said`."""

_KEYS = {
    "look": ("look", "with", "as"),
    "if": ("if", "then", "else"),
    "ask": ("ask", "text", "choices", "strict"),
    "say": ("say",),
    "confirm": ("confirm", "do", "with", "as", "yes", "no"),
    "hand_over": ("hand_over",),
    "stop": ("stop",),
}


def read_flow(value: object, place: Place, replies: Replies) -> FlowDefinition:
    """One flow. Raises PackError naming file and step for anything that could not run."""
    return _FlowFile(place, replies).read(value)


class _FlowFile:
    """Reads one flow file; collects what it names and checks it at the end."""

    def __init__(self, place: Place, replies: Replies) -> None:
        self._place = place
        self._replies = replies
        self._slots: dict[str, SlotUse] = {}
        self._results: set[str] = set()
        self._uses: list[tuple[Place, str]] = []
        self._readers: dict[str, Callable[[dict[str, Any], Place], Step]] = {
            "look": self._look,
            "if": self._if,
            "ask": self._ask,
            "say": self._say,
            "confirm": self._confirm,
            "hand_over": self._hand_over,
            "stop": self._stop,
        }

    def read(self, value: object) -> FlowDefinition:
        """The flow of this file."""
        place = self._place
        required = ("flow", "intents", "steps")
        flow = place.mapping(value, (*required, "title", "slots"), required)
        name = place.key("flow").text(flow["flow"])
        self._slots = self._read_slots(flow.get("slots") or {}, place.key("slots"))
        steps = self._steps(flow["steps"], place.key("steps"))
        if not steps:
            raise place.key("steps").wrong("there is no step")
        self._check_uses()
        return FlowDefinition(
            name=name,
            intents=place.key("intents").texts(flow["intents"]),
            title=read_wording(flow.get("title", name), place.key("title")),
            slots=self._slots,
            steps=steps,
        )

    def _read_slots(self, value: object, place: Place) -> dict[str, SlotUse]:
        slots: dict[str, SlotUse] = {}
        for name, options in place.mapping(value).items():
            here = place.key(name)
            options = here.mapping(options or {}, ("fresh", "free", "wish", "join", "learn"))
            slots[name] = SlotUse(
                name,
                fresh=here.key("fresh").flag(options.get("fresh", False)),
                free=here.key("free").flag(options.get("free", False)),
                wish=here.key("wish").flag(options.get("wish", False)),
                join=here.key("join").flag(options.get("join", False)),
                learn=self._learn(options.get("learn"), here.key("learn")),
            )
        return slots

    def _learn(self, value: Any, place: Place) -> Reference | None:
        reference = self._argument(value, place)
        if reference is not None and not isinstance(reference, Reference):
            raise place.wrong("must be a reference such as $order.id")
        return reference

    def _steps(self, value: object, place: Place) -> tuple[Step, ...]:
        return tuple(self._step(one, place.item(i)) for i, one in enumerate(place.items(value)))

    def _step(self, value: object, place: Place) -> Step:
        step = place.mapping(value)
        kinds = [kind for kind in _KEYS if kind in step]
        if len(kinds) != 1:
            raise place.wrong(f"a step is exactly one of {', '.join(_KEYS)}")
        place.mapping(step, _KEYS[kinds[0]])
        return self._readers[kinds[0]](step, place)

    def _look(self, step: dict[str, Any], place: Place) -> Step:
        here = place.key("look")
        if isinstance(step["look"], str):
            return Look(place.path, (self._call(step, "look", place),))
        place.mapping(step, ("look",))
        calls = [
            self._call(here.item(i).mapping(one, ("tool", "with", "as")), "tool", here.item(i))
            for i, one in enumerate(here.items(step["look"]))
        ]
        if not calls:
            raise here.wrong("there is nothing to look up")
        return Look(place.path, tuple(calls))

    def _call(self, step: dict[str, Any], key: str, place: Place) -> Call:
        if key not in step:
            raise place.wrong(f"{key!r} is missing")
        tool = place.key(key).text(step[key])
        result = place.key("as").text(step.get("as", tool))
        if result in self._slots or result in ALWAYS:
            raise place.key("as").wrong(f"{result!r} is already a slot or a name of the engine's")
        self._results.add(result)
        arguments = place.key("with").mapping(step.get("with") or {})
        return Call(tool, self._argument(arguments, place.key("with")), result)

    def _argument(self, value: Any, place: Place) -> Any:
        try:
            argument = parse(value)
        except ValueError as error:
            raise place.wrong(str(error)) from error
        self._uses.extend((place, root) for root in roots(argument))
        return argument

    def _if(self, step: dict[str, Any], place: Place) -> Step:
        conditions = read_conditions(step["if"], place.key("if"))
        for condition in conditions:
            self._uses.append((place.key("if"), condition.path[0]))
            self._uses.extend((place.key("if"), root) for root in roots(condition.operand))
        return If(
            place.path,
            conditions,
            self._steps(step.get("then") or [], place.key("then")),
            self._steps(step.get("else") or [], place.key("else")),
        )

    def _ask(self, step: dict[str, Any], place: Place) -> Step:
        slot = place.key("ask").text(step["ask"])
        if slot not in self._slots:
            raise place.key("ask").wrong(f"the slot {slot!r} is not among this flow's slots")
        text = self._text(step.get("text", f"ask_{slot}"), place.key("text"))
        choices = self._choices(step.get("choices"), place.key("choices"))
        strict = place.key("strict").flag(step.get("strict", False))
        return Ask(place.path, slot, text, choices, strict)

    def _choices(self, value: Any, place: Place) -> Any:
        if isinstance(value, str) and not value.startswith("$"):
            raise place.wrong("must be a list of texts, or a reference to one")
        return self._argument(value, place)

    def _say(self, step: dict[str, Any], place: Place) -> Step:
        return Say(place.path, self._text(step["say"], place.key("say")))

    def _confirm(self, step: dict[str, Any], place: Place) -> Step:
        text = self._text(step["confirm"], place.key("confirm"))
        call = self._call(step, "do", place)
        yes = self._steps(step.get("yes") or [], place.key("yes"))
        no = self._steps(step.get("no") or [], place.key("no"))
        return Confirm(place.path, text, call, yes, no, _branches(yes, (call.result, "ok")))

    def _hand_over(self, step: dict[str, Any], place: Place) -> Step:
        return HandOver(place.path, place.key("hand_over").text(step["hand_over"]))

    def _stop(self, step: dict[str, Any], place: Place) -> Step:
        if not place.key("stop").flag(step["stop"]):
            raise place.key("stop").wrong("must be true")
        return Stop(place.path)

    def _text(self, value: Any, place: Place) -> Wording:
        if isinstance(value, str):
            name = place.text(value)
            if name not in self._replies:
                raise place.wrong(f"there is no reply {name!r} in replies/")
            wording = self._replies[name]
        else:
            wording = read_wording(value, place)
        self._uses.extend((place, root) for root in wording.roots())
        return wording

    def _check_uses(self) -> None:
        known = self._slots.keys() | self._results | ALWAYS
        for place, root in self._uses:
            if root not in known:
                raise place.wrong(f"{root!r} is neither a slot of this flow nor the `as` of a look")


def _branches(steps: tuple[Step, ...], path: tuple[str, ...]) -> bool:
    return any(
        condition.path == path
        for step in walk(steps)
        if isinstance(step, If)
        for condition in step.conditions
    )


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, nested ones after the one that holds them."""
    for step in steps:
        yield step
        if isinstance(step, If):
            yield from walk(step.then)
            yield from walk(step.otherwise)
        elif isinstance(step, Confirm):
            yield from walk(step.yes)
            yield from walk(step.no)
