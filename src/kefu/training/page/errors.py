"""Texts that were read wrongly, as items of a list."""

from __future__ import annotations

from collections import Counter
from html import escape

from kefu.messages import Emotion
from kefu.training.comparison import Disagreement
from kefu.training.labelled import Feeling
from kefu.training.page.words import Words
from kefu.training.score import told
from kefu.training.verdict import Verdict


def faults(one: Verdict) -> tuple[str, ...]:
    """What of a text was read wrongly: intents, slots, mood."""
    found = []
    if one.meant.intents and not one.accepted:
        found.append("intents")
    meant, read = one.slots
    if meant != read:
        found.append("slots")
    feeling = one.meant.emotion
    if feeling is not None and (feeling.label, feeling.sarcasm) != (
        one.read.emotion.label,
        one.read.emotion.sarcasm,
    ):
        found.append("mood")
    return tuple(found)


def error(one: Verdict, found: tuple[str, ...], word: Words) -> str:
    """One text with what was meant and what was read, as far as they differ."""
    lines = []
    pair = ""
    if "intents" in found:
        pair = f"{told(one.meant.intents)}→{told(one.intents)}"
        lines.append(
            f"{word('meant')} {_labels(told(one.meant.intents))} · {word('read')} "
            f"{_labels(told(one.intents))} {one.read.confidence:.0%} · {escape(one.read.tier)}"
        )
    if "slots" in found:
        lines.append(_slots(one, word))
    if one.meant.emotion is not None and "mood" in found:
        lines.append(_mood(one.meant.emotion, one.read.emotion, word))
    shown = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<li data-kinds="{" ".join(found)}" data-pair="{escape(pair)}">'
        f'<p class="text">{escape(one.meant.text)}</p>{shown}</li>'
    )


def disagreement(one: Disagreement, word: Words) -> str:
    """One text as two models read it."""
    signs = {1: "✓ ✗", -1: "✗ ✓", 0: "✗ ✗"}
    return (
        f'<li><p class="text">{escape(one.first.meant.text)}</p>'
        f"<p>{word('meant')} {_labels(told(one.first.meant.intents))} · {word('this')} "
        f"{_labels(told(one.second.intents))} · {word('other')} "
        f"{_labels(told(one.first.intents))} · {signs[one.better]}</p></li>"
    )


def _slots(one: Verdict, word: Words) -> str:
    meant, read = one.slots
    told_ = [f"{word('missing')} {_values(meant - read)}"] if meant - read else []
    told_ += [f"{word('extra')} {_values(read - meant)}"] if read - meant else []
    return f"{word('slots')}: {' · '.join(told_)}"


def _values(found: Counter[tuple[str, str]]) -> str:
    return ", ".join(_labels(f"{name}={raw}") for name, raw in found.elements())


def _mood(meant: Feeling, read: Emotion, word: Words) -> str:
    shown = [
        word(feeling.label) + (f" + {word('sarcasm')}" if feeling.sarcasm else "")
        for feeling in (meant, read)
    ]
    return f"{word('mood')}: {word('meant')} {shown[0]} · {word('read')} {shown[1]}"


def _labels(name: str) -> str:
    return f"<code>{escape(name)}</code>"
