"""The figures in short, each with its interval: what is summed per text, and what is made of the sums.

Every figure is a function of sums over texts, so that resampling texts resamples every figure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kefu.training import reliability
from kefu.training.intervals import Floats, Span, middle_95, resampled, wilson
from kefu.training.verdict import Verdict
from kefu.understanding.moods import MOODS

Of = Callable[[Verdict], Sequence[float]]
"""What one text adds to the sums."""
Kind = Literal["share", "f1", "error"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `value` makes (rounds,) values of (rounds, k) sums, NaN where there is nothing to say.

    Of a share the sums are (right, all). `error` is a figure that is better when it is small.
    """

    name: str
    kind: Kind
    columns: Of
    value: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure with its 95 % interval, and the number of texts or labels that it is out of."""

    name: str
    kind: Kind
    value: float
    interval: Span
    total: int


def _divided(upper: Floats, lower: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(lower > 0, upper / lower, np.nan)


def _share(sums: Floats) -> Floats:
    return _divided(sums[:, 0], sums[:, 1])


def _f1(sums: Floats) -> Floats:
    return _divided(2 * sums[:, 0], 2 * sums[:, 0] + sums[:, 1] + sums[:, 2])


def _macro(sums: Floats) -> Floats:
    """Mean F1 of the moods that somebody meant."""
    parts = sums.reshape(len(sums), len(MOODS), 3)
    meant = parts[:, :, 0] + parts[:, :, 2] > 0
    f1 = [np.where(meant[:, at], _f1(parts[:, at]), 0.0) for at in range(len(MOODS))]
    return _divided(np.nan_to_num(np.array(f1)).sum(axis=0), meant.sum(axis=1).astype(float))


def _error(sums: Floats) -> Floats:
    counts, said, right = sums.reshape(len(sums), reliability.BINS, 3).transpose(2, 0, 1)
    return _divided(np.abs(said - right).sum(axis=1), counts.sum(axis=1))


def _exactly(number: Callable[[int], bool]) -> Of:
    def columns(one: Verdict) -> Sequence[float]:
        counts = bool(one.meant.intents) and number(len(one.meant.intents))
        return (counts and one.exact, counts)

    return columns


def _accepted(one: Verdict) -> Sequence[float]:
    return (bool(one.meant.intents) and one.accepted, bool(one.meant.intents))


def _values(one: Verdict) -> Sequence[float]:
    meant, read = one.slots
    return ((meant & read).total(), (read - meant).total(), (meant - read).total())


def _moods(one: Verdict) -> Sequence[float]:
    sums = [0.0] * (3 * len(MOODS))
    if one.meant.emotion is None:
        return sums
    meant, read = one.meant.emotion.label, one.read.emotion.label
    if meant == read:
        sums[3 * MOODS.index(meant)] = 1.0
    else:
        sums[3 * MOODS.index(read) + 1] = 1.0
        sums[3 * MOODS.index(meant) + 2] = 1.0
    return sums


def _sarcasm(*, out_of: Literal["read", "meant"]) -> Of:
    def columns(one: Verdict) -> Sequence[float]:
        if one.meant.emotion is None:
            return (0.0, 0.0)
        meant, read = one.meant.emotion.sarcasm, one.read.emotion.sarcasm
        return (meant and read, meant if out_of == "meant" else read)

    return columns


def _calibration(one: Verdict) -> Sequence[float]:
    sums = [0.0] * (3 * reliability.BINS)
    if one.meant.intents:
        at = 3 * reliability.place(one.read.confidence)
        sums[at : at + 3] = [1.0, one.read.confidence, float(one.accepted)]
    return sums


MEASURES = (
    Measure("single_exact", "share", _exactly(lambda number: number == 1), _share),
    Measure("several_exact", "share", _exactly(lambda number: number > 1), _share),
    Measure("exact", "share", _exactly(lambda number: True), _share),
    Measure("acceptable", "share", _accepted, _share),
    Measure("slot_f1", "f1", _values, _f1),
    Measure("mood_f1", "f1", _moods, _macro),
    Measure("sarcasm_precision", "share", _sarcasm(out_of="read"), _share),
    Measure("sarcasm_recall", "share", _sarcasm(out_of="meant"), _share),
    Measure("calibration_error", "error", _calibration, _error),
)
"""single_exact, several_exact: the list of intents is the one meant, of texts with one, with several.
acceptable: the list is the one meant or another acceptable one; calibration_error is about this.
slot_f1: micro-F1 by name and value as written. mood_f1: macro-F1."""


def columns_of(measure: Measure, verdicts: Sequence[Verdict]) -> Floats:
    """(texts, k): what each text adds."""
    return np.array([measure.columns(one) for one in verdicts], np.float64)


def measured(verdicts: Sequence[Verdict], names: Sequence[str] = ()) -> list[Figure]:
    """Every figure that the labels have something to say about, or only the named ones.

    `acceptable` is left out where nothing but the meant list is acceptable.
    """
    others = any(one.meant.acceptable for one in verdicts)
    found = (
        _figure(measure, verdicts)
        for measure in MEASURES
        if (measure.name != "acceptable" or others) and (not names or measure.name in names)
    )
    return [figure for figure in found if figure is not None]


def _figure(measure: Measure, verdicts: Sequence[Verdict]) -> Figure | None:
    if not verdicts:
        return None
    columns = columns_of(measure, verdicts)
    sums = columns.sum(axis=0)
    value = float(measure.value(sums[None])[0])
    if np.isnan(value):
        return None
    if measure.kind == "share":
        return Figure(
            measure.name, "share", value, wilson(float(sums[0]), float(sums[1])), int(sums[1])
        )
    interval = middle_95(measure.value(resampled(columns)))
    return Figure(measure.name, measure.kind, value, interval, _total(measure, sums))


def _total(measure: Measure, sums: Floats) -> int:
    """Labels that were meant, or texts with a confidence."""
    parts = sums.reshape(-1, 3)
    if measure.kind == "error":
        return int(parts[:, 0].sum())
    return int(parts[:, 0].sum() + parts[:, 2].sum())
