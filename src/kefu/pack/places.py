"""A place in a pack's file, so that every complaint names file and path."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from kefu.errors import PackError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was read: a file and the path inside it.

    >>> str(Place("flows/book.yaml").key("steps").item(2).key("then"))
    'flows/book.yaml: steps[2].then'
    """

    file: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.path}" if self.path else self.file

    def key(self, name: str) -> Place:
        """The value under a key."""
        return Place(self.file, f"{self.path}.{name}" if self.path else name)

    def item(self, index: int) -> Place:
        """One element of a list."""
        return Place(self.file, f"{self.path}[{index}]")

    def wrong(self, message: str) -> PackError:
        """The error to raise for this place."""
        return PackError(f"{self}: {message}")

    def mapping(
        self, value: object, allowed: Collection[str] = (), required: Collection[str] = ()
    ) -> dict[str, Any]:
        """The value as a mapping with text keys; only `allowed` ones, where any are named."""
        if not isinstance(value, dict):
            raise self.wrong(f"must be a mapping, not {_kind(value)}")
        for key in value:
            if not isinstance(key, str):
                raise self.wrong(f"the key {key!r} must be a text; put it in quotes")
            if allowed and key not in allowed:
                raise self.wrong(f"unknown key {key!r}; known are {', '.join(sorted(allowed))}")
        for key in required:
            if key not in value:
                raise self.wrong(f"{key!r} is missing")
        return value

    def items(self, value: object) -> list[Any]:
        """The value as a list."""
        if not isinstance(value, list):
            raise self.wrong(f"must be a list, not {_kind(value)}")
        return value

    def text(self, value: object) -> str:
        """The value as a text that is not empty."""
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"must be a text, not {_kind(value)}")
        return value.strip()

    def flag(self, value: object) -> bool:
        """The value as true or false."""
        if not isinstance(value, bool):
            raise self.wrong(f"must be true or false, not {_kind(value)}")
        return value

    def texts(self, value: object) -> tuple[str, ...]:
        """The value as texts; a single text counts as a list of one."""
        if isinstance(value, str):
            return (self.text(value),)
        return tuple(self.item(i).text(one) for i, one in enumerate(self.items(value)))


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    names = {dict: "a mapping", list: "a list", str: "an empty text", bool: "true/false"}
    return names.get(type(value), f"the number {value}")
