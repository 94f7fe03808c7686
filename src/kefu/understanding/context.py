"""What the conversation so far lends to an utterance: an answer, a choice, a correction, an ellipsis."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kefu.dialogue.vault import PLACEHOLDER
from kefu.messages import Locale, Slot
from kefu.understanding.slots.numerals import number
from kefu.understanding.slots.specs import KINDS, SlotSpec
from kefu.understanding.text import Flat
from kefu.understanding.wishes import (
    AFFIRM,
    CHITCHAT,
    DENY,
    GREETING,
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
    last intent, `slots` what is known (masked values).
    """

    now: datetime
    locale: Locale = "zh"
    waiting: str | None = None
    choices: tuple[str, ...] = ()
    topic: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading in the making: wishes in order, slots by place."""

    wanted: tuple[Wanted, ...]
    slots: tuple[Slot, ...]
    corrects: bool = False


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
_WRONG = re.compile(
    r"(?:啊|哎呀?|诶|哦|噢|额|呃)?[, ]*(?:不对|不是这个|不是那个|不是|错了|说错了?|搞错了?|弄错了?|"
    r"写错了?|打错了?|看错了?|记错了?|应该是|更正|不好意思|no|nope|wrong|not that(?: one)?|sorry|"
    r"actually|i mean)[的,.! ]"
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
_LEAD = re.compile(
    r"^(?:嗯+|哦+|噢|额|呃|好的?|是的?|就是|就|我的|我要|改成|改到|换成|换|送到|寄到|发到|填|写|用|"
    r"选|要|叫|it's|it is|my|the|use|is|please)*[:, ]*"
)
_TAIL = re.compile(
    r"[ ,.!?~]*(?:吧|的|了|哦|呀|啊|哈|谢谢|就行|就好|那个|那单|这个|please|thanks)*[ ,.!?~]*$"
)
_BARE = re.compile(r"[a-z]{0,4}-?[\d-]{2,}")
_VALUE_WIDTH = 40
_QUESTION = re.compile(r"[?吗呢]\s*$|怎么|为什么|多久|什么时候")
_FIRST = re.compile(r"([^,.!?;~]{1,12})[,.!?;~]")
_DIGITS = re.compile(r"\d{4,}")


class Listener:
    """Reads an utterance again in the light of its context."""

    def __init__(self, specs: Sequence[SlotSpec]) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._codes = [spec.name for spec in specs if spec.kind == "code"]

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
        return self._ellipsis(reading, text, context)

    def _correction(self, reading: Reading, flat: Flat, context: ReadingContext) -> Reading | None:
        """不对,是尾号8899那个: a no, and another value."""
        match = _WRONG.match(flat.text)
        if match is None:
            return None
        slots = reading.slots
        if not slots:
            slots = self._bare(flat, match.end(), context)
        if not slots:
            return None
        requests = tuple(
            wish
            for wish in reading.wanted
            if wish.name not in NO_REQUEST and wish.confidence >= _CERTAIN
        )
        rest = requests or (_sure(INFORM, reading),)
        return Reading((_sure(DENY, reading), *rest), slots, corrects=True)

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
        if waiting == CONFIRM or _requests(reading, _CERTAIN):
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
        if end <= start or end - start > _VALUE_WIDTH or _QUESTION.search(flat.text):
            return None
        raw = flat.raw(start, end)
        if spec.kind == "code" and PLACEHOLDER.search(raw):
            return None  # an address or a name, and no number
        value = KINDS[spec.kind].value(raw, context.now)
        if value is None or (spec.kind in ("words", "name", "address") and _requests(reading, 0.6)):
            return None
        left, right = flat.span(start, end)
        others = tuple(slot for slot in reading.slots if slot.end <= left or right <= slot.start)
        return Reading((_sure(INFORM, reading),), (*others, Slot(waiting, raw, value, left, right)))

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

    def _ellipsis(self, reading: Reading, text: str, context: ReadingContext) -> Reading:
        """那红色的呢: the last wish again, with another value."""
        if (
            context.topic is None
            or context.topic in NO_REQUEST
            or _ELLIPSIS.fullmatch(text) is None
            or _requests(reading, _CERTAIN)
            or _answers(reading)
        ):
            return reading
        return Reading((_sure(context.topic, reading, 0.7),), reading.slots)


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


def _sure(name: str, reading: Reading, confidence: float = 0.9) -> Wanted:
    first, last = reading.wanted[0].first, reading.wanted[-1].last
    return Wanted(name, confidence, first, last)


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
