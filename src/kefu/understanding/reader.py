"""Reads an utterance: text to Meaning. The linear tier of the cascade, and for now the only one."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from kefu.deadline import Deadline
from kefu.messages import UNKNOWN, Emotion, Intent, Meaning
from kefu.understanding.artefact import Artefact, load
from kefu.understanding.clauses import Span, split
from kefu.understanding.context import CONFIRM, NO_REQUEST, Listener, Reading, ReadingContext
from kefu.understanding.slots.finder import Seen
from kefu.understanding.text import Flat, flatten, fold
from kefu.understanding.wishes import Wanted, at_most, runs

__all__ = ["Reader", "ReadingContext"]

TIER = "linear"
_REMEMBERED = 4096
_KEPT_LENGTH = 40
_BARE = 3
"""A clause with at most so many characters beside its value wishes nothing by itself."""
_CHANGING = re.compile(r"[\d<]")
"""Numbers and placeholders make a text one of a kind."""
_CONFIRMING = re.compile(
    r"确认|确定|是否|要这样|可以吗|对吗|好吗|confirm|shall i|is that (?:right|ok)"
)

Key = tuple[str, str | None, tuple[str, ...], str | None, tuple[str, ...]]


class Reader:
    """Understands masked text with a trained artefact."""

    def __init__(self, artefact: Artefact) -> None:
        self._model = artefact
        self._listener = Listener(artefact.meta.slots)
        self._moods_from = len(artefact.meta.intents)
        self._only_with = {
            spec.name: frozenset(spec.only_with) for spec in artefact.meta.slots if spec.only_with
        }
        self._dated = frozenset(
            spec.name for spec in artefact.meta.slots if spec.kind in ("date", "time")
        )
        self._known: OrderedDict[Key, Meaning] = OrderedDict()

    @classmethod
    def load(cls, model_dir: Path) -> Reader:
        """A reader over the artefact in a directory; raises PackError that says how to make one."""
        return cls(load(model_dir))

    async def read(self, text: str, context: ReadingContext, deadline: Deadline) -> Meaning:
        """What a masked text means in its context. Fast enough never to need the deadline."""
        return self.understand(text, context)

    def read_many(
        self,
        texts: Sequence[str],
        turns: Sequence[Mapping[str, str]] = (),
        now: datetime | None = None,
    ) -> list[Meaning]:
        """What each text means after the same earlier turns (`role`, `text`)."""
        context = self._after(turns, now or datetime.now(UTC))
        return [self.understand(text, context) for text in texts]

    def understand(self, text: str, context: ReadingContext) -> Meaning:
        """What a masked text means in its context."""
        if not text.strip():
            return UNKNOWN
        if len(text) > _KEPT_LENGTH or _CHANGING.search(text):
            return self._read(text, context)
        key = (text, context.waiting, context.choices, context.topic, tuple(context.held))
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        meaning = self._read(text, context)
        if not any(slot.name in self._dated for slot in meaning.slots):
            self._known[key] = meaning
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return meaning

    def _read(self, text: str, context: ReadingContext) -> Meaning:
        model, flat = self._model, flatten(text)
        seen = model.finder.find(flat, context.now)
        spans = _clauses(flat, seen)
        totals = model.sentences.sums([flat.text[start:end] for start, end in spans])
        firsts, lasts, whole = runs(len(spans))
        logits = model.sentences.logits(totals[lasts] - totals[firsts])
        chances = model.grouper.chances(logits[:, : self._moods_from])
        wanted = model.grouper.tidy(model.grouper.best(chances, len(spans)))
        emotion = model.moods.read(flat.text, logits[whole, self._moods_from :])
        reading = self._listener.listen(Reading(tuple(wanted), seen.slots), flat, context)
        return self._meaning(reading, flat, spans, emotion)

    def _meaning(
        self, reading: Reading, flat: Flat, spans: list[Span], emotion: Emotion
    ) -> Meaning:
        intents = tuple(_intent(wish, flat, spans) for wish in reading.wanted)
        names = {intent.name for intent in intents}
        return Meaning(
            intents=intents,
            slots=tuple(
                slot
                for slot in reading.slots
                if slot.value
                and (slot.name not in self._only_with or names & self._only_with[slot.name])
            ),
            emotion=emotion,
            tier=TIER,
            confidence=min(intent.confidence for intent in intents),
            corrects=reading.corrects,
            withdrawn=reading.withdrawn,
        )

    def _after(self, turns: Sequence[Mapping[str, str]], now: datetime) -> ReadingContext:
        """The context that earlier turns make: the last wish, and the slot the bot seems to ask for."""
        context = ReadingContext(now=now)
        for turn in turns:
            text = turn.get("text", "")
            if turn.get("role") == "user":
                meaning = self.understand(text, context)
                topic = _topic(meaning) or context.topic
                context = ReadingContext(now=now, topic=topic)
            else:
                waiting = self._asked_for(text)
                context = ReadingContext(now=now, topic=context.topic, waiting=waiting)
        return context

    def _asked_for(self, text: str) -> str | None:
        folded = fold(text)
        for spec in self._model.meta.slots:
            if any(cue in folded for cue in spec.asked):
                return spec.name
        return CONFIRM if _CONFIRMING.search(folded) else None


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


def _topic(meaning: Meaning) -> str | None:
    requests = [intent.name for intent in meaning.intents if intent.name not in NO_REQUEST]
    return requests[-1] if requests else None


def _intent(wish: Wanted, flat: Flat, spans: Sequence[Span]) -> Intent:
    start, end = flat.span(spans[wish.first][0], spans[wish.last - 1][1])
    return Intent(wish.name, round(wish.confidence, 4), start, end)
