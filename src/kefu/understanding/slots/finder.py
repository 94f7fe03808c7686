"""All slots of an utterance: what rules are sure of and what the tagger saw, without overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from kefu.messages import Slot
from kefu.understanding.gazetteer import Gazetteer, Match, codes
from kefu.understanding.sentences import Floats
from kefu.understanding.slots.specs import KINDS, SlotSpec
from kefu.understanding.slots.times import in_full
from kefu.understanding.tagging import Tagger, rows
from kefu.understanding.text import KIND, Flat

_EDGE = " ,.!?;:~\"'()[]"
_NO_WISH = frozenset({"code", "phone", "email", "name", "date", "time"})
"""Values that wish for nothing by themselves; a product, a reason or a colour may be half of a wish."""
_TAIL_WIDTH = 6
_PHONE = re.compile(r"手机|电话|phone|mobile")
_TAGGED = 3
"""The rank of what only the tagger saw."""
_ORDINAL = re.compile(
    r"第[一二三四五六七八九十\d]{1,3}[个款件种单条只双台]?|(?:the )?(?:first|second|third)(?: one)?"
)
_DISTRICT = re.compile(r"[\u4e00-\u9fff]{2}[省市区县]$")
"""What stands directly before a place and belongs to it."""
_TAIL_BONUS = 25.0
"""The last digits of a number are those of the pack's first code where nothing tells otherwise."""
_DAY = re.compile(r"\d+[号日]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Slot number `slot` at [start, end) of the flat text; the lower `rank` wins among equals."""

    slot: int
    start: int
    end: int
    rank: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Slots found, the `places` of mere values in the flat text, and where new wishes begin unpunctuated."""

    slots: tuple[Slot, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    beginnings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagging:
    """What a tagger saw: (slot, start, end) spans, and (characters, slots) how likely each slot begins there.

    `words` are the dictionary words of the text where somebody looked them up already.
    """

    spans: tuple[tuple[int, int, int], ...]
    begins: Floats
    words: tuple[Match, ...] | None = None
    bonus: float = 25.0
    """What the pack's first code slot is given in advance: it is meant where nothing tells otherwise."""


class SlotFinder:
    """Finds the slots of a pack."""

    def __init__(self, specs: Sequence[SlotSpec], tagger: Tagger, gazetteer: Gazetteer) -> None:
        self._specs = tuple(specs)
        self._tagger = tagger
        self._gazetteer = gazetteer
        numbered = tuple(enumerate(self._specs))
        self._marks = {
            spec_kind.placeholder: number
            for number, spec in numbered
            if (spec_kind := KINDS[spec.kind]).placeholder
        }
        self._codes = [number for number, spec in numbered if spec.kind == "code"]
        self._tails = self._codes + [number for number, spec in numbered if spec.kind == "phone"]
        self._sure = [
            (number, KINDS[spec.kind].find)
            for number, spec in numbered
            if spec.kind in ("money", "date", "time", "phone", "email")
        ]
        self._snaps = [
            (number, KINDS[spec.kind].find) for number, spec in numbered if spec.kind == "count"
        ]
        self._patterns = [
            (number, re.compile("|".join(spec.patterns)))
            for number, spec in numbered
            if spec.patterns
        ]

    def find(self, flat: Flat, now: datetime) -> Seen:
        """The slots of a text, by place."""
        if not flat.text:
            return Seen()
        words = self._gazetteer.find(flat.text)
        scores = self._tagger.scores(rows(flat.text, codes(words, len(flat.text))))
        tagged = self._tagger.decode(scores[:, :-1])
        seen = self.settle(flat, Tagging(tuple(tagged), scores[:, 1:-1:2], tuple(words)), now)
        return replace(seen, beginnings=tuple(self._tagger.beginnings(scores[:, -1])))

    def settle(self, flat: Flat, tagging: Tagging, now: datetime) -> Seen:
        """The slots of a text, by place, from what a tagger saw and what rules are sure of."""
        candidates = self._candidates(flat.text, tagging)
        slots, places = [], []
        for candidate in _apart(candidates):
            slot = self._slot(flat, candidate, now)
            if slot is not None:
                slots.append(slot)
                if self._specs[candidate.slot].kind in _NO_WISH:
                    places.append((candidate.start, candidate.end))
        return Seen(tuple(slots), tuple(places))

    def _candidates(self, text: str, tagging: Tagging) -> list[Candidate]:
        tagged = tagging.spans
        words = self._gazetteer.find(text) if tagging.words is None else tagging.words
        ruled = self._ruled(text)
        return [
            *self._hidden(text),
            *self._coded(text, tagging),
            *ruled,
            *self._known(words),
            *self._snapped(text, tagged),
            *(
                Candidate(slot, *self._grown(text, slot, start, end), _TAGGED)
                for slot, start, end in tagged
                if not self._knows_better(text, slot, start, end, ruled)
            ),
        ]

    def _knows_better(
        self, text: str, slot: int, start: int, end: int, ruled: Sequence[Candidate]
    ) -> bool:
        """Whether rules say more surely than a tagger where a value ends, or that it is none."""
        kind = self._specs[slot].kind
        if kind == "code":
            return True
        if kind == "phone" and end - start <= _TAIL_WIDTH:
            return _PHONE.search(text, max(0, start - 10), start) is None
        return any(one.slot == slot and start < one.end and one.start < end for one in ruled)

    def _grown(self, text: str, slot: int, start: int, end: int) -> tuple[int, int]:
        start, end = _whole(text, *_trim(text, start, end))
        district = _DISTRICT.search(text, 0, start) if self._specs[slot].kind == "address" else None
        return (district.start() if district else start), end

    def _hidden(self, text: str) -> list[Candidate]:
        return [
            Candidate(self._marks[kind], at, at + 1, 0)
            for at, char in enumerate(text)
            if char >= "\ue000" and (kind := KIND.get(char)) in self._marks
        ]

    def _coded(self, text: str, tagging: Tagging) -> list[Candidate]:
        if not self._codes:
            return []
        found = []
        for start, end in KINDS["code"].find(text):
            among = self._codes if end - start > _TAIL_WIDTH else self._tails
            if among is self._tails and _PHONE.search(text, max(0, start - 10), start):
                among = self._tails[len(self._codes) :] or self._codes
            found.append(Candidate(self._owner(among, tagging, start), start, end, 1))
        return found

    def _owner(self, among: Sequence[int], tagging: Tagging, start: int) -> int:
        """Whose code it is: the slot that most likely begins here. Inside it, one digit is like another."""
        totals = [float(tagging.begins[start, slot]) for slot in among]
        totals[0] += tagging.bonus if among is self._codes else _TAIL_BONUS
        return among[int(np.argmax(totals))]

    def _ruled(self, text: str) -> list[Candidate]:
        found = [
            Candidate(slot, start, end, 2) for slot, find in self._sure for start, end in find(text)
        ]
        for slot, pattern in self._patterns:
            found += (Candidate(slot, *match.span(), 0) for match in pattern.finditer(text))
        return found

    def _known(self, words: Sequence[Match]) -> list[Candidate]:
        return [
            Candidate(match.slot, match.start, match.end, 2)
            for match in words
            if self._specs[match.slot].closed
        ]

    def _snapped(self, text: str, tagged: Sequence[tuple[int, int, int]]) -> list[Candidate]:
        """Rule spans that a tagged span of the same slot touches."""
        return [
            Candidate(slot, start, end, 2)
            for slot, find in self._snaps
            if any(tag == slot for tag, _, _ in tagged)
            for start, end in find(text)
            if any(tag == slot and left < end and start < right for tag, left, right in tagged)
        ]

    def _slot(self, flat: Flat, candidate: Candidate, now: datetime) -> Slot | None:
        spec = self._specs[candidate.slot]
        start, end = flat.span(candidate.start, candidate.end)
        raw = flat.source[start:end]
        said = in_full(flat.text, candidate.start, raw) if spec.kind == "time" else raw
        value = KINDS[spec.kind].value(said, now)
        tagged = candidate.rank == _TAGGED
        if value is None and tagged and spec.kind in ("code", "money", "count", "phone"):
            return None
        if spec.kind == "words" and tagged and _ORDINAL.fullmatch(raw):
            return None  # 第二款: one of what was offered, no name of anything
        if spec.kind == "date" and tagged and _DAY.fullmatch(raw):
            return None  # a house: 88号, 文二路28号
        return Slot(spec.name, raw, value or raw, start, end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The span, grown to the ends of the Latin words and numbers that it cuts: iphone1|5."""
    while 0 < start < end and _joined(text, start):
        start -= 1
    while start < end < len(text) and _joined(text, end):
        end += 1
    return start, end


def _joined(text: str, at: int) -> bool:
    pair = text[at - 1 : at + 1]
    return pair.isascii() and pair.isalnum()


def _apart(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The longest candidates that do not overlap, by place."""
    if len(candidates) < 2:
        return [candidate for candidate in candidates if candidate.end > candidate.start]
    kept: list[Candidate] = []
    for new in sorted(candidates, key=lambda c: (c.start - c.end, c.rank, c.start)):
        if new.end > new.start and all(new.end <= k.start or k.end <= new.start for k in kept):
            kept.append(new)
    return sorted(kept, key=lambda candidate: candidate.start)
