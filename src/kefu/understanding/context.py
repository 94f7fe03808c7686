"""What the conversation so far lends to an utterance: an answer, a choice, a correction, an ellipsis."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kefu.dialogue.trajectory import Trajectory
from kefu.messages import Locale, Slot
from kefu.understanding import mending
from kefu.understanding.clauses import split
from kefu.understanding.slots.numerals import number
from kefu.understanding.slots.specs import KINDS, SlotSpec
from kefu.understanding.text import MARK, MARKS, Flat
from kefu.understanding.wishes import (
    AFFIRM,
    CHITCHAT,
    DENY,
    GREETING,
    HUMAN,
    INFORM,
    OUT_OF_SCOPE,
    THANKS,
    Wanted,
)

CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What the reader may know of the conversation.

    `waiting` is the slot the bot waits for, or "confirm"; `choices` are the strings it offered, `topic` is the
    last intent, `slots` what is known (masked values), `held` what the flow that waits goes by, `mood` where
    the customer's mood has come to.
    """

    now: datetime
    locale: Locale = "zh"
    waiting: str | None = None
    choices: tuple[str, ...] = ()
    topic: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    vip: bool = False
    mood: Trajectory = field(default_factory=Trajectory)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading in the making: wishes in order, slots by place; `withdrawn` as in Meaning."""

    wanted: tuple[Wanted, ...]
    slots: tuple[Slot, ...]
    corrects: bool = False
    withdrawn: tuple[str, ...] = ()


NO_REQUEST = frozenset({AFFIRM, DENY, INFORM, CHITCHAT, GREETING, THANKS, OUT_OF_SCOPE})
_CERTAIN, _LIKELY = 0.8, 0.5
_EDGE = " ,.!?~;:\"'"
_YES = re.compile(
    r"(?:嗯+|恩+|哦+|噢|额|那)?[,. ]*(?:是|是的|是呀|是啊|对|对的|对对+|对啊|好|好的|好吧|好呀|"
    r"好啊|好滴|好嘞|行|行吧|行的|中|可以|可以的|可|没错|没问题|确认|确定|确认的|同意|嗯+|恩+|"
    r"要|要的|需要|就这样|就这么办|就这个|改吧|办吧|提交吧?|弄吧|来吧|麻烦了|yes|yeah|yep|yup|ok|"
    r"okay|k|sure|right|correct|confirm(?:ed)?|please do|go ahead|do it|that's right|y)"
    r"(?:[,. ]*(?:是的|对的|好的|可以|确认|谢谢|吧|麻烦了|please|thanks|thank you|就这样|改吧|"
    r"没问题|就行))*"
)
_NO = re.compile(
    r"(?:嗯+|哦+|额|那|呃)?[,. ]*(?:不|不是|不对|不要|不要了|不用|不用了|不行|不可以|不改了|不需要|"
    r"不确认|不同意|不想|不了|先不|先不要|先不了|算了|算了吧|别|别改了?|取消|取消吧|还是算了|没有|"
    r"否|暂时不用?|"
    r"no|nope|nah|not now|don't|cancel|never ?mind|no thanks?|stop|n)"
    r"(?:[,. ]*(?:不用了?|不要了?|算了|谢谢|吧|了|改了|thanks|thank you|不改了|取消吧?|先))*"
)
_ORDINAL = re.compile(
    r"(?:就|选|要|用|是|我要|我选)*第?(?P<number>\d{1,2}|[一二两三四五六七八九十]{1,2})(?:个|单|笔|"
    r"号|件|条|种|款|那个)*(?:吧|就行|的|呢|订单)*"
)
_LAST = re.compile(
    r"(?:就|选|要|是|我要)*(?:最后|末尾)(?:一|那)?[一个单笔件条种款]*(?:吧|就行|的)*|the last(?: one)?"
)
_ENGLISH_ORDINAL = re.compile(
    r"(?:the )?(first|second|third|fourth|fifth)(?: one| order)?(?: please)?"
)
_ENGLISH_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_ELLIPSIS = re.compile(
    r"(?:那|那么|要是|如果|还有|换成?)+.{1,12}?(?:呢|怎么样|行吗|可以吗|行不行|有吗|有没有|"
    r"也可以吗)?|.{1,8}呢|(?:and |so )?(?:what|how) about .{1,30}"
)
_SWAPPED = re.compile(r"(?:那|那么|要是|如果)?换成?.{1,8}呢")
"""换成红色的呢: always about what was just talked of, however much it sounds like a request."""
_LEAD = re.compile(
    r"^(?:嗯+|哦+|噢|额|呃|好的?|是的?|就是|就|我的|我要|改成|改到|换成|换|送到|寄到|发到|填|写|用|"
    r"选|要|叫|it's|it is|my|the|use|is|please)*[:, ]*"
)
_TAIL = re.compile(
    r"[ ,.!?~]*(?:吧|的|了|哦|呀|啊|哈|谢谢|就行|就好|那个|那单|这个|please|thanks)*[ ,.!?~]*$"
)
_TAIL_ASKED = re.compile(r"[那个单笔 ]*\d{4,}[的那个单笔]*呢?[?. ]*")
_BARE = re.compile(r"[a-z]{0,4}-?[\d-]{2,}")
_VALUE_WIDTH = 40
_QUESTION = re.compile(
    r"[?吗呢么]\s*$|怎么|咋|为什么|为啥|多久|多少|[什啥]么?时候|几[天点号个]|能不能|可不可以|是不是|有没有|行不行"
)
_VALUES = frozenset({"code", "phone", "email", "date", "time", "money"})
"""Kinds that rules recognise: a text with such a value is about that, and no name, place or thing."""
_PLACE = re.compile(r"[省市区县州镇乡村路街道巷弄号栋幢座楼室苑园城厦场院店站\ue102]|\d|[a-z]{3}")
_NUMBERED = re.compile(r"[a-z]{0,4}-?\d[\d-]+[a-z0-9]*(?![号栋室单楼层元块件个天])")
_FIRST = re.compile(r"([^,.!?;~]{1,12})[,.!?;~]")
_DIGITS = re.compile(r"\d{4,}")


class Listener:
    """Reads an utterance again in the light of its context."""

    def __init__(self, specs: Sequence[SlotSpec]) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._codes = [spec.name for spec in specs if spec.kind == "code"]
        self._places = [spec.name for spec in specs if spec.kind == "address"]

    def listen(self, reading: Reading, flat: Flat, context: ReadingContext) -> Reading:
        """The reading in context; the same where the context says nothing."""
        text = flat.text.strip(_EDGE)
        corrected = self._correction(reading, flat, context)
        if corrected is not None:
            return corrected
        if context.waiting is not None:
            answered = self._answer(reading, flat, text, context)
            if answered is not None:
                return answered
        return self._ellipsis(reading, flat, text, context)

    def _correction(self, reading: Reading, flat: Flat, context: ReadingContext) -> Reading | None:
        """不对,是尾号8899那个: a no, and another value."""
        weighed = context.waiting == CONFIRM or context.waiting in self._places
        start = mending.opening(flat.text, weighed)
        if start is None:
            return None
        if mending.settled(flat.text[start:].strip(_EDGE)):
            return Reading((_sure(AFFIRM, reading),), reading.slots)
        mended = self._part_mended(reading, flat, start, context)
        if mended is not None:
            return mended
        plain = mending.opening(flat.text, confirming=False) is not None
        fits = not context.held or any(slot.name in context.held for slot in reading.slots)
        slots = reading.slots if plain or fits else ()
        slots = slots or self._bare(flat, start, context)
        if not slots:
            return None
        # What was said with the value is no wish of its own, where a yes or the value is awaited.
        first = 0 if context.waiting is None else _after(flat, slots)
        return _mended(reading, slots, first)

    def _part_mended(
        self, reading: Reading, flat: Flat, start: int, context: ReadingContext
    ) -> Reading | None:
        """不对,是88号: a piece of an address. Alone it is no address, so a held one is withdrawn."""
        place = self._place(context)
        span = mending.address_part(flat.text, start) if place else None
        if place is None or span is None:
            return None
        left, right = flat.span(*span)
        expected = {*context.held, context.waiting} - {place}
        if any(slot.name in expected for slot in reading.slots):
            return None
        others = tuple(slot for slot in reading.slots if slot.end <= left or right <= slot.start)
        wanted = (_sure(DENY, reading), _sure(INFORM, reading))
        if place in context.held:
            return Reading(wanted, others, corrects=True, withdrawn=(place,))
        raw = flat.source[left:right]
        if mending.is_house_number(raw):
            return Reading(wanted[1:], others)  # no address yet
        return Reading(wanted, (*others, Slot(place, raw, raw, left, right)), corrects=True)

    def _place(self, context: ReadingContext) -> str | None:
        """The address that may be meant: the awaited one, one that is held, or after a wish any."""
        if context.waiting in self._places:
            return context.waiting
        if context.waiting is None:
            return self._places[0] if self._places and context.topic is not None else None
        return next((name for name in self._places if name in context.held), None)

    def _answer(
        self, reading: Reading, flat: Flat, text: str, context: ReadingContext
    ) -> Reading | None:
        """An answer to the bot's question, or None where the customer talks of something else."""
        yes_or_no = _yes_or_no(text)
        if yes_or_no is not None:
            return Reading((_sure(yes_or_no, reading),), reading.slots)
        waiting = context.waiting or ""
        chosen = self._chosen(reading, flat, text, context)
        if chosen is not None:
            return chosen
        asks = _QUESTION.search(flat.text) is not None
        if waiting == CONFIRM or _requests(reading, _LIKELY if asks else _CERTAIN):
            return None
        if any(slot.name == waiting for slot in reading.slots):
            return self._informed(reading)
        return self._given(reading, flat, waiting, context)

    def _chosen(
        self, reading: Reading, flat: Flat, text: str, context: ReadingContext
    ) -> Reading | None:
        """One of the offered strings, alone or before more ("第二个,改到…")."""
        chosen = choose(text, context.choices)
        first = _FIRST.match(text)
        if chosen is None and first is not None:
            chosen = choose(first[1], context.choices)
        if chosen is None:
            return None
        wanted = (_sure(INFORM, reading),)
        spec = self._specs.get(context.waiting or "")
        if spec is None:
            # A slot of the flow's own, no slot of ours: the flow reads the choice itself.
            return Reading(wanted, reading.slots)
        picked = _slot(flat, spec, chosen)
        rest = tuple(slot for slot in reading.slots if slot.start >= picked.end)
        return Reading(wanted, (picked, *rest))

    def _informed(self, reading: Reading) -> Reading | None:
        """The awaited slot is there; a weak guess at a request beside it gives way."""
        return Reading((_sure(INFORM, reading),), reading.slots)

    def _given(
        self, reading: Reading, flat: Flat, waiting: str, context: ReadingContext
    ) -> Reading | None:
        if _answers(reading):
            return None
        spec = self._specs.get(waiting)
        if spec is None:  # a slot of a flow alone: whatever is said is its value
            return None if _QUESTION.search(flat.text) else self._informed(reading)
        start, end = _core(flat.text, 0)
        if end <= start or end - start > _VALUE_WIDTH or self._is_else(reading, flat, spec):
            return None
        if spec.kind == "code":
            number = _NUMBERED.search(flat.text, start, end)
            if number is None:
                return None
            start, end = number.span()
        raw = flat.raw(start, end)
        value = KINDS[spec.kind].value(raw, context.now)
        if not value or (spec.kind in ("words", "name", "address") and _requests(reading, 0.6)):
            return None
        left, right = flat.span(start, end)
        others = tuple(slot for slot in reading.slots if slot.end <= left or right <= slot.start)
        return Reading((_sure(INFORM, reading),), (*others, Slot(waiting, raw, value, left, right)))

    def _is_else(self, reading: Reading, flat: Flat, spec: SlotSpec) -> bool:
        """Whether a text without the awaited value is about something else: a question, or another value."""
        own = MARK.get(KINDS[spec.kind].placeholder or "")
        if _QUESTION.search(flat.text) or any(c in MARKS and c != own for c in flat.text):
            return True
        if spec.kind == "address" and _PLACE.search(flat.text) is None:
            return True
        if spec.kind not in ("words", "name", "address"):
            return False
        return any(self._specs[slot.name].kind in _VALUES for slot in reading.slots)

    def _bare(self, flat: Flat, start: int, context: ReadingContext) -> tuple[Slot, ...]:
        """A number that stands for the awaited code, else for the pack's first one."""
        match = _BARE.search(flat.text, start)
        waiting = self._specs.get(context.waiting or "")
        if match is None or not self._codes:
            return ()
        name = waiting.name if waiting and waiting.kind == "code" else self._codes[0]
        left, right = flat.span(*match.span())
        raw = flat.source[left:right]
        return (Slot(name, raw, KINDS["code"].value(raw, context.now) or raw, left, right),)

    def _ellipsis(
        self, reading: Reading, flat: Flat, text: str, context: ReadingContext
    ) -> Reading:
        """那红色的呢: the last wish again, with another value."""
        if (
            context.topic is None
            or context.topic in NO_REQUEST | {HUMAN}  # asking on about people is no call for one
            or _ELLIPSIS.fullmatch(text) is None
            or (_requests(reading, _CERTAIN) and not _SWAPPED.fullmatch(text))
            or _answers(reading)
        ):
            return reading
        slots = reading.slots or self._tail(flat, context)
        return Reading((_sure(context.topic, reading, 0.7),), slots)

    def _tail(self, flat: Flat, context: ReadingContext) -> tuple[Slot, ...]:
        """那1383呢: the last digits of another one."""
        return self._bare(flat, 0, context) if _TAIL_ASKED.fullmatch(flat.text) else ()


