"""Pack to artefact: the whole training, deterministic, in well under a minute."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kefu.training import augment
from kefu.training.chance import dice
from kefu.training.data import Example, MoodExample, TrainingData
from kefu.training.rows import clauses
from kefu.training.sentences import (
    Linear,
    Moods,
    Row,
    fit_intents,
    fit_moods,
    learn_vocabulary,
    marked,
    parted,
    single,
)
from kefu.training.tagger import joined, lesson, train_boundaries, train_tags
from kefu.understanding.belief import Belief
from kefu.understanding.concepts import Concepts
from kefu.understanding.gazetteer import Gazetteer
from kefu.understanding.moods import is_plain
from kefu.understanding.sentences import Floats
from kefu.understanding.text import flatten
from kefu.understanding.wishes import Price

Tick = Callable[[], None]
STEPS = 16
"""How often `fit` ticks: intents twice, moods, tags and boundaries per epoch, calibration."""
_SWAPS = 2
_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Weighing:
    """How scores become wishes: sharpness of the softmax, prices, and when sarcasm is believed."""

    sharpness: float = 1.1
    price: Price = field(default_factory=Price)
    sarcasm: float = 0.5
    belief: Belief = field(default_factory=Belief)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Everything that was learnt, before it is made small."""

    data: TrainingData
    linear: Linear
    moods: Moods
    tags: Floats
    steps: Floats
    words: dict[str, tuple[str, ...]]
    weighing: Weighing


def fit(data: TrainingData, tick: Tick, weighing: Weighing | None = None) -> Fitted:
    """Train on a pack's data; without a given weighing it is calibrated on held-out folds."""
    concepts = Concepts(data.concepts)
    weighing = weighing or calibrate(data, concepts)
    tick()
    linear = fit_sentences(data, concepts, tick)
    moods = fit_moods([*data.moods, *plain_examples(data)], linear.known, concepts)
    tick()
    words = gazetteer_words(data)
    tags, steps = _fit_tagger(data, words, tick)
    return Fitted(data, linear, moods, tags, steps, words, weighing)


def fit_sentences(data: TrainingData, concepts: Concepts, tick: Tick) -> Linear:
    """The intent columns, from single wishes and the parts of several.

    Where nobody marked the parts, a first model shares the clauses out.
    """
    rows = sentence_rows(data, concepts)
    shown = [augment.hidden(example, data.slots) for example in data.several]
    plain = [example for example in shown if len(example.intents) > 1 and not example.begins]
    rows += [row for example in shown if example.begins for row in marked(example, concepts)]
    rows += [single(example, concepts) for example in shown if len(example.intents) == 1]
    known = learn_vocabulary(rows, data.moods, concepts)
    if plain:
        first = fit_intents(rows, data.intents, known, concepts)
        rows += [row for example in plain for row in parted(example, first, data.intents)]
    tick()
    linear = fit_intents(rows, data.intents, known, concepts)
    tick()
    return linear


def sentence_rows(data: TrainingData, concepts: Concepts) -> list[Row]:
    """Each example as the reader will see it: personal values hidden, one copy about other things."""
    rng = dice(5)
    values = augment.pool(data.examples, data.slots)
    rows: list[Row] = []
    for example in data.examples:
        shown = augment.hidden(example, data.slots)
        rows.append(single(shown, concepts))
        if example.marks:
            rows.append(single(augment.swapped(shown, values, rng), concepts))
    return rows


def plain_examples(data: TrainingData) -> list[MoodExample]:
    """Wishes without a word of mood or trouble: neutral ones, so that asking is not taken for anger."""
    plain = [e.text for e in data.examples if is_plain(flatten(e.text).text)]
    wanted = len(data.moods) // 2
    return [MoodExample(text, "neutral") for text in plain[:: max(1, len(plain) // max(1, wanted))]]


def gazetteer_words(data: TrainingData) -> dict[str, tuple[str, ...]]:
    """Words of each slot: those of its description, and short values marked in examples."""
    values: dict[str, set[str]] = {spec.name: set(spec.words) for spec in data.slots}
    named = {spec.name for spec in data.slots if spec.kind in ("words", "address") and spec.words}
    for example in (*data.examples, *data.several):
        for mark in example.marks:
            value = example.text[mark.start : mark.end].lower()
            if mark.slot in named and "<" not in value and 2 <= len(value) <= 8:
                values[mark.slot].add(value)
    return {name: tuple(sorted(found)) for name, found in values.items() if found}


def _fit_tagger(
    data: TrainingData, words: dict[str, tuple[str, ...]], tick: Tick
) -> tuple[Floats, Floats]:
    slots = [spec.name for spec in data.slots]
    gazetteer = Gazetteer(slots, words)
    rng = dice(3)
    examples = tagging_examples(data, rng)
    lessons = [lesson(example, slots, gazetteer, rng) for example in examples]
    tags, steps = train_tags(lessons, slots, tick)
    texts = joined(data.examples, data.several, rng)
    boundaries = train_boundaries(texts, gazetteer, tick)
    return np.concatenate([tags, boundaries[:, None]], axis=1), steps


def tagging_examples(data: TrainingData, rng: random.Random) -> list[Example]:
    """The marked examples, as written and with personal values hidden, other values swapped in, and slips."""
    values = augment.pool((*data.examples, *data.several), data.slots)
    made: list[Example] = []
    for example in (*data.examples, *data.several):
        if not example.marked:
            continue
        shown = augment.hidden(example, data.slots)
        made.append(shown)
        if example.marks:
            made += [example] if shown != example else []
            made += [augment.swapped(shown, values, rng) for _ in range(_SWAPS)]
            made.append(augment.slipped(shown, rng))
    return made


def weighed(fitted: Fitted, held: Sequence[Example]) -> Weighing:
    """The weighing with the sharpness that single wishes ask for which the model was not taught."""
    singles = [example for example in held if len(example.intents) == 1]
    if not singles:
        return fitted.weighing
    reader = fitted.linear.reader()
    logits = [reader.logits(reader.sums(clauses(each.text))[-1:])[0] for each in singles]
    wanted = [fitted.data.intents.index(example.intents[0]) for example in singles]
    return replace(fitted.weighing, sharpness=_sharpest(np.array(logits), wanted))


def calibrate(data: TrainingData, concepts: Concepts) -> Weighing:
    """Sharpness that makes held-out confidences true, from folds of the single wishes."""
    order = list(range(len(data.examples)))
    dice(13).shuffle(order)
    logits, wanted = [], []
    for fold in range(_FOLDS):
        held = set(order[fold::_FOLDS])
        rest = [example for at, example in enumerate(data.examples) if at not in held]
        rows = [single(augment.hidden(example, data.slots), concepts) for example in rest]
        known = learn_vocabulary(rows, (), concepts)
        reader = fit_intents(rows, data.intents, known, concepts).reader()
        for at in sorted(held):
            example = data.examples[at]
            sums = reader.sums(clauses(augment.hidden(example, data.slots).text))
            logits.append(reader.logits(sums[-1:])[0])
            wanted.append(data.intents.index(example.intents[0]))
    return replace(Weighing(), sharpness=_sharpest(np.array(logits), wanted))


def _sharpest(logits: Floats, wanted: Sequence[int]) -> float:
    def loss(sharpness: float) -> float:
        scaled = logits * sharpness
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        chances = np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True)
        return float(-np.log(chances[np.arange(len(wanted)), wanted] + 1e-9).mean())

    return float(min(np.arange(0.5, 4.0, 0.1), key=loss).round(2))
