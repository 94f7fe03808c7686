"""What the encoder learns from: texts as the reader will see them, with wishes, slots and mood in place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kefu.training import augment
from kefu.training.data import Example, Mark, MoodExample, TrainingData, unmark
from kefu.training.patterns import Pattern
from kefu.understanding.clauses import split
from kefu.understanding.moods import MOODS
from kefu.understanding.slots.specs import SlotSpec
from kefu.understanding.text import flatten, fold

UNKNOWN = -1
_JOINTS = (
    "，",
    "，",
    ",",
    "。",
    " ",
    "\n",
    "；",
    "，顺便",
    "，另外",
    "，还有",
    "，再",
    " 顺便",
    " 还有",
    "，然后",
    "。另外",
    "，对了",
    "，同时",
    "，以及",
    "，并且",
) + ("",) * 6
_LATIN_JOINTS = (". ", ", ", " and ", ", and ", ". Also, ", " also ", "; ", ", then ", " and also ")
_JOINED = 6
"""One joined text for so many single ones: texts joined at random teach to see wishes where none is meant."""
_AGAIN = 2
"""How often an epoch sees what somebody wrote with several wishes."""
_SAMPLES = 4
"""Sentences of each pattern in an epoch."""
_BEFORE = (
    "你好，",
    "您好 ",
    "在吗，",
    "亲，",
    "客服你好，",
    "那个，",
    "嗯，",
    "请问",
    "hi，",
    "哎，",
    "麻烦问下，",
    "老板，",
)
_AFTER = (
    "，谢谢",
    "，谢谢啦",
    " 谢谢",
    "，辛苦了",
    "，麻烦了",
    "，急",
    "！",
    "。",
    "～",
    "，拜托",
    "？",
    "...",
    "🙏",
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A folded text. `wishes` are (start, end, intent); `marks` (start, end, slot); None where nobody looked.

    `mood` and `sarcasm` are UNKNOWN where nobody looked.
    """

    text: str
    wishes: tuple[tuple[int, int, int], ...] | None = None
    marks: tuple[tuple[int, int, int], ...] | None = None
    mood: int = UNKNOWN
    sarcasm: int = UNKNOWN


_MADE_UP = {
    "code": ("202611180042187", "SF1630294857712", "20263656368980", "JDVB0071234567", "8899"),
    "phone": ("13800138000", "15912345678", "139 0013 9000"),
    "email": ("someone@example.com", "li.lei@example.cn"),
    "name": ("<NAME_1>", "王芳", "李小明", "张伟", "陈静"),
}


