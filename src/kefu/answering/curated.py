"""Which FAQ entry answers a wish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kefu.answering.asked import AskedTurn
from kefu.answering.flows.binding import span_of
from kefu.knowledge.faq import FaqEntry, FaqIndex, Hit
from kefu.messages import Locale, Wish
from kefu.pack.pack import Pack

ENOUGH = 0.45
"""Score at which an entry answers a wish of another, or of no, intent."""
SAME_INTENT = 0.2
"""Score at which an entry of the very intent is the best there is."""


class Curated:
    """Picks FAQ answers: by what was said, and by which wish it was said for."""

    def __init__(self, pack: Pack, index: FaqIndex) -> None:
        self._index = index
        self._first: Mapping[str, FaqEntry] = {
            entry.intent: entry for entry in reversed(pack.faq) if entry.intent is not None
        }

    def answer(self, wish: Wish, asked: AskedTurn) -> str | None:
        """The curated answer to a wish, None where nothing fits."""
        hits = self._hits(wish, asked)
        own = next((hit for hit in hits if hit.entry.intent == wish.intent), None)
        best = hits[0] if hits else None
        if own is not None and own.score >= SAME_INTENT and not _far_better(best, own):
            return worded(own.entry, asked.locale)
        if best is not None and best.score >= ENOUGH:
            return worded(best.entry, asked.locale)
        first = self._first.get(wish.intent)
        return None if first is None else worded(first, asked.locale)

    def extract(self, asked: AskedTurn) -> str | None:
        """The best curated answer to the whole message, for want of a model; None below ENOUGH."""
        best = asked.hits[0] if asked.hits else None
        if best is None or best.score < ENOUGH:
            return None
        return worded(best.entry, asked.locale)

    def _hits(self, wish: Wish, asked: AskedTurn) -> Sequence[Hit]:
        """The turn's hits; among several wishes, those of the words that this one was said with."""
        if len(asked.meaning.intents) > 1:
            span = span_of(asked.meaning.intents, wish.intent)
            if span is not None:
                return self._index.search(asked.text[span[0] : span[1]])
        return asked.hits


def worded(entry: FaqEntry, locale: Locale) -> str:
    """An entry's answer in the language, or in the one it has."""
    return entry.answers.get(locale) or next(iter(entry.answers.values()))


def _far_better(best: Hit | None, own: Hit) -> bool:
    return best is not None and best.score > own.score + 0.25
