"""Which wishes an utterance holds, in order: the best way to group its clauses, each group with one intent.

Every run of neighbouring clauses is scored as if it stood alone; the grouping with the highest sum of
log-probabilities wins, where each further group has a price. So unsure fragments join their neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from kefu.understanding.clauses import Span
from kefu.understanding.sentences import Floats

GREETING, THANKS = "greeting", "thanks_bye"
AFFIRM, DENY, INFORM = "affirm", "deny", "inform"
CHITCHAT, OUT_OF_SCOPE, HUMAN = "chitchat", "out_of_scope", "human_agent"
"""The engine's own words; every other intent name belongs to a pack."""

_AROUND = frozenset({GREETING, THANKS, CHITCHAT, INFORM})
_ANSWERS = frozenset({AFFIRM, DENY})
_MOST = 12
_WIDEST = 5


@dataclass(frozen=True, slots=True)
class Price:
    """How wishes are weighed: `group` is the log-price of a further wish, `alone` how much each clause's own
    score counts beside that of the whole run, `floor` the least a clause can hold against a run,
    `sure` the least confidence of one among several, `known` the least of any before it is out of scope.
    """

    group: float = 1.9
    alone: float = 0.5
    floor: float = -5.0
    sure: float = 0.4
    known: float = 0.12


@dataclass(frozen=True, slots=True)
class Wanted:
    """One wish: an intent said at [start, end) of the flat text."""

    name: str
    confidence: float
    start: int
    end: int


class Grouper:
    """Groups clauses into wishes."""

    def __init__(self, labels: Sequence[str], sharpness: float, price: Price) -> None:
        self.labels = tuple(labels)
        self._sharpness = sharpness
        self.price = price

    def chances(self, logits: Floats) -> Floats:
        """(n, intents) calibrated log-probabilities of scores."""
        scaled = logits * self._sharpness
        scaled -= scaled.max(axis=1, keepdims=True)
        scaled -= np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return scaled

    def best(self, chances: Floats, spans: Sequence[Span]) -> list[Wanted]:
        """The wishes of clauses at `spans`; row r of `chances` is run r of `runs(len(spans))`."""
        if len(spans) == 1:
            label = int(chances[0].argmax())
            return [Wanted(self.labels[label], math.exp(chances[0, label]), *spans[0])]
        worth = self._worth(chances, len(spans))
        labels = worth.argmax(axis=1)
        return [
            Wanted(
                self.labels[labels[row]],
                math.exp(chances[row, labels[row]]),
                spans[first][0],
                spans[last - 1][1],
            )
            for row, first, last in self._cheapest(worth.max(axis=1).tolist(), len(spans))
        ]

    def _worth(self, chances: Floats, clauses: int) -> Floats:
        """(runs, intents): a run's own score, and that of each of its clauses alone."""
        firsts, lasts, _ = runs(clauses)
        alone = np.maximum(chances[lasts - firsts == 1], self.price.floor)
        totals = np.zeros((clauses + 1, chances.shape[1]), np.float32)
        np.cumsum(alone, axis=0, out=totals[1:])
        worth: Floats = chances + self.price.alone * (totals[lasts] - totals[firsts])
        return worth

    def _cheapest(self, worth: Sequence[float], clauses: int) -> list[tuple[int, int, int]]:
        value = [0.0] + [-math.inf] * clauses
        back: list[tuple[int, int, int]] = [(0, 0, 0)] * (clauses + 1)
        firsts, lasts, _ = runs(clauses)
        for row, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
            total = value[first] + worth[row] - self.price.group
            if total > value[last]:
                value[last], back[last] = total, (row, first, last)
        path: list[tuple[int, int, int]] = []
        at = clauses
        while at:
            path.append(back[at])
            at = back[at][1]
        return path[::-1]


def tidy(wanted: Sequence[Wanted], sure: float, known: float) -> list[Wanted]:
    """Without what does not count: courtesies around a request, late yes or no, repetitions, guesses.

    `sure` is the least confidence of one wish among several, `known` that of any before it is out of scope.
    """
    surest = max(wanted, key=lambda wish: wish.confidence)
    kept = [wish for wish in wanted if wish.confidence >= sure] or [surest]
    requests = [wish for wish in kept if wish.name not in _AROUND | _ANSWERS]
    if requests:
        start = requests[0].start
        kept = [w for w in kept if w.name in _ANSWERS and w.start < start] + requests
    else:
        kept = _answers_first(kept)
    return _known(_unrepeated(kept), known)


def _known(wanted: list[Wanted], least: float) -> list[Wanted]:
    if len(wanted) == 1 and wanted[0].confidence < least:
        wish = wanted[0]
        return [Wanted(OUT_OF_SCOPE, 1.0 - wish.confidence, wish.start, wish.end)]
    return wanted


def _answers_first(wanted: list[Wanted]) -> list[Wanted]:
    """Among courtesies alone: an answer or a value counts before a thank-you, that before a greeting."""
    answers = [wish for wish in wanted if wish.name in _ANSWERS or wish.name == INFORM]
    if answers:
        return answers
    others = [wish for wish in wanted if wish.name != GREETING]
    return [max(others or wanted, key=lambda wish: wish.confidence)]


def _unrepeated(wanted: list[Wanted]) -> list[Wanted]:
    seen: dict[str, Wanted] = {}
    for wish in wanted:
        seen.setdefault(wish.name, wish)
    return list(seen.values())


@lru_cache(maxsize=_MOST)
def runs(clauses: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], int]:
    """All runs [first, last) of neighbouring clauses, by rising end, and which of them is the whole."""
    pairs = [
        (first, last)
        for last in range(1, clauses + 1)
        for first in range(last)
        if last - first <= _WIDEST or last - first == clauses
    ]
    firsts, lasts = zip(*pairs, strict=True)
    return np.array(firsts, np.intp), np.array(lasts, np.intp), pairs.index((0, clauses))


def at_most(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses, the last ones joined where there are too many."""
    if len(spans) <= _MOST:
        return spans
    return [*spans[: _MOST - 1], (spans[_MOST - 1][0], spans[-1][1])]
