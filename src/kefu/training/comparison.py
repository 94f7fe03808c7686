"""Two models on the same texts: is the one really better, and where do they differ?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kefu.training.intervals import Span, mcnemar, middle_95, resampled
from kefu.training.measures import MEASURES, Kind, Measure, columns_of
from kefu.training.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of both. `difference` is second minus first, with its 95 % interval by paired bootstrap."""

    name: str
    kind: Kind
    first: float
    second: float
    difference: float
    interval: Span

    @property
    def certain(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.interval[0] > 0 or self.interval[1] < 0


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A text that the two read differently."""

    first: Verdict
    second: Verdict

    @property
    def better(self) -> int:
        """1 where only the second is right, -1 where only the first is, else 0."""
        return int(self.second.accepted) - int(self.first.accepted)


class Comparison:
    """Compares verdicts on the same texts in the same order."""

    def __init__(self, first: Sequence[Verdict], second: Sequence[Verdict]) -> None:
        if [one.meant for one in first] != [one.meant for one in second]:
            raise ValueError("two models can only be compared on the same texts")
        self.first = first
        self.second = second

    def differences(self) -> list[Difference]:
        """Every figure that the labels have something to say about."""
        others = any(one.meant.acceptable for one in self.first)
        rows = (
            self._difference(measure)
            for measure in MEASURES
            if measure.name != "acceptable" or others
        )
        return [row for row in rows if row is not None]

    def _difference(self, measure: Measure) -> Difference | None:
        """The same resampled texts are read by both, which is what makes the interval narrow."""
        if not self.first:
            return None
        ones, others = (columns_of(measure, found) for found in (self.first, self.second))
        width = ones.shape[1]
        both = np.concatenate([ones, others], axis=1)
        total, rounds = both.sum(axis=0)[None], resampled(both)
        first, second = (
            float(measure.value(total[:, part])[0]) for part in (slice(width), slice(width, None))
        )
        if np.isnan(first) and np.isnan(second):
            return None
        spread = measure.value(rounds[:, width:]) - measure.value(rounds[:, :width])
        return Difference(
            measure.name, measure.kind, first, second, second - first, middle_95(spread)
        )

    @property
    def only_right(self) -> tuple[int, int]:
        """Texts whose intents only the first, and only the second reads acceptably."""
        marks = [one.better for one in self.disagreements()]
        return marks.count(-1), marks.count(1)

    @property
    def p(self) -> float:
        """McNemar's exact p: how likely so uneven a split is among equally good models."""
        return mcnemar(*self.only_right)

    def disagreements(self) -> list[Disagreement]:
        """Texts with other intents in the two, where one of them is right first."""
        found = [
            Disagreement(one, other)
            for one, other in zip(self.first, self.second, strict=True)
            if one.meant.intents and one.intents != other.intents
        ]
        return sorted(found, key=lambda one: one.better == 0)
