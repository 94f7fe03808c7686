"""References into a flow's scope: `$pick.order.id`. Dicts and lists only, never attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


@dataclass(frozen=True, slots=True)
class Reference:
    """A dotted path whose value is looked up when a flow runs."""

    path: Path


def dotted(text: str) -> Path | None:
    """The parts of `a.b.c`, or None where the text is no path."""
    return tuple(text.split(".")) if _DOTTED.fullmatch(text) else None


def parse(value: Any) -> Any:
    """A literal with every "$path" in it turned into a Reference. Raises ValueError for a malformed one."""
    if isinstance(value, str) and value.startswith("$"):
        path = dotted(value[1:])
        if path is None:
            raise ValueError(f"{value!r} is not a reference such as $order.id")
        return Reference(path)
    if isinstance(value, list):
        return [parse(one) for one in value]
    if isinstance(value, dict):
        return {key: parse(one) for key, one in value.items()}
    return value


def look_up(scope: Mapping[str, Any], path: Path) -> Any:
    """The value at a path, None where there is none."""
    value: Any = scope
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list | tuple) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def fill(template: Any, scope: Mapping[str, Any]) -> Any:
    """The literal with its references looked up."""
    if isinstance(template, Reference):
        return look_up(scope, template.path)
    if isinstance(template, list):
        return [fill(one, scope) for one in template]
    if isinstance(template, dict):
        return {key: fill(one, scope) for key, one in template.items()}
    return template


def roots(template: Any) -> Iterator[str]:
    """The first names of all references in a literal."""
    if isinstance(template, Reference):
        yield template.path[0]
    elif isinstance(template, list):
        for one in template:
            yield from roots(one)
    elif isinstance(template, dict):
        for one in template.values():
            yield from roots(one)
