"""Trains the character tagger: an averaged perceptron over hashed windows, and the boundary column."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kefu.training.chance import dice
from kefu.training.data import Example
from kefu.understanding.clauses import split
from kefu.understanding.gazetteer import Gazetteer, codes
from kefu.understanding.sentences import Floats
from kefu.understanding.tagging import BITS, Rows, Tagger, allowed, rows
from kefu.understanding.text import flatten

Tick = Callable[[], None]
_EPOCHS = 8
_BOUNDARY_EPOCHS = 4
_FORGET = 0.4
"""Share of dictionary words hidden in training, so that the tagger also learns from the words around."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text: its feature rows and the tag of each character."""

    rows: Rows
    tags: tuple[int, ...]


def lesson(
    example: Example, slots: Sequence[str], gazetteer: Gazetteer, rng: random.Random
) -> Lesson:
    """An example as the tagger sees it."""
    flat = flatten(example.text)
    size = len(flat.text)
    words = [word for word in gazetteer.find(flat.text) if rng.random() >= _FORGET]
    places = {flat.span(at, at)[0]: at for at in range(size + 1)}
    tags = [0] * size
    for mark in example.marks:
        slot = slots.index(mark.slot)
        start, end = places.get(mark.start), places.get(mark.end)
        if start is None or end is None or start >= end:
            continue
        tags[start:end] = [2 * slot + 2] * (end - start)
        tags[start] = 2 * slot + 1
    return Lesson(rows(flat.text, codes(words, size)), tuple(tags))


class Averaged:
    """Weights that are updated step by step and averaged over all steps."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.now: Floats = np.zeros(shape, np.float32)
        self._sum: Floats = np.zeros(shape, np.float32)
        self.step = 1

    def add(self, at: object, change: float) -> None:
        """Change the entries at an index, repeated ones as often as they occur."""
        np.add.at(self.now, at, change)  # type: ignore[arg-type]  # any numpy index
        np.add.at(self._sum, at, change * self.step)  # type: ignore[arg-type]  # any numpy index

    def mean(self) -> Floats:
        """The average over all steps."""
        return np.asarray(self.now - self._sum / self.step, np.float32)


def train_tags(
    lessons: Sequence[Lesson], slots: Sequence[str], tick: Tick
) -> tuple[Floats, Floats]:
    """(2**BITS, tags) window weights and (tags, tags) step weights."""
    tags = 2 * len(slots) + 1
    windows, steps = Averaged((2**BITS, tags)), Averaged((tags, tags))
    barred = allowed(tags)
    order = list(range(len(lessons)))
    rng = dice(7)
    for _ in range(_EPOCHS):
        rng.shuffle(order)
        for at in order:
            _learn(lessons[at], windows, steps, barred)
            windows.step += 1
            steps.step += 1
        tick()
    return windows.mean(), steps.mean()


def _learn(lesson: Lesson, windows: Averaged, steps: Averaged, barred: Floats) -> None:
    reader = Tagger(windows.now, steps.now + barred, ())
    # `decode` expects no boundary column; the weights have none while they are learnt
    guessed = reader.tags(reader.scores(lesson.rows))
    if tuple(guessed) == lesson.tags:
        return
    before_right = before_guess = 0
    for at, (right, guess) in enumerate(zip(lesson.tags, guessed, strict=True)):
        if right != guess:
            windows.add((lesson.rows[at], right), 1.0)
            windows.add((lesson.rows[at], guess), -1.0)
        if (before_right, right) != (before_guess, guess):
            steps.add((before_right, right), 1.0)
            steps.add((before_guess, guess), -1.0)
        before_right, before_guess = right, guess


def joined(
    examples: Sequence[Example], several: Sequence[Example], rng: random.Random
) -> list[tuple[str, tuple[int, ...]]]:
    """Texts run together as by voice input, with the places where a new wish begins."""
    singles = [flatten(example.text).text for example in examples]
    short = [text for text in singles if 3 <= len(text) <= 24 and len(split(text)) == 1]
    made: list[tuple[str, tuple[int, ...]]] = []
    for first in short:
        second = rng.choice(short)
        gap = " " if first[-1].isascii() and second[0].isascii() else ""
        made.append((first + gap + second, (len(first) + len(gap),)))
    made += [(text, ()) for text in singles]
    for example in several:
        text = flatten(example.text).text
        cuts = split(text)
        if len(cuts) == len(example.intents):
            pieces = [text[start:end] for start, end in cuts]
            ends = np.cumsum([len(piece) for piece in pieces])
            made.append(("".join(pieces), tuple(int(end) for end in ends[:-1])))
    return made


def train_boundaries(
    texts: Sequence[tuple[str, tuple[int, ...]]], gazetteer: Gazetteer, tick: Tick
) -> npt.NDArray[np.float32]:
    """(2**BITS,) weights that score "a new wish begins here" at each character."""
    lessons = [
        (rows(text, codes(gazetteer.find(text), len(text))), _marks(text, begins))
        for text, begins in texts
    ]
    weights = Averaged((2**BITS,))
    order = list(range(len(lessons)))
    rng = dice(11)
    for _ in range(_BOUNDARY_EPOCHS):
        rng.shuffle(order)
        for at in order:
            seen, wanted = lessons[at]
            margin = weights.now[seen].sum(axis=1) * wanted
            for wrong in np.flatnonzero(margin < 1.0):
                weights.add(seen[wrong], 0.1 * float(wanted[wrong]))
            weights.step += 1
        tick()
    return weights.mean()


def _marks(text: str, begins: Sequence[int]) -> npt.NDArray[np.float32]:
    wanted = np.full(len(text), -1.0, np.float32)
    wanted[list(begins)] = 1.0
    return wanted