def choose(text: str, choices: Sequence[str]) -> str | None:
    """Which of the offered strings a short text picks, by place, by its last digits or by its words.

    >>> choose("第二个", ("红", "绿")), choose("8899", ("订单 1234", "订单 8899"))
    ('绿', '订单 8899')
    """
    if not choices or len(text) > 30:
        return None
    index = _index(text, len(choices))
    if index is not None:
        return choices[index] if 0 <= index < len(choices) else None
    start, end = _core(text, 0)
    core = text[start:end]
    if len(core) < 2:
        return None
    fitting = [choice for choice in choices if core in choice.lower()]
    return fitting[0] if len(fitting) == 1 else None


def _index(text: str, count: int) -> int | None:
    if _LAST.fullmatch(text):
        return count - 1
    match = _ORDINAL.fullmatch(text)
    if match:
        return int(number(match["number"]) or 0) - 1
    english = _ENGLISH_ORDINAL.fullmatch(text)
    return _ENGLISH_ORDINALS.index(english[1]) if english else None


def _yes_or_no(text: str) -> str | None:
    if _NO.fullmatch(text):
        return DENY
    return AFFIRM if _YES.fullmatch(text) else None


def _requests(reading: Reading, least: float) -> bool:
    return any(wish.name not in NO_REQUEST and wish.confidence >= least for wish in reading.wanted)


