"""A text as a person reads it, and where each of its characters stood in what was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kefu.guarding.characters import LOOK_ALIKES, reading

_UNTIDY = re.compile(r"\A\s|\s\Z|\s\s|[\u0370-\u03ff\u0400-\u052f]")
_ALPHABETIC = re.compile(r"[A-Za-z\u0370-\u03ff\u0400-\u052f]+")
_FOREIGN = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")


@dataclass(frozen=True, slots=True)
class Normalised:
    """`offsets[i]` is where character i of `text` stood in the original; None: nothing was changed."""

    text: str
    offsets: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of `text`, which is not empty, lies in the original."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def normalise(text: str) -> Normalised:
    """Make a text plain: half-width, simplified, nothing invisible, white space folded, Latin in one script.

    >>> normalise("１３８\\u200b零")
    Normalised(text='138零', offsets=[0, 1, 2, 4])
    """
    if text.translate(reading()) == text and _UNTIDY.search(text) is None:
        return Normalised(text)
    plain, offsets = _respell(text)
    return Normalised(_in_one_script("".join(plain)), offsets)


def _respell(text: str) -> tuple[list[str], list[int]]:
    table = reading()
    plain: list[str] = []
    offsets: list[int] = []
    for at, char in enumerate(text):
        for new in table.get(ord(char), char):
            if new.isspace() and (not plain or plain[-1].isspace()):
                if plain and new == "\n":
                    plain[-1] = "\n"
                continue
            plain.append(new)
            offsets.append(at)
    if plain and plain[-1].isspace():
        plain.pop()
        offsets.pop()
    return plain, offsets


def _in_one_script(text: str) -> str:
    """Take Cyrillic and Greek look-alikes for Latin, except where somebody really writes that script."""
    if _FOREIGN.search(text) is None:
        return text
    foreign_text = any(ord(char) not in LOOK_ALIKES for char in _FOREIGN.findall(text))

    def latin(word: re.Match[str]) -> str:
        mixed = any(char.isascii() for char in word.group())
        if mixed or (len(word.group()) > 1 and not foreign_text):
            return word.group().translate(LOOK_ALIKES)
        return word.group()

    return _ALPHABETIC.sub(latin, text)
