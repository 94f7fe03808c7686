"""Dictionary words of a pack's slots: where they occur, as codes a tagger can see and as slots of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, MatchKind


@dataclass(frozen=True, slots=True)
class Match:
    """A word of slot number `slot` at [start, end)."""

    slot: int
    start: int
    end: int


class Gazetteer:
    """Longest words first, without overlap. `words` maps a slot's name to its words."""

    def __init__(self, slots: Sequence[str], words: Mapping[str, Sequence[str]]) -> None:
        owner: dict[str, int] = {}
        for number, slot in enumerate(slots):
            for word in words.get(slot, ()):
                owner.setdefault(word.lower(), number)
        self._owners = list(owner.values())
        self._lengths = [len(word) for word in owner]
        self._finder = AhoCorasick(list(owner), matchkind=MatchKind.LeftmostLongest)

    def find(self, text: str) -> list[Match]:
        """All words in a folded text; a Latin word must stand alone."""
        return [
            Match(self._owners[word], start, end)
            for word, start, end in self._finder.find_matches_as_indexes(text)
            if _stands_alone(text, start, end)
        ]


def codes(matches: Sequence[Match], size: int) -> npt.NDArray[np.uint64]:
    """(size,) codes: 0 outside of words, else one per slot and one more where a word begins."""
    seen = np.zeros(size, np.uint64)
    for match in matches:
        seen[match.start : match.end] = 2 * match.slot + 2
        seen[match.start] = 2 * match.slot + 3
    return seen


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (
        (start > 0 and _latin(text[start]) and _latin(text[start - 1]))
        or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
