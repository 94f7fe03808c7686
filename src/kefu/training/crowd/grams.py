"""Texts as bags of n-grams, one bag per word or Chinese character.

Inside a Latin word its character n-grams (Bojanowski et al. 2017), around every piece its neighbours: what
the hashed pieces of the compact encoder lack for English is the inside of a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kefu.understanding.text import fold

LONGEST = 60
"""Pieces of a text that are looked at."""
_PIECE = re.compile(r"[a-z']+|[0-9]|[^\sa-z0-9]")
_SUBWORDS = range(2, 6)
_BEGIN, _END = "^", "$"
_EMPTY = 0

Ids = npt.NDArray[np.int64]


def pieces(text: str) -> list[str]:
    """Latin words, digits, and every other character for itself.

    >>> pieces("退货 in 14 days")
    ['退', '货', 'in', '1', '4', 'days']
    """
    return _PIECE.findall(fold(text))[:LONGEST]


def features(words: Sequence[str]) -> Iterator[list[str]]:
    """The bag of every piece: itself, its inside, its neighbours."""
    edged = (_BEGIN, *words, _END)
    for before, word, after in zip(edged, words, edged[2:], strict=False):
        bag = [f"w {word}", f"b {before} {word}", f"a {word} {after}"]
        bag.append(f"t {before} {word} {after}")
        bag.extend(_inside(word))
        yield bag


def _inside(word: str) -> Iterable[str]:
    if len(word) == 1:
        return
    edged = f"<{word}>"
    for width in _SUBWORDS:
        if width < len(edged):
            for start in range(len(edged) - width + 1):
                yield "#" + edged[start : start + width]


@dataclass(frozen=True, slots=True)
class Bags:
    """A text: `ids` (features,) rows of the table, `sizes` (pieces,) how many of them each piece has."""

    ids: Ids
    sizes: Ids


class Grams:
    """Feature -> row; row 0 is the empty bag. Learnt from training texts."""

    def __init__(self, texts: Iterable[str], least: int = 2) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            # A dict, not a set: sets of texts have another order in every process.
            found = dict.fromkeys(name for bag in features(pieces(text)) for name in bag)
            counts.update(found.keys())
        kept = (name for name, times in counts.items() if times >= least)
        self._rows = {name: row for row, name in enumerate(kept, start=1)}

    def __len__(self) -> int:
        return len(self._rows) + 1

    def bags(self, text: str) -> Bags:
        """A text's bags; what was never seen in training is left out."""
        found = [
            [self._rows[name] for name in bag if name in self._rows] or [_EMPTY]
            for bag in features(pieces(text))
        ] or [[_EMPTY]]
        return Bags(
            np.array([row for bag in found for row in bag], np.int64),
            np.array([len(bag) for bag in found], np.int64),
        )
