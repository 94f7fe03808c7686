"""Tier 0: the linear model, microseconds. It is always there: what every other tier falls back to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from kefu.understanding.artefact import Artefact, load
from kefu.understanding.clauses import Span, split
from kefu.understanding.sentences import Floats
from kefu.understanding.slots.finder import Seen
from kefu.understanding.text import Flat
from kefu.understanding.tier import Guess, Question
from kefu.understanding.wishes import at_most, runs, tidy

_BARE = 3
"""A clause with at most so many characters beside its value wishes nothing by itself."""


class LinearTier:
    """Character n-grams and a linear tagger over a trained artefact."""

    name = "linear"

    def __init__(self, artefact: Artefact) -> None:
        self.artefact = artefact
        self._moods_from = len(artefact.meta.intents)

    @classmethod
    def load(cls, model_dir: Path) -> LinearTier:
        """The tier over the artefact in a directory; raises PackError that says how to make one."""
        return cls(load(model_dir))

    async def read(self, questions: Sequence[Question]) -> Sequence[Guess]:
        """A guess per question; never waits."""
        return [self.guess(asked.flat, asked.context.now) for asked in questions]

    async def close(self) -> None:
        """Nothing to let go of."""

    def guess(self, flat: Flat, now: datetime) -> Guess:
        """What one text means by itself."""
        model = self.artefact
        seen = model.finder.find(flat, now)
        spans = _clauses(flat, seen)
        totals = model.sentences.sums([flat.text[start:end] for start, end in spans])
        firsts, lasts, whole = runs(len(spans))
        logits = model.sentences.logits(totals[lasts] - totals[firsts])
        chances = model.grouper.chances(logits[:, : self._moods_from])
        price = model.grouper.price
        wanted = tidy(model.grouper.best(chances, spans), price.sure, price.known)
        emotion = model.moods.read(flat.text, logits[whole, self._moods_from :])
        confidence = model.meta.belief.of(min(wish.confidence for wish in wanted))
        return Guess(tuple(wanted), seen.slots, emotion, confidence)


def opinion(model: Artefact, text: str, places: Sequence[int]) -> Floats:
    """(places, places, intents) log-chances of each stretch of a flat text from one place to a later one."""
    totals = model.sentences.sums([text[start:end] for start, end in pairwise(places)])
    count, columns = totals.shape
    between = (totals[None, :] - totals[:, None]).reshape(count * count, columns)
    logits = model.sentences.logits(between)[:, : len(model.meta.intents)]
    return model.grouper.chances(logits).reshape(count, count, -1)


def _clauses(flat: Flat, seen: Seen) -> list[Span]:
    """The clauses of a text; one that holds only a value belongs to the next."""
    spans = at_most(split(flat.text, seen.beginnings)) or [(0, len(flat.text))]
    if len(spans) == 1 or not seen.places:
        return spans
    joined: list[Span] = []
    carried: int | None = None
    for start, end in spans:
        begin = start if carried is None else carried
        inside = sum(right - left for left, right in seen.places if start <= left and right <= end)
        carried = begin if inside and end - start - inside <= _BARE else None
        if carried is None or (start, end) == spans[-1]:
            joined.append((begin, end))
    return joined
