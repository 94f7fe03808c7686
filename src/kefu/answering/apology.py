"""What the customer hears when all else failed. Needs no pack, no store, no model; cannot fail."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.messages import Answer, Degraded, Frame, Locale, Source

_WORDS: dict[Locale, str] = {
    "zh": "抱歉，我这边出了点问题，没能处理好这条消息。请稍后再试，或回复“转人工”找同事帮忙。",
    "en": "Sorry, something went wrong on my side and I could not handle this message. "
    'Please try again in a moment, or type "agent" to reach a person.',
}


def apologise(locale: Locale, reason: str, frames: Sequence[Frame] = ()) -> Answer:
    """The apology, with open flows left as they are. `reason` is a name, never the customer's words."""
    text = _WORDS.get(locale, _WORDS["zh"])
    return Answer(text, Source.DEGRADED, tuple(frames), degraded=Degraded(reason, "turn"))