class Lessons:
    """Makes an epoch's lessons; every epoch other ones, the same seed always the same ones."""

    def __init__(self, data: TrainingData) -> None:
        self.data = data
        self._intents = {name: at for at, name in enumerate(data.intents)}
        self._slots = {spec.name: at for at, spec in enumerate(data.slots)}
        marked = [
            *data.examples,
            *data.several,
            *(Example(m.text, m.intents, m.marks) for m in data.moods),
        ]
        self._pool = augment.pool(marked, data.slots)
        self._values = {latin: values_of(self._pool, data.slots, latin) for latin in (False, True)}
        self._patterns = [p for p in data.patterns if p.slots <= self._values[p.latin].keys()]

    def epoch(self, rng: random.Random) -> list[Lesson]:
        """All lessons of an epoch, in random order."""
        singles = [self._single(example, rng) for example in self.data.examples]
        patterned = [
            self._patterned(pattern, rng) for pattern in self._patterns for _ in range(_SAMPLES)
        ]
        lessons = [self.lesson(self._shown(e, rng)) for e in (*singles, *patterned)]
        for _ in range(_AGAIN):
            lessons += [self.lesson(self._shown(e, rng)) for e in self._several(rng)]
        lessons += [self._joined(singles + patterned, rng) for _ in range(len(singles) // _JOINED)]
        lessons += [self._moody(mood, rng) for mood in self.data.moods]
        rng.shuffle(lessons)
        return lessons

    def lesson(self, example: Example) -> Lesson:
        """An example as it stands."""
        flat = flatten(example.text)
        place = {flat.span(at, at)[0]: at for at in range(len(flat.text) + 1)}
        bounds = [0, *(place[at] for at in example.begins if at in place), len(flat.text)]
        wishes = None
        if len(bounds) == len(example.intents) + 1:
            wishes = tuple(
                (start, end, self._intents[name])
                for start, end, name in zip(bounds, bounds[1:], example.intents, strict=False)
            )
        if not example.marked:
            return Lesson(flat.text, wishes)
        marks = tuple(
            (place[m.start], place[m.end], self._slots[m.slot])
            for m in example.marks
            if m.start in place and m.end in place
        )
        return Lesson(flat.text, wishes, marks)

    def _several(self, rng: random.Random) -> list[Example]:
        return [
            cut(augment.swapped(e, self._pool, rng) if rng.random() < 0.4 else e)
            for e in self.data.several
        ]

    def _single(self, example: Example, rng: random.Random) -> Example:
        if example.marks and rng.random() < 0.5:
            example = augment.swapped(example, self._pool, rng)
        if rng.random() < 0.08:
            example = _prefixed(example, rng.choice(_BEFORE))
        if rng.random() < 0.08:
            example = replace(example, text=example.text + rng.choice(_AFTER))
        return example

    def _patterned(self, pattern: Pattern, rng: random.Random) -> Example:
        values = self._values[pattern.latin]
        text, marks = unmark(pattern.sample(values, rng))
        return Example(text, (pattern.intent,), marks)

    def _shown(self, example: Example, rng: random.Random) -> Example:
        """With slips of the finger, and mostly with personal values hidden, as the guard hands it on."""
        if rng.random() < 0.9:
            example = augment.hidden(example, self.data.slots)
        return augment.slipped(example, rng) if rng.random() < 0.1 else example

    def _joined(self, singles: Sequence[Example], rng: random.Random) -> Lesson:
        """Two or three wishes one after the other, with a word between them or with none."""
        parts = [rng.choice(singles) for _ in range(2 if rng.random() < 0.75 else 3)]
        return self.lesson(self._shown(join(parts, rng), rng))

    def _moody(self, mood: MoodExample, rng: random.Random) -> Lesson:
        shown = self._shown(Example(mood.text, mood.intents, mood.marks), rng)
        learnt = self.lesson(cut(shown))
        if not mood.intents:
            learnt = replace(learnt, wishes=None, marks=None)
        return replace(learnt, mood=MOODS.index(mood.label), sarcasm=int(mood.sarcasm))


def join(parts: Sequence[Example], rng: random.Random) -> Example:
    """Texts one after the other as one; equal neighbours count once."""
    text = ""
    intents: list[str] = []
    marks: list[Mark] = []
    begins: list[int] = []
    for part in parts:
        if intents and part.intents[0] != intents[-1]:
            begins.append(len(text))
        if not intents or part.intents[0] != intents[-1]:
            intents.append(part.intents[0])
        if text:
            latin = text[-1].isascii() and part.text[0].isascii()
            between = rng.choice(_LATIN_JOINTS if latin else _JOINTS)
            if begins and begins[-1] == len(text) and between[:1] in "，,。 \n；.;":
                begins[-1] += len(between) - len(between.lstrip("，,。 \n；.;"))
            text += between
        moved = len(text)
        marks += [Mark(m.slot, m.start + moved, m.end + moved) for m in part.marks]
        text += part.text
    marked = all(part.marked for part in parts)
    return Example(text, tuple(intents), tuple(marks) if marked else (), tuple(begins), marked)


def cut(example: Example) -> Example:
    """With the places where its wishes begin, as far as its clauses tell."""
    if example.begins or len(example.intents) < 2:
        return example
    spans = split(fold(example.text))
    if len(spans) != len(example.intents):
        return example
    return replace(example, begins=tuple(start for start, _ in spans[1:]))


def values_of(pool: augment.Pool, specs: Sequence[SlotSpec], latin: bool) -> dict[str, list[str]]:
    """Values for patterns, in the script of the sentence; codes and personal data are made up."""
    found = {
        name: [value for value in values if value.isascii() == latin]
        for name, values in pool.items()
    }
    for spec in specs:
        if spec.kind in _MADE_UP:
            found[spec.name] = list(_MADE_UP[spec.kind])
    return {name: values for name, values in found.items() if values}


def _prefixed(example: Example, words: str) -> Example:
    moved = len(words)
    marks = tuple(Mark(m.slot, m.start + moved, m.end + moved) for m in example.marks)
    begins = tuple(at + moved for at in example.begins)
    return replace(example, text=words + example.text, marks=marks, begins=begins)
