"""The mood of a conversation: what each message adds, what calm and good service take away. Pure."""

from __future__ import annotations

import msgspec

from kefu.messages import Emotion

CALMED = 0.7
"""How sure a good mood must be to make up for anger: 呵呵 and 谢谢啊 are said in anger too."""
_FADES = 0.85
"""What is left of heat, and of trouble, after one more message."""
_STEP = 0.5
_AGAIN = 0.25
"""How much faster each further bad message heats than the one before it."""
_IRONIC = 0.7
"""Irony is cold anger: it counts at least so much, however mild it sounds."""
_THANKED = 0.3
_SERVED_HEAT, _SERVED_TROUBLE = 0.35, 0.2
"""What is left after thanks, and after the shop did what was asked for."""


class Trajectory(msgspec.Struct, frozen=True):
    """`heat` in 0..1 is how angry the customer has become, `trouble` in 0..1 how much is known to have gone
    wrong and not been put right, `row` how many messages in a row were bad (calm ones between do not count).
    """

    heat: float = 0.0
    trouble: float = 0.0
    row: int = 0


def heard(before: Trajectory, emotion: Emotion) -> Trajectory:
    """The mood after a message: heat fades, adds up where anger repeats, and ends with sincere thanks.

    >>> angry = Emotion("negative", 0.9)
    >>> heard(Trajectory(), angry).heat, heard(heard(Trajectory(), angry), angry).heat
    (0.45, 0.7297)
    """
    heat, trouble, row = before.heat * _FADES, before.trouble * _FADES, before.row
    if emotion.label == "negative":
        strength = max(emotion.score, _IRONIC) if emotion.sarcasm else emotion.score
        heat += (1.0 - heat) * min(1.0, _STEP * (1.0 + _AGAIN * row)) * strength
        row += 1
    elif emotion.label == "positive" and emotion.score >= CALMED:
        heat, trouble, row = heat * _THANKED, trouble * _THANKED, 0
    trouble += (1.0 - trouble) * emotion.trouble
    return Trajectory(round(heat, 4), round(trouble, 4), row)


def served(before: Trajectory) -> Trajectory:
    """The mood after the shop did what was asked for: praise that follows may well be meant."""
    heat, trouble = before.heat * _SERVED_HEAT, before.trouble * _SERVED_TROUBLE
    return Trajectory(round(heat, 4), round(trouble, 4), before.row)
