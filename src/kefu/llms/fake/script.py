"""What the fake vendor is told to say: replies to messages that hold certain words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from kefu.errors import SettingsError

_EXAMPLE = '{"when": "你好", "say": "好的"}'


class Cue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`say` is the reply to a last message that holds `when`; anything but a text is said as JSON."""

    when: str
    say: Any

    @property
    def text(self) -> str:
        """The reply."""
        return self.say if isinstance(self.say, str) else msgspec.json.encode(self.say).decode()


def read_script(file: Path) -> tuple[Cue, ...]:
    """The cues of a file of JSON lines. Raises SettingsError naming the line."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as exc:
        raise SettingsError(f"{file}: cannot be read ({exc.strerror})") from exc
    cues = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                cues.append(msgspec.json.decode(line, type=Cue))
            except msgspec.DecodeError as exc:
                raise SettingsError(
                    f"{file}:{number}: {exc}; a line is such as {_EXAMPLE}"
                ) from exc
    return tuple(cues)


def cued(script: Sequence[Cue], message: str) -> str | None:
    """What the first cue that fits says to a message; None where none does."""
    return next((cue.text for cue in script if cue.when in message), None)


def fitting(schema: Any, words: str) -> Any:
    """A value of a JSON Schema: first choices, lists of one, zeros, and `words` for a free text."""
    if not isinstance(schema, dict):
        return None
    if choices := schema.get("enum"):
        return choices[0]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: fitting(field, words) for name, field in fields.items()}
        case "array":
            return [fitting(schema.get("items"), words)]
        case "string":
            return words
        case "number" | "integer":
            return 0
        case "boolean":
            return False
        case _:
            return None
