"""Near-duplicates: texts that are so alike that whoever learnt one knows the other.

Two texts are alike where their character 3-grams overlap by a Jaccard index of at least 0.8. Exact, and fast by
prefix filtering: of two alike sets, sorted by how rare their grams are, the first few must meet (Bayardo et al.
2007).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kefu.understanding.text import flatten

ALIKE = 0.8
_WIDTH = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Text number `at` of the one list is like number `other` of the other; `likeness` in 0..1."""

    at: int
    other: int
    likeness: float


def normal(text: str) -> str:
    """What is compared: letters and digits in one width and case, each placeholder one character.

    >>> normal("Hello， 世界！")
    'hello世界'
    """
    flat = flatten(text).text
    return "".join(char for char in flat if char.isalnum() or "\ue000" <= char <= "\uf8ff") or flat


def grams(text: str) -> frozenset[str]:
    """The character 3-grams of a normalised text; of a shorter one, itself."""
    last = max(1, len(text) - _WIDTH + 1)
    return frozenset(text[at : at + _WIDTH] for at in range(last))


class Index:
    """Finds the texts that a text is like."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._sets = [grams(normal(text)) for text in texts]
        self._common = Counter(gram for one in self._sets for gram in one)
        self._first: defaultdict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(self._sets):
            for gram in self._prefix(one):
                self._first[gram].append(at)

    def like(self, text: str) -> list[tuple[int, float]]:
        """(number, likeness) of each alike text, in order of their numbers."""
        return self._like(grams(normal(text)))

    def pairs(self) -> list[Pair]:
        """All pairs of alike texts, `at` before `other`."""
        return [
            Pair(at, other, likeness)
            for at, one in enumerate(self._sets)
            for other, likeness in self._like(one, at + 1)
        ]

    def _like(self, one: frozenset[str], first: int = 0) -> list[tuple[int, float]]:
        candidates = {
            at for gram in self._prefix(one) for at in self._first.get(gram, ()) if at >= first
        }
        found: list[tuple[int, float]] = []
        for at in sorted(candidates):
            other = self._sets[at]
            if min(len(one), len(other)) < ALIKE * max(len(one), len(other)):
                continue
            both = len(one & other)
            likeness = both / (len(one) + len(other) - both)
            if likeness >= ALIKE:
                found.append((at, likeness))
        return found

    def _prefix(self, one: frozenset[str]) -> list[str]:
        rarest = sorted(one, key=lambda gram: (self._common[gram], gram))
        return rarest[: len(one) - math.ceil(ALIKE * len(one) - 1e-9) + 1]


def between(tested: Sequence[str], learnt: Sequence[str]) -> list[Pair]:
    """For each tested text that is like a learnt one, the most alike: `at` tested, `other` learnt."""
    index = Index(learnt)
    found: list[Pair] = []
    for at, text in enumerate(tested):
        alike = index.like(text)
        if alike:
            other, likeness = max(alike, key=lambda one: (one[1], -one[0]))
            found.append(Pair(at, other, likeness))
    return found


def families(texts: Sequence[str]) -> list[int]:
    """Each text's family: alike texts, and those alike to these, have the lowest number among them."""
    head = list(range(len(texts)))

    def top(at: int) -> int:
        while head[at] != at:
            head[at] = head[head[at]]
            at = head[at]
        return at

    for pair in Index(texts).pairs():
        one, other = top(pair.at), top(pair.other)
        head[max(one, other)] = min(one, other)
    return [top(at) for at in range(len(texts))]
