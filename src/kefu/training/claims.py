"""Who claims a text: nobody can learn from the same words under two intents."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kefu.training.nodes import Node, line, wrong
from kefu.understanding.text import fold


def same(text: str) -> str:
    """What two texts have in common that count as identical: width, case and blanks do not matter."""
    return " ".join(fold(text).split())


@dataclass(slots=True)
class Claims:
    """Every text so far with its intents and its place; `repeated` counts texts that stand there again."""

    repeated: int = 0
    _places: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)

    def claim(
        self, path: Path, node: Node, text: str, intents: tuple[str, ...], *, again: bool = False
    ) -> None:
        """Take note of a text. Raises PackError naming both places where its intents differ.

        `again` says that the text may well stand elsewhere too and is not counted.
        """
        key = same(text)
        before = self._places.setdefault(key, (intents, line(path, node)))
        if before[0] != intents:
            raise wrong(
                path,
                node,
                f"{text!r} is {_told(intents)} here and {_told(before[0])} at {before[1]}; "
                "leave it in one of the two",
            )
        self.repeated += before[1] != line(path, node) and not again


def _told(intents: tuple[str, ...]) -> str:
    return " + ".join(intents)
