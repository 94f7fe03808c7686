"""The pack's own examples that are most like a text: what a model is shown beside its instructions."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from kefu.knowledge.likeness import features, normal
from kefu.pack.labels import Labelled

_ALIKE = 2
"""Examples with the same intents among the nearest: more of them would tell nothing new."""
_COMMON = 0.1
"""Features of more than this share of the examples tell none apart, and make the lists long."""
_LOOKED_AT = 8
"""Candidates per example wanted, in the hope that enough of them differ in their intents."""


class Nearest:
    """An inverted index of examples: cosine of weighted characters and pairs. Never changes once it is made."""

    def __init__(self, examples: Iterable[Labelled]) -> None:
        self._examples = list({one.text: one for one in examples}.values())
        found = [features(normal(one.text)) for one in self._examples]
        counts = Counter(name for one in found for name in one)
        total = len(found)
        self._rarity = {
            name: math.log(1 + total / count)
            for name, count in counts.items()
            if count <= max(_COMMON * total, 2)
        }
        self._where: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, one in enumerate(found):
            for name, weight in self._weighed(one).items():
                self._where[name].append((number, weight))

    def like(self, text: str, most: int) -> list[Labelled]:
        """At most `most` examples, the likest first; none where nothing is alike."""
        scores: dict[int, float] = defaultdict(float)
        for name, weight in self._weighed(features(normal(text))).items():
            for number, other in self._where.get(name, ()):
                scores[number] += weight * other
        best = heapq.nlargest(most * _LOOKED_AT, scores.items(), key=lambda item: item[1])
        shown: Counter[tuple[str, ...]] = Counter()
        kept: list[Labelled] = []
        for number, _ in best:
            example = self._examples[number]
            if shown[example.intents] < _ALIKE and len(kept) < most:
                shown[example.intents] += 1
                kept.append(example)
        return kept

    def _weighed(self, found: dict[str, float]) -> dict[str, float]:
        """Features with their rarity, of unit length together."""
        weighed = {
            name: weight * self._rarity[name]
            for name, weight in found.items()
            if name in self._rarity
        }
        length = math.sqrt(sum(weight * weight for weight in weighed.values()))
        return {name: weight / length for name, weight in weighed.items()} if length else {}
