"""FAQ search: TF-IDF cosine over character pairs, an inverted index in plain arrays; and sentence vectors.

Shared words are exact, vectors find what was said in other words: where a message has a vector, its score
is the weighted mean of both.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from kefu.knowledge.likeness import features, negative, normal, numbers
from kefu.messages import Vector
from kefu.pack.faq import FaqEntry

__all__ = ["FaqEntry", "FaqIndex", "Hit", "questions"]

OTHER_MEANING = 0.55
"""Factor on the score where one side is negated and the other is not, or the numbers contradict."""
UNSEEN = 0.6
"""How much a feature that no question has counts against a match, relative to a rare one."""
MOST = 32
"""Features of a query that are looked up, the rarest: a long message must not cost more."""
REMEMBERED = 4096
"""Questions whose hits are kept; texts are masked and stripped of long numbers, so none is personal."""
FLOOR = 0.05
"""Scores below are no hits."""
WEIGHT = 0.5
"""What vectors count beside words."""
UNLIKE = 0.5
"""The cosine of vectors up to which two questions are not alike at all: so alike are most texts of one intent.

Both chosen on 130 held-out questions, one of each entry, from 24 pairs: half the wrong answers of words
alone, a sixth of their false hits, several times their right answers (benchmarks/understanding/faq.py).
"""


def questions(entries: Sequence[FaqEntry]) -> list[str]:
    """All questions, in the order in which an index wants their vectors."""
    return [question for entry in entries for question in entry.questions]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found; `score` in 0..1."""

    entry: FaqEntry
    score: float


class FaqIndex:
    """Searches the questions of FAQ entries. Immutable; a changed FAQ is a new index.

    `vectors` (questions, V) float32 of unit length are those of `questions(entries)`; None: words alone count.
    """

    def __init__(
        self,
        entries: Sequence[FaqEntry],
        vectors: NDArray[np.float32] | None = None,
        weight: float = WEIGHT,
    ) -> None:
        asked = [(entry, normal(question)) for entry in entries for question in entry.questions]
        self._entries = [entry for entry, _ in asked]
        self._negative = [negative(text) for _, text in asked]
        self._numbers = [numbers(text) for _, text in asked]
        found = [features(text) for _, text in asked]
        idf = _idf(found)
        self._rare = max(idf.values(), default=1.0)
        self._squares: dict[str, float] = {}
        self._questions: dict[str, NDArray[np.intp]] = {}
        self._weights: dict[str, NDArray[np.float64]] = {}
        self._post(found, idf)
        self._vectors = vectors
        self._weight = weight
        self._recent = lru_cache(REMEMBERED)(self._search)

    def search(self, text: str, k: int = 3, vector: Vector = UNSET) -> tuple[Hit, ...]:
        """The best `k` entries, best first; each entry once. Recent questions are not searched again.

        `vector` is that of the text, of the same model as the questions'.
        """
        return self._recent(normal(text), k, UNSET if self._vectors is None else vector)

    def _search(self, text: str, k: int, vector: Vector) -> tuple[Hit, ...]:
        scores = self._scores(text)
        if scores is None:
            return ()
        if vector is not UNSET and self._vectors is not None:
            alike = (self._vectors @ np.array(vector, np.float32) - UNLIKE) / (1.0 - UNLIKE)
            scores = (1.0 - self._weight) * scores + self._weight * np.clip(alike, 0.0, 1.0)
        # Several questions of one entry crowd the top, so look at more than k of them.
        top = min(4 * k, len(scores))
        best = np.argpartition(scores, len(scores) - top)[-top:]
        return self._hits(text, zip(best.tolist(), scores[best].tolist(), strict=True), k)

    def _scores(self, text: str) -> NDArray[np.float64] | None:
        found = features(text)
        known = [name for name in found if name in self._squares]
        if not known:
            return None
        if len(known) > MOST:
            known = nlargest(MOST, known, key=self._squares.__getitem__)
        squares, unseen = self._squares, (self._rare * UNSEEN) ** 2
        length = math.sqrt(sum(squares.get(name) or unseen * w * w for name, w in found.items()))
        scores = np.bincount(
            np.concatenate([self._questions[name] for name in known]),
            weights=np.concatenate([self._weights[name] for name in known]),
            minlength=len(self._entries),
        )
        return scores / length

    def _hits(self, text: str, scores: Iterable[tuple[int, float]], k: int) -> tuple[Hit, ...]:
        says_no, counts = negative(text), numbers(text)
        best: dict[str, Hit] = {}
        for i, score in scores:
            if score < FLOOR:
                continue
            if self._negative[i] != says_no or _contradict(self._numbers[i], counts):
                score *= OTHER_MEANING
            entry = self._entries[i]
            if entry.id not in best or best[entry.id].score < score:
                best[entry.id] = Hit(entry, min(1.0, score))
        return tuple(sorted(best.values(), key=lambda hit: -hit.score)[:k])

    def _post(self, found: Sequence[dict[str, float]], idf: dict[str, float]) -> None:
        postings: dict[str, list[tuple[int, float]]] = {}
        for i, one in enumerate(found):
            squares = {name: (weight * idf[name]) ** 2 for name, weight in one.items()}
            length = math.sqrt(sum(squares.values())) or 1.0
            for name, square in squares.items():
                # Squared: times its weight in a query, which is the same whatever the query.
                postings.setdefault(name, []).append((i, square / length))
            self._squares.update(squares)
        for name, posts in postings.items():
            self._questions[name] = np.array([i for i, _ in posts], dtype=np.intp)
            self._weights[name] = np.array([weight for _, weight in posts])


def _contradict(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return bool(ours and theirs and ours.isdisjoint(theirs))


def _idf(found: Sequence[dict[str, float]]) -> dict[str, float]:
    """Rarity of each feature among the questions of its own script.

    Else "how" would be rare, and so weigh much, in a FAQ that is mostly Chinese.
    """
    counts = Counter(name for one in found for name in one)
    total = {
        script: sum(any((name[0] >= "\u3400") is script for name in one) for one in found)
        for script in (True, False)
    }
    return {
        name: math.log(1.0 + total[name[0] >= "\u3400"] / count) for name, count in counts.items()
    }
