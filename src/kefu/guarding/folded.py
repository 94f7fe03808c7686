"""A text as word lists compare it: letters and digits only, folded, with the way back to the original."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kefu.guarding.characters import comparing

GAP = 3
"""So many signs, spaces or emoji between two characters of a listed word do not save it."""
BREAK = "\n"
"""Stands for a longer gap; no word holds it."""

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Folded:
    """`places[i]` is where `text[i]` stood; `gaps[i]` the signs just before it; `tail` those at the end."""

    text: str
    places: list[int]
    gaps: list[str]
    tail: str


def compress(text: str) -> str:
    """`fold(text).text`, only faster."""
    plain = text.translate(comparing())
    if plain.isalnum():
        return plain
    return _SIGNS.sub(lambda run: "" if len(run.group()) <= GAP else BREAK, plain)


def compared(char: str) -> str:
    """What one character is compared as: nothing, a sign, or one or more letters and digits."""
    return comparing().get(ord(char), char)


def fold(text: str) -> Folded:
    """Fold a text, character by character."""
    letters: list[str] = []
    places: list[int] = []
    gaps: list[str] = []
    gap = ""
    for at, char in enumerate(text):
        for new in compared(char):
            if not new.isalnum():
                gap += new
                continue
            if len(gap) > GAP:
                letters.append(BREAK)
                places.append(at)
                gaps.append("")
            letters.append(new)
            places.append(at)
            gaps.append(gap)
            gap = ""
    if len(gap) > GAP:
        letters.append(BREAK)
        places.append(len(text))
        gaps.append("")
    return Folded("".join(letters), places, gaps, gap)
