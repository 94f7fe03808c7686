"""Texts with labels to measure by, from a file of JSON lines or from a pack's own examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from kefu.errors import PackError
from kefu.messages import Mood
from kefu.training.data import Example, MoodExample, TrainingData, unmark


class NamedValue(msgspec.Struct, frozen=True):
    """A slot's value as written."""

    name: str
    raw: str


class Feeling(msgspec.Struct, frozen=True):
    """The mood a text is said in."""

    label: Mood
    sarcasm: bool = False


class Labelled(msgspec.Struct, frozen=True):
    """A text and what it means. `slots` and `emotion` are None where nobody looked for them.

    `intents` are in the order said, and empty where nobody looked; `acceptable` are other lists that count as
    right.
    """

    text: str
    intents: tuple[str, ...] = ()
    slots: tuple[NamedValue, ...] | None = None
    emotion: Feeling | None = None
    acceptable: tuple[tuple[str, ...], ...] = ()


def read(path: Path) -> list[Labelled]:
    """JSON lines `{text, intents, slots, emotion, acceptable}`; all but text and intents may be left away.

    Where a line has no `slots`, its text may be marked as in a pack. Raises PackError naming file and line.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise PackError(f"{path}: {exc.strerror or exc}") from exc
    found = [_read(path, at, line) for at, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise PackError(f"{path}: no labelled texts; write a line " + _EXAMPLE)
    return found


_EXAMPLE = json.dumps({"text": "我要退款", "intents": ["refund"]}, ensure_ascii=False)


def _read(path: Path, number: int, line: bytes) -> Labelled:
    try:
        one = msgspec.json.decode(line, type=Labelled)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise PackError(f"{path}:{number}: {exc}; expected {_EXAMPLE}") from exc
    if not one.text.strip():
        raise PackError(f"{path}:{number}: the text is empty")
    if not one.intents:
        raise PackError(f"{path}:{number}: no intents; expected {_EXAMPLE}")
    if one.slots is not None:
        return one
    text, marks = unmark(one.text)
    if not marks:
        return one
    values = tuple(NamedValue(mark.slot, text[mark.start : mark.end]) for mark in marks)
    return msgspec.structs.replace(one, text=text, slots=values)


def of_pack(data: TrainingData) -> list[Labelled]:
    """A pack's own examples as texts to measure by."""
    return [
        *(_of_example(example) for example in (*data.examples, *data.several)),
        *(_of_mood(mood) for mood in data.moods),
    ]


def _of_example(example: Example) -> Labelled:
    return Labelled(example.text, example.intents, _values(example) if example.marked else None)


def _of_mood(example: MoodExample) -> Labelled:
    slots = _values(example) if example.intents else None
    return Labelled(example.text, example.intents, slots, Feeling(example.label, example.sarcasm))


def _values(example: Example | MoodExample) -> tuple[NamedValue, ...]:
    return tuple(NamedValue(m.slot, example.text[m.start : m.end]) for m in example.marks)


def unknown(texts: Iterable[Labelled], intents: Sequence[str]) -> list[str]:
    """Intents that the texts are labelled with and a model has never heard of, sorted."""
    return sorted({name for one in texts for name in one.intents} - set(intents))
