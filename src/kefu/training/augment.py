"""More examples out of few: other values in the same places, hidden personal data, slips of the finger."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace as replaced

from kefu.training.data import Example, Mark
from kefu.understanding.slots.specs import KINDS, SlotSpec

Pool = Mapping[str, Sequence[str]]
_FREE = ("words", "address", "name", "money", "count", "date", "time")
_FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if chr(code) not in "<>_[]()"}


def pool(examples: Sequence[Example], specs: Sequence[SlotSpec]) -> Pool:
    """All values known for each slot whose values may change places."""
    values: defaultdict[str, set[str]] = defaultdict(set)
    for example in examples:
        for mark in example.marks:
            values[mark.slot].add(example.text[mark.start : mark.end])
    for spec in specs:
        values[spec.name].update(spec.words)
    free = [spec.name for spec in specs if spec.kind in _FREE and spec.name != "reason"]
    return {name: sorted(values[name]) for name in free if values[name]}


def replace(example: Example, values: Mapping[int, str]) -> Example:
    """The example with mark number n's text replaced by values[n]."""
    text, marks, end = "", [], 0
    begins = list(example.begins)
    for number, mark in enumerate(example.marks):
        text += example.text[end : mark.start]
        value = values.get(number, example.text[mark.start : mark.end])
        marks.append(Mark(mark.slot, len(text), len(text) + len(value)))
        text, end = text + value, mark.end
        moved = len(text) - end
        begins = _moved(begins, example.begins, end, moved)
    return Example(
        text + example.text[end:], example.intents, tuple(marks), tuple(begins), example.marked
    )


def _moved(begins: list[int], before: Sequence[int], end: int, by: int) -> list[int]:
    """Places after `end`, where they stand once everything up to there has moved."""
    return [old + by if old >= end else at for at, old in zip(begins, before, strict=True)]


def swapped(example: Example, values: Pool, rng: random.Random) -> Example:
    """The same wish about other things: values out of the pool, of the same script."""
    chosen: dict[int, str] = {}
    for number, mark in enumerate(example.marks):
        latin = example.text[mark.start : mark.end].isascii()
        fitting = [value for value in values.get(mark.slot, ()) if value.isascii() == latin]
        if fitting:
            chosen[number] = rng.choice(fitting)
    return replace(example, chosen)


def hidden(example: Example, specs: Sequence[SlotSpec]) -> Example:
    """As the guard would hand it on: personal values behind placeholders; last digits stay."""
    marks = {spec.name: KINDS[spec.kind].placeholder for spec in specs}
    return replace(
        example,
        {
            number: f"<{kind}_1>"
            for number, mark in enumerate(example.marks)
            if (kind := marks.get(mark.slot)) and mark.end - mark.start > 4
        },
    )


def slipped(example: Example, rng: random.Random) -> Example:
    """One slip outside of the marks: a character lost or doubled, or full-width signs."""
    text = example.text
    outside = [
        at for at in range(len(text)) if not any(m.start <= at < m.end for m in example.marks)
    ]
    if len(outside) < 5:
        return example
    if "<" not in text and rng.random() < 0.2:
        return replaced(example, text=text.translate(_FULL))
    at = rng.choice(outside)
    piece = "" if rng.random() < 0.6 else text[at] * 2
    moved = len(piece) - 1
    marks = tuple(
        Mark(m.slot, m.start + moved, m.end + moved) if m.start > at else m for m in example.marks
    )
    begins = tuple(place + moved if place > at else place for place in example.begins)
    return replaced(example, text=text[:at] + piece + text[at + 1 :], marks=marks, begins=begins)