def _answers(reading: Reading) -> bool:
    """Whether it is a yes or no that the model is sure enough of."""
    return any(
        wish.name in (AFFIRM, DENY) and wish.confidence >= _LIKELY for wish in reading.wanted
    )


def _mended(reading: Reading, slots: tuple[Slot, ...], first: int) -> Reading:
    requests = tuple(
        wish
        for wish in reading.wanted
        if wish.name not in NO_REQUEST and wish.confidence >= _CERTAIN and wish.start >= first
    )
    rest = requests or (_sure(INFORM, reading),)
    return Reading((_sure(DENY, reading), *rest), slots, corrects=True)


def _after(flat: Flat, slots: Sequence[Slot]) -> int:
    """Where the clause ends in which the first value stands."""
    spans = split(flat.text)
    return next((end for _, end in spans if flat.span(end, end)[0] > slots[0].start), 0)


def _sure(name: str, reading: Reading, confidence: float = 0.9) -> Wanted:
    return Wanted(name, confidence, reading.wanted[0].start, reading.wanted[-1].end)


def _slot(flat: Flat, spec: SlotSpec, chosen: str) -> Slot:
    """What was said of the choice, standing for it; a code is the number that the choice shows."""
    start, end = _core(flat.text, 0)
    first = _FIRST.match(flat.text)
    if first is not None:
        start, end = first.span(1)
    elif end <= start:
        start, end = 0, len(flat.text)
    left, right = flat.span(start, end)
    digits = _DIGITS.search(chosen) if spec.kind == "code" else None
    return Slot(spec.name, flat.source[left:right], digits[0] if digits else chosen, left, right)


def _core(text: str, start: int) -> tuple[int, int]:
    """Where the value itself stands, without the words around it."""
    lead = _LEAD.match(text[start:])
    begin = start + (lead.end() if lead else 0)
    tail = _TAIL.search(text, begin)
    return begin, tail.start() if tail else len(text)
