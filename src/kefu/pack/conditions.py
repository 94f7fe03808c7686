"""Conditions of an `if` step, over a flow's scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kefu.pack.places import Place
from kefu.pack.references import Path, dotted, fill, look_up, parse

TESTS = ("is", "not", "gt", "lt", "known")


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one value. `operand` may hold references; a list means "one of"."""

    path: Path
    test: str
    operand: Any

    def holds(self, scope: Mapping[str, Any]) -> bool:
        """Whether the value passes."""
        value = look_up(scope, self.path)
        if self.test == "known":
            return (value in (None, "", [], {})) is not self.operand
        operand = fill(self.operand, scope)
        if self.test == "is":
            return _is(value, operand)
        if self.test == "not":
            return not _is(value, operand)
        if not (_number(value) and _number(operand)):
            return False
        return bool(value > operand if self.test == "gt" else value < operand)


def read_conditions(value: object, place: Place) -> tuple[Condition, ...]:
    """All conditions of one `if`; every one must hold. Raises PackError."""
    conditions: list[Condition] = []
    tests = place.mapping(value)
    if not tests:
        raise place.wrong("there is no condition")
    for name, operand in tests.items():
        path = dotted(name.removeprefix("$"))
        if path is None:
            raise place.wrong(f"{name!r} is not a path such as order.state")
        conditions.extend(_read(path, operand, place.key(name)))
    return tuple(conditions)


def _read(path: Path, operand: Any, place: Place) -> list[Condition]:
    tests = place.mapping(operand, TESTS) if isinstance(operand, dict) else {"is": operand}
    if "known" in tests:
        place.key("known").flag(tests["known"])
    try:
        return [Condition(path, test, parse(value)) for test, value in tests.items()]
    except ValueError as error:
        raise place.wrong(str(error)) from error


def _is(value: Any, operand: Any) -> bool:
    return value in operand if isinstance(operand, list) else bool(value == operand)


def _number(value: Any) -> bool:
    return isinstance(value, int | float)
