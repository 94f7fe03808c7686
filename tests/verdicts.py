"""Verdicts made by hand, as a reader might have come to them."""

from __future__ import annotations

from kefu.messages import Emotion, Intent, Meaning, Mood, Slot
from kefu.training.labelled import Feeling, Labelled, NamedValue
from kefu.training.verdict import Verdict


def verdict(
    meant: str,
    read: str,
    *,
    text: str = "一句话",
    confidence: float = 0.9,
    tier: str = "linear",
    acceptable: tuple[str, ...] = (),
    slots: tuple[tuple[str, ...], tuple[str, ...]] | None = None,
    moods: tuple[str, str] | None = None,
) -> Verdict:
    """A text meant as `meant` ("a+b"; "" where nobody looked) and read as `read`.

    `slots` are "name=raw" meant and read; `moods` are labels meant and read, with "!" for sarcasm.
    """
    meant_moods, read_moods = (_feeling(one) for one in moods or ("neutral", "neutral"))
    return Verdict(
        Labelled(
            text,
            _names(meant),
            None if slots is None else tuple(NamedValue(*one.split("=")) for one in slots[0]),
            None if moods is None else meant_moods,
            tuple(_names(one) for one in acceptable),
        ),
        Meaning(
            tuple(Intent(name, confidence) for name in _names(read)),
            tuple(Slot(*one.split("="), "") for one in (slots or ((), ()))[1]),
            Emotion(read_moods.label, 0.9, read_moods.sarcasm),
            tier,
            confidence,
        ),
    )


def _names(written: str) -> tuple[str, ...]:
    return tuple(written.split("+")) if written else ()


def _feeling(written: str) -> Feeling:
    labels: dict[str, Mood] = {m: m for m in ("negative", "neutral", "positive")}  # type: ignore[misc]
    return Feeling(labels[written.rstrip("!")], written.endswith("!"))
