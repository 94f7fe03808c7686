"""What the model is asked: the pack's labels as instructions, and one text as data.

The instructions begin the same for every text, so that a server can keep them; the nearest examples come at
their end. The text goes inside a JSON string, which nothing in it can leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from kefu.errors import ModelRefused
from kefu.llms.base import Prompt, PromptLine, Schema
from kefu.messages import Locale
from kefu.pack.labels import IntentPage, Labelled, Labels
from kefu.understanding.llm.nearest import Nearest
from kefu.understanding.llm.template import EXAMPLES, INTENTS, SLOTS, Template
from kefu.understanding.slots.specs import KINDS, SlotSpec
from kefu.understanding.text import fold
from kefu.understanding.tier import Question
from kefu.understanding.wishes import (
    AFFIRM,
    CHITCHAT,
    DENY,
    GREETING,
    HUMAN,
    INFORM,
    OUT_OF_SCOPE,
    THANKS,
)

SHOWN = 3
"""Examples per intent in the list of intents."""
NEAREST = 8
"""Examples that are like the text."""
_VALUES = 5
_WIDEST = 24
"""Characters of an example in the list of intents: a short one says enough."""
_TOKENS, _TOKENS_A_CHARACTER, _MOST_TOKENS = 300, 4, 2000
"""Room for the answer's frame, and for the text quoted once for wishes and once for slots."""
_NONE: Mapping[Locale, str] = {"zh": "（无）", "en": "(none)"}
_EXPLAINED: Mapping[Locale, Mapping[str, str]] = {
    "zh": {
        GREETING: "只是打招呼",
        THANKS: "只是道谢或告别",
        AFFIRM: "对机器人的问题答“是”",
        DENY: "对机器人的问题答“否”，或说前面的不对",
        INFORM: "只给出一个值，多半是回答机器人，没有提出要求",
        CHITCHAT: "与业务无关的闲聊",
        OUT_OF_SCOPE: "有要求，但不属于其他任何一项",
        HUMAN: "要找人工客服",
    },
    "en": {
        GREETING: "nothing but a greeting",
        THANKS: "nothing but thanks or a goodbye",
        AFFIRM: "a yes to the bot's question",
        DENY: "a no to the bot's question, or that something said before is wrong",
        INFORM: "only gives a value, mostly as an answer, and requests nothing",
        CHITCHAT: "small talk that has nothing to do with the business",
        OUT_OF_SCOPE: "a request that is none of the others",
        HUMAN: "wants to talk to a person",
    },
}
"""The engine's own intents, where the pack does not describe them."""
_KIND: Mapping[Locale, Mapping[str, str]] = {
    "zh": {
        "words": "文字",
        "code": "编号",
        "money": "金额",
        "count": "数量",
        "date": "日期",
        "time": "时间",
        "phone": "电话",
        "email": "邮箱",
        "name": "姓名",
        "address": "地址",
    },
    "en": {"words": "text", "code": "number or code", "money": "amount of money"},
}


class Prompts:
    """Makes the prompt of a question; built once per pack, for it indexes all examples."""

    def __init__(
        self, labels: Labels, slots: Sequence[SlotSpec], template: Template, locale: Locale
    ) -> None:
        labels = _masked(labels, frozenset(spec.name for spec in slots if spec.kind == "name"))
        self._nearest = Nearest(labels.examples())
        self._template = template
        self._none = _NONE[locale]
        self._fixed = {
            INTENTS: "\n".join(_intent(page, locale) for page in labels.intents),
            SLOTS: "\n".join(_slots(slots, labels, locale)) or self._none,
        }

    def of(self, question: Question, schema: Schema) -> Prompt:
        """The prompt. Raises ModelRefused for a text that shows a telephone number or e-mail address."""
        flat = question.flat
        if _shows(flat.text):
            raise ModelRefused(
                "personal data stands unmasked in the text, so no model outside is asked; "
                "let the guard mask it first"
            )
        alike = "\n".join(map(_example, self._nearest.like(flat.source, NEAREST)))
        system = self._template.filled({**self._fixed, EXAMPLES: alike or self._none})
        tokens = min(_TOKENS + _TOKENS_A_CHARACTER * len(flat.source), _MOST_TOKENS)
        lines = (PromptLine("system", system), PromptLine("user", _asked(question)))
        return Prompt(lines, max_tokens=tokens, temperature=0.0, schema=schema)


def _shows(text: str) -> bool:
    """Whether a telephone number or an e-mail address stands in a folded text."""
    return any(kind.placeholder and kind.find(text) for kind in KINDS.values())


def _masked(labels: Labels, names: frozenset[str]) -> Labels:
    """Without examples that show what customers' texts never do: somebody may have pasted a real one."""

    def fit(example: Labelled) -> bool:
        named = any(slot in names and "<" not in value for slot, value in example.slots)
        return not named and not _shows(fold(example.text))

    pages = tuple(
        replace(page, examples=tuple(filter(fit, page.examples))) for page in labels.intents
    )
    return replace(labels, intents=pages, several=tuple(filter(fit, labels.several)))


def _asked(question: Question) -> str:
    """The text and what is known of the conversation, by names alone: no value of a slot, nothing offered."""
    context = question.context
    known = sorted({*context.slots, *context.held})
    fields = {"waiting": context.waiting, "topic": context.topic, "known": known}
    shown: dict[str, object] = {name: value for name, value in fields.items() if value}
    return _json({**shown, "text": question.flat.source})


def _example(example: Labelled) -> str:
    """An example as the model is to answer it; whole where nobody marked which words are which wish."""
    parts = example.parts or (example.text,) * len(example.intents)
    return _json(
        {
            "text": example.text,
            "intents": _quoted(zip(parts, example.intents, strict=True)),
            "slots": _quoted((value, name) for name, value in example.slots),
        }
    )


def _quoted(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"quote": quote.strip(), "name": name} for quote, name in pairs]


def _intent(page: IntentPage, locale: Locale) -> str:
    explained = page.explained(locale) or _EXPLAINED[locale].get(page.name, "")
    short = [one.text for one in page.examples if len(one.text) <= _WIDEST][:SHOWN]
    said = [page.called(locale), explained, " | ".join(short)]
    return f"- {page.name}: " + " — ".join(part for part in said if part)


def _slots(slots: Sequence[SlotSpec], labels: Labels, locale: Locale) -> list[str]:
    """A line per slot: its kind, and values it had in examples, or words it is known by."""
    values: dict[str, dict[str, None]] = {}
    for example in labels.examples():
        for name, value in example.slots:
            values.setdefault(name, {})[value] = None
    return [
        f"- {spec.name}: {_KIND[locale].get(spec.kind, spec.kind)} — "
        + " | ".join([*values.get(spec.name, {}), *spec.words][:_VALUES])
        for spec in slots
    ]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
