"""What the model must answer, as a JSON Schema, and what is believed of an answer: labels and places, no words.

Names that are not ours, and quotes that are not in the text, are dropped; nothing the model writes by itself
goes any further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec

from kefu.errors import ModelBroken
from kefu.llms.base import Schema
from kefu.messages import Emotion, Mood, Slot
from kefu.understanding.moods import MOODS
from kefu.understanding.slots.specs import KINDS, SlotSpec
from kefu.understanding.text import MARK, MARKS, Flat, flatten, fold
from kefu.understanding.tier import Guess
from kefu.understanding.wishes import Wanted, tidy

_MOST = 64
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", re.DOTALL)
_THOUGHT = "</think>"
"""Ends the reasoning that some servers leave in front of the answer."""
_RULED = frozenset({"code", "money", "count", "phone"})
"""Kinds whose values rules must be able to read."""
_EDGE = " ,.!?;:~\"'()[]，。！？；：、"


class Quoted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label, and the words of the text that it stands for."""

    quote: str
    name: str


class Felt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer's mood."""

    label: Mood
    sarcasm: bool


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model's answer; `confidence` as the model says it."""

    intents: Annotated[list[Quoted], msgspec.Meta(max_length=_MOST)]
    emotion: Felt
    confidence: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    slots: Annotated[list[Quoted], msgspec.Meta(max_length=_MOST)] = []


class Labeller:
    """Knows a pack's labels: makes the schema, and a Guess of an answer."""

    def __init__(self, intents: Sequence[str], slots: Sequence[SlotSpec]) -> None:
        self.schema = Schema("labels", _schema(intents, [spec.name for spec in slots]))
        self._intents = frozenset(intents)
        self._specs = {spec.name: spec for spec in slots}

    def guess(self, text: str, flat: Flat, now: datetime) -> Guess:
        """The labels in a reply. Raises ModelBroken where it is not what was asked for, or says nothing."""
        answer = _decoded(text)
        wanted = self._wanted(answer, flat)
        if not wanted:
            raise ModelBroken("the model's answer names no known intent in words of the text")
        slots = self._slots(answer.slots, flat, now)
        label: Mood = "negative" if answer.emotion.sarcasm else answer.emotion.label
        # What had to be dropped is something the model saw wrong.
        confidence = answer.confidence * len(wanted) / len(answer.intents)
        return Guess(
            wanted=tuple(tidy(wanted, sure=0.0, known=0.0)),
            slots=slots,
            emotion=Emotion(label, round(answer.confidence, 3), answer.emotion.sarcasm),
            confidence=confidence,
        )

    def _wanted(self, answer: Answer, flat: Flat) -> list[Wanted]:
        """The known intents by place. A quote said twice stands at its next place after the wish before."""
        found: list[Wanted] = []
        end = 0
        for one in answer.intents:
            places = list(_places(flat, one.quote)) if one.name in self._intents else []
            if places:
                place = next((place for place in places if place[0] >= end), places[0])
                end = place[1]
                found.append(Wanted(one.name, answer.confidence, *place))
        return sorted(found, key=lambda wish: wish.start)

    def _slots(self, quoted: Sequence[Quoted], flat: Flat, now: datetime) -> tuple[Slot, ...]:
        """The known slots by place, each at the first place of its quote that is still free."""
        taken: list[tuple[int, int]] = []
        found: list[Slot] = []
        for one in quoted:
            spec = self._specs.get(one.name)
            place = next((p for p in _places(flat, one.quote) if _free(p, taken)), None)
            if spec is None or place is None:
                continue
            slot = _slot(spec, flat, place, now)
            if slot is not None:
                taken.append(place)
                found.append(slot)
        return tuple(sorted(found, key=lambda slot: slot.start))


def _decoded(text: str) -> Answer:
    """The answer in a reply, without what thinking models and Markdown put around it."""
    bare = text.rpartition(_THOUGHT)[2]
    fenced = _FENCED.fullmatch(bare)
    try:
        return msgspec.json.decode(fenced[1] if fenced else bare, type=Answer)
    except msgspec.ValidationError:  # its words may quote the model's, so they are left out
        raise ModelBroken("the model's answer is JSON of another structure") from None
    except msgspec.DecodeError:
        raise ModelBroken("the model's answer is not JSON") from None


def _places(flat: Flat, quote: str) -> Iterator[tuple[int, int]]:
    """Where a quote stands in the flat text, but for case, width and punctuation at its edges."""
    quote = quote.strip(_EDGE)
    wanted, said = flatten(quote).text, fold(quote)
    at = flat.text.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        if fold(flat.raw(at, end)) == said:  # <PHONE_2> is not <PHONE_1>
            yield at, end
        at = flat.text.find(wanted, at + 1)


def _free(place: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return all(place[1] <= start or end <= place[0] for start, end in taken)


def _slot(spec: SlotSpec, flat: Flat, place: tuple[int, int], now: datetime) -> Slot | None:
    """The slot at a place, its value normalised; None where that is no value of its kind."""
    kind = KINDS[spec.kind]
    hidden = MARKS.intersection(flat.text[slice(*place)])
    if spec.kind != "words" and hidden - {MARK.get(kind.placeholder or "")}:
        return None
    start, end = flat.span(*place)
    raw = flat.source[start:end]
    value = kind.value(raw, now)
    if value is None and spec.kind in _RULED:
        return None
    return Slot(spec.name, raw, value or raw, start, end)


def _schema(intents: Sequence[str], slots: Sequence[str]) -> dict[str, Any]:
    """Strict mode takes no bounds of numbers or lists and no optional properties; Answer has the bounds."""
    properties = {"intents": _quoted(intents)}
    if slots:
        properties["slots"] = _quoted(slots)
    properties["emotion"] = _object(
        label={"type": "string", "enum": list(MOODS)}, sarcasm={"type": "boolean"}
    )
    properties["confidence"] = {"type": "number"}
    return _object(**properties)


def _quoted(names: Sequence[str]) -> dict[str, Any]:
    """The quote comes first: a model that writes it is held to the text before it names anything."""
    item = _object(quote={"type": "string"}, name={"type": "string", "enum": list(names)})
    return {"type": "array", "items": item}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
