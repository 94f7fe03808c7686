"""How good a model is on what it has not seen: k folds, or any labelled file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from kefu.messages import Meaning
from kefu.training import augment
from kefu.training.chance import dice
from kefu.training.data import Example, MoodExample, TrainingData
from kefu.training.export import ready
from kefu.training.fit import Weighing, fit
from kefu.understanding.cascade import Cascade
from kefu.understanding.linear import LinearTier
from kefu.understanding.moods import MOODS
from kefu.understanding.reader import Reader, ReadingContext

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
FOLDS = 3
Tick = Callable[[], None]
T = TypeVar("T")


@dataclass(slots=True)
class Tally:
    """Hits, false alarms and misses of one label."""

    hit: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.hit / max(1, self.hit + self.false)

    @property
    def recall(self) -> float:
        """Share of what is there that was found."""
        return self.hit / max(1, self.hit + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hit / max(1, 2 * self.hit + self.false + self.missed)


@dataclass(slots=True)
class Score:
    """What a reader got right. Exact means the same intents in the same order."""

    single: Counter[bool] = field(default_factory=Counter)
    several: Counter[bool] = field(default_factory=Counter)
    intents: dict[str, Tally] = field(default_factory=dict)
    slots: dict[str, Tally] = field(default_factory=dict)
    moods: dict[str, Tally] = field(default_factory=dict)
    sarcasm: Tally = field(default_factory=Tally)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)

    def metrics(self) -> dict[str, float]:
        """The figures in short."""
        slots = Tally(*(sum(getattr(t, n) for t in self.slots.values()) for n in Tally.__slots__))
        moods = [self.moods[mood].f1 for mood in MOODS if mood in self.moods]
        return {
            "single_exact": _share(self.single),
            "several_exact": _share(self.several),
            "slot_f1": round(slots.f1, 4),
            "mood_f1": round(sum(moods) / max(1, len(moods)), 4),
            "sarcasm_precision": round(self.sarcasm.precision, 4),
            "sarcasm_recall": round(self.sarcasm.recall, 4),
        }


def cross_validate(data: TrainingData, folds: int, weighing: Weighing, tick: Tick) -> Score:
    """Train `folds` times without one part each, and read that part."""
    score = Score()
    for train, test in split(data, folds):
        tier = LinearTier(ready(fit(train, tick, weighing)))
        judge(Reader(Cascade(tier)), test, score)
    return score


def split(data: TrainingData, folds: int) -> Iterator[tuple[TrainingData, TrainingData]]:
    """(train, test) pairs; the same every time."""
    examples, several, moods = (
        _shuffled(data.examples),
        _shuffled(data.several),
        _shuffled(data.moods),
    )
    for fold in range(folds):
        test = replace(
            data,
            examples=examples[fold::folds],
            several=several[fold::folds],
            moods=moods[fold::folds],
        )
        yield (
            replace(
                data,
                examples=_without(examples, fold, folds),
                several=_without(several, fold, folds),
                moods=_without(moods, fold, folds),
            ),
            test,
        )


def judge(reader: Reader, test: TrainingData, score: Score) -> None:
    """Read every text of `test` and add to the score."""
    shown = [augment.hidden(example, test.slots) for example in (*test.examples, *test.several)]
    texts = [*(example.text for example in shown), *(mood.text for mood in test.moods)]
    meanings = asyncio.run(reader.read_all(texts, ReadingContext(now=NOW)))
    for example, meaning in zip(shown, meanings, strict=False):
        _judge_intents(meaning, example, score)
        if example.marks or len(example.intents) > 1 or meaning.slots:
            _judge_slots(meaning, example, score)
    for mood, meaning in zip(test.moods, meanings[len(shown) :], strict=True):
        _judge_mood(meaning, mood, score)


def _judge_intents(meaning: Meaning, example: Example, score: Score) -> None:
    found = tuple(intent.name for intent in meaning.intents)
    exact = found == example.intents
    (score.single if len(example.intents) == 1 else score.several)[exact] += 1
    _count(score.intents, set(found), set(example.intents))
    if not exact:
        score.confused["+".join(example.intents), "+".join(found)] += 1


def _judge_slots(meaning: Meaning, example: Example, score: Score) -> None:
    found = {(slot.name, slot.start, slot.end) for slot in meaning.slots}
    wanted = {(mark.slot, mark.start, mark.end) for mark in example.marks}
    for name, _, _ in found & wanted:
        score.slots.setdefault(name, Tally()).hit += 1
    for name, _, _ in found - wanted:
        score.slots.setdefault(name, Tally()).false += 1
    for name, _, _ in wanted - found:
        score.slots.setdefault(name, Tally()).missed += 1


def _judge_mood(meaning: Meaning, example: MoodExample, score: Score) -> None:
    _count(score.moods, {meaning.emotion.label}, {example.label})
    if example.sarcasm and meaning.emotion.sarcasm:
        score.sarcasm.hit += 1
    elif meaning.emotion.sarcasm:
        score.sarcasm.false += 1
    elif example.sarcasm:
        score.sarcasm.missed += 1


def _count(tallies: dict[str, Tally], found: set[str], wanted: set[str]) -> None:
    for name in found & wanted:
        tallies.setdefault(name, Tally()).hit += 1
    for name in found - wanted:
        tallies.setdefault(name, Tally()).false += 1
    for name in wanted - found:
        tallies.setdefault(name, Tally()).missed += 1


def _share(outcomes: Counter[bool]) -> float:
    return round(outcomes[True] / max(1, outcomes.total()), 4)


def _shuffled(items: Sequence[T]) -> tuple[T, ...]:
    mixed = list(items)
    dice(17).shuffle(mixed)
    return tuple(mixed)


def _without(items: Sequence[T], fold: int, folds: int) -> tuple[T, ...]:
    return tuple(item for at, item in enumerate(items) if at % folds != fold)
