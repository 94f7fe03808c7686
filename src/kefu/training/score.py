"""How good a reader is: tables by intent, slot, mood, tier and length, and what is taken for what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kefu.training import reliability
from kefu.training.measures import Figure, measured
from kefu.training.tally import Tally, count
from kefu.training.verdict import Verdict

LENGTHS = (5, 10, 20, 40)
"""Texts are put together by the number of their characters, up to and with each of these, then all longer."""


@dataclass(frozen=True, slots=True)
class Score:
    """Verdicts, and everything that can be counted from them."""

    verdicts: Sequence[Verdict]

    @property
    def judged(self) -> list[Verdict]:
        """Those whose intents are known."""
        return [one for one in self.verdicts if one.meant.intents]

    def figures(self) -> list[Figure]:
        """The figures in short, with their intervals."""
        return measured(self.verdicts)

    def metrics(self) -> dict[str, float]:
        """The figures in short, rounded, without intervals."""
        return {figure.name: round(figure.value, 4) for figure in self.figures()}

    def intents(self) -> dict[str, Tally]:
        """By intent, each counted once a text."""
        found: dict[str, Tally] = {}
        for one in self.judged:
            count(found, Counter(set(one.meant.intents)), Counter(set(one.intents)))
        return found

    def slots(self) -> dict[str, Tally]:
        """By slot, of values as written."""
        found: dict[str, Tally] = {}
        for one in self.verdicts:
            meant, read = one.slots
            count(found, Counter(meant), Counter(read))
        return found

    def moods(self) -> dict[str, Tally]:
        """By mood, and sarcasm as one more."""
        found: dict[str, Tally] = {}
        for one in self.verdicts:
            if one.meant.emotion is not None:
                count(found, Counter([one.meant.emotion.label]), Counter([one.read.emotion.label]))
        sarcasm = self.sarcasm()
        return {**found, "sarcasm": sarcasm} if found else {}

    def sarcasm(self) -> Tally:
        """How sarcasm is heard."""
        found: dict[str, Tally] = {}
        for one in self.verdicts:
            if one.meant.emotion is not None:
                meant = ["sarcasm"] * one.meant.emotion.sarcasm
                count(found, Counter(meant), Counter(["sarcasm"] * one.read.emotion.sarcasm))
        return found.get("sarcasm", Tally())

    def confused(self) -> list[tuple[tuple[str, str], list[Verdict]]]:
        """What was meant and what it was taken for, with the texts, the commonest first."""
        found: defaultdict[tuple[str, str], list[Verdict]] = defaultdict(list)
        for one in self.errors():
            found[told(one.meant.intents), told(one.intents)].append(one)
        return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))

    def errors(self) -> list[Verdict]:
        """Texts whose intents are not acceptable as they were read."""
        return [one for one in self.judged if not one.accepted]

    def diagram(self) -> list[reliability.Bin]:
        """How true confidences are."""
        judged = self.judged
        return reliability.bins(
            [one.read.confidence for one in judged], [one.accepted for one in judged]
        )

    def by_tier(self) -> list[tuple[str, int, int]]:
        """(tier, accepted, texts), the busiest first."""
        return sorted(self._parted(lambda one: one.read.tier), key=lambda row: (-row[2], row[0]))

    def by_length(self) -> list[tuple[str, int, int]]:
        """(characters, accepted, texts), the shortest first."""
        names = [_range(at) for at in range(len(LENGTHS) + 1)]
        found = self._parted(lambda one: names[_length(one.meant.text)])
        return sorted(found, key=lambda row: names.index(row[0]))

    def _parted(self, part: Callable[[Verdict], str]) -> Iterable[tuple[str, int, int]]:
        right: Counter[str] = Counter()
        total: Counter[str] = Counter()
        for one in self.judged:
            total[part(one)] += 1
            right[part(one)] += one.accepted
        return [(name, right[name], number) for name, number in total.items()]


def told(intents: Sequence[str]) -> str:
    """Intents in order, as one name."""
    return "+".join(intents)


def _length(text: str) -> int:
    return next((at for at, most in enumerate(LENGTHS) if len(text) <= most), len(LENGTHS))


def _range(at: int) -> str:
    low = LENGTHS[at - 1] + 1 if at else 1
    return f"{low}–{LENGTHS[at]}" if at < len(LENGTHS) else f"{low}+"
