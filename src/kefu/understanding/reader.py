"""Reads an utterance: text to Meaning. The cascade's guess in the light of the conversation."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from msgspec import structs

from kefu.deadline import Deadline
from kefu.messages import UNKNOWN, Intent, Meaning
from kefu.understanding.cascade import Cascade, Judged
from kefu.understanding.context import CONFIRM, NO_REQUEST, Listener, Reading, ReadingContext
from kefu.understanding.slots.forms import Forms
from kefu.understanding.text import Flat, flatten, fold
from kefu.understanding.tier import Question, Vectors
from kefu.understanding.trajectory import Leaning, heard, lean, settle
from kefu.understanding.wishes import Wanted

__all__ = ["Reader", "ReadingContext"]

_REMEMBERED = 4096
_KEPT_LENGTH = 40
_CHANGING = re.compile(r"[\d<]")
"""Numbers and placeholders make a text one of a kind."""
_CONFIRMING = re.compile(
    r"确认|确定|是否|要这样|可以吗|对吗|好吗|confirm|shall i|is that (?:right|ok)"
)

Key = tuple[str, str | None, tuple[str, ...], str | None, tuple[str, ...], Leaning, str | None]


class Reader:
    """Understands masked text."""

    def __init__(self, cascade: Cascade, forms: Forms | None = None) -> None:
        meta = cascade.first.artefact.meta
        self._cascade = cascade
        self._forms = forms or Forms()
        self._specs = meta.slots
        self._listener = Listener(meta.slots)
        self._only_with = {
            spec.name: frozenset(spec.only_with) for spec in meta.slots if spec.only_with
        }
        self._dated = frozenset(spec.name for spec in meta.slots if spec.kind in ("date", "time"))
        self._known: OrderedDict[Key, Meaning] = OrderedDict()

    async def read(self, text: str, context: ReadingContext, deadline: Deadline) -> Meaning:
        """What a masked text means in its context; with its sentence vector, where the cascade made one."""
        if not text.strip():
            return UNKNOWN
        key = self._key(text, context)
        known = None if key is None else self._known.get(key)
        if key is not None and known is not None:
            self._known.move_to_end(key)
            return known
        flat = flatten(text)
        judged = await self._cascade.read(Question(flat, context), deadline)
        meaning = self._meaning(judged, flat, context)
        if judged.guess.vector:
            meaning = structs.replace(meaning, vector=judged.guess.vector)
        dated = any(slot.name in self._dated for slot in meaning.slots)
        if key is not None and judged.whole and not dated:
            self._known[key] = meaning
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return meaning

    async def read_all(self, texts: Sequence[str], context: ReadingContext) -> list[Meaning]:
        """What each masked text means in the same context, without deadline; raises what a tier raises."""
        asked = [Question(flatten(text), context) for text in texts]
        spoken = [question for question in asked if question.flat.text.strip()]
        judged = iter(await self._cascade.read_all(spoken))
        return [
            self._meaning(next(judged), question.flat, context)
            if question.flat.text.strip()
            else UNKNOWN
            for question in asked
        ]

    async def vectors(self, texts: Sequence[str]) -> Vectors | None:
        """(texts, V) float32: masked texts' sentence vectors; None where no tier gives any."""
        return await self._cascade.vectors([flatten(text).text for text in texts])

    async def open(self) -> None:
        """Build what is built at first use, so that no customer waits for it."""
        await self.read_all(["你好", "hello"], ReadingContext(datetime.now(UTC)))

    async def close(self) -> None:
        """Let go of all models."""
        await self._cascade.close()

    async def after(
        self, turns: Sequence[Mapping[str, str]], now: datetime | None = None
    ) -> ReadingContext:
        """The context that turns (`role`, `text`) make: the last wish, the slot the bot seems to ask for."""
        at = now or datetime.now(UTC)
        context = ReadingContext(now=at)
        for turn in turns:
            text = turn.get("text", "")
            if turn.get("role") == "user":
                meaning = (await self.read_all([text], context))[0]
                context = ReadingContext(
                    now=at,
                    topic=_topic(meaning) or context.topic,
                    slots={**context.slots, **{slot.name: slot.value for slot in meaning.slots}},
                    mood=heard(context.mood, meaning.emotion),
                )
            else:
                context = replace(context, waiting=self._asked_for(text))
        return context

    def _key(self, text: str, context: ReadingContext) -> Key | None:
        """What a reading may be remembered by; None for a text that hardly comes twice."""
        if len(text) > _KEPT_LENGTH or _CHANGING.search(text):
            return None
        known = (lean(context, self._dated), self._forms.about(context.slots))
        return (text, context.waiting, context.choices, context.topic, tuple(context.held), *known)

    def _meaning(self, judged: Judged, flat: Flat, context: ReadingContext) -> Meaning:
        guess = judged.guess
        reading = self._listener.listen(Reading(guess.wanted, guess.slots), flat, context)
        intents = tuple(_intent(wish, flat) for wish in reading.wanted)
        names = {intent.name for intent in intents}
        settled = reading.wanted is not guess.wanted  # by the conversation, not by a model
        return Meaning(
            intents=intents,
            slots=tuple(
                slot
                for slot in self._forms.settle(reading.slots, context.slots)
                if slot.value
                and (slot.name not in self._only_with or names & self._only_with[slot.name])
            ),
            emotion=settle(guess.emotion, flat.text, lean(context, self._dated)),
            tier=judged.tier,
            confidence=min(intent.confidence for intent in intents)
            if settled
            else round(guess.confidence, 4),
            corrects=reading.corrects,
            withdrawn=reading.withdrawn,
        )

    def _asked_for(self, text: str) -> str | None:
        folded = fold(text)
        for spec in self._specs:
            if any(cue in folded for cue in spec.asked):
                return spec.name
        return CONFIRM if _CONFIRMING.search(folded) else None


def _topic(meaning: Meaning) -> str | None:
    requests = [intent.name for intent in meaning.intents if intent.name not in NO_REQUEST]
    return requests[-1] if requests else None


def _intent(wish: Wanted, flat: Flat) -> Intent:
    return Intent(wish.name, round(wish.confidence, 4), *flat.span(wish.start, wish.end))
