"""Words the pack knows: slot words and concepts, as two codes per character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, MatchKind

Codes = npt.NDArray[np.uint64]


class Lexicon:
    """Finds words. `slots` and `concepts` map a name to its words; the order of the names gives the codes."""

    def __init__(
        self, slots: Mapping[str, Sequence[str]], concepts: Mapping[str, Sequence[str]]
    ) -> None:
        self._finders = (_Words(slots), _Words(concepts))

    def codes(self, text: str) -> Codes:
        """(characters, 2): slot and concept codes of a folded text, 0 where no word stands."""
        seen = np.zeros((len(text), 2), np.uint64)
        for column, finder in enumerate(self._finders):
            finder.mark(text, seen[:, column])
        return seen


class _Words:
    """Longest words first, without overlap; Latin words only where they stand alone."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        owner: dict[str, int] = {}
        for number, name in enumerate(sorted(words)):
            for word in words[name]:
                owner.setdefault(word.lower(), number)
        self._owners = list(owner.values())
        self._finder = AhoCorasick(list(owner), matchkind=MatchKind.LeftmostLongest)

    def mark(self, text: str, seen: Codes) -> None:
        for word, start, end in self._finder.find_matches_as_indexes(text):
            if _stands_alone(text, start, end):
                code = 2 * self._owners[word] + 2
                seen[start:end] = code
                seen[start] = code + 1


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (
        (start > 0 and _latin(text[start]) and _latin(text[start - 1]))
        or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
