"""Hits, false alarms and misses of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Hits, false alarms and misses of one label."""

    hit: int = 0
    false: int = 0
    missed: int = 0

    @property
    def support(self) -> int:
        """How often the label is there."""
        return self.hit + self.missed

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


def count(tallies: dict[str, Tally], meant: Counter[Hashable], read: Counter[Hashable]) -> None:
    """Add one text's labels; of a pair such as (name, raw), the first part is the label's name."""
    for label, times in (meant & read).items():
        tallies.setdefault(name(label), Tally()).hit += times
    for label, times in (read - meant).items():
        tallies.setdefault(name(label), Tally()).false += times
    for label, times in (meant - read).items():
        tallies.setdefault(name(label), Tally()).missed += times


def name(label: Hashable) -> str:
    """What a label is tallied under."""
    return str(label[0]) if isinstance(label, tuple) else str(label)


def weakest_first(tallies: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    """By F1, then by name."""
    return sorted(tallies.items(), key=lambda item: (item[1].f1, item[0]))
