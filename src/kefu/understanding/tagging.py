"""The character tagger: which slot each character belongs to, and where one wish ends and the next begins.

Each position sees a window of characters, their classes and dictionary matches. Windows are hashed with one
integer matrix product, and one gather-and-sum scores all positions for all tags.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kefu.understanding.sentences import Floats

BITS = 16
_REACH = 3
_LONG, _PIECE, _SURE = 10, 4, 0.5
"""Shortest text cut without punctuation, shortest piece of it, and the least score of such a cut."""
_DIGITS = dict.fromkeys(range(ord("0"), ord("9") + 1), "0")

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.intp]
Tags = list[int]
Found = tuple[int, int, int]
"""(slot number, start, end)"""

_TEMPLATES: tuple[tuple[tuple[str, int], ...], ...] = (
    *((("char", at),) for at in range(-_REACH, _REACH + 1)),
    *((("char", at), ("char", at + 1)) for at in range(-_REACH, _REACH)),
    *((("char", at), ("char", at + 1), ("char", at + 2)) for at in (-2, -1, 0)),
    (("char", -1), ("char", 1)),
    (("char", -3), ("char", -2), ("char", -1)),
    (("char", 1), ("char", 2), ("char", 3)),
    (("class", -2), ("class", -1), ("class", 0), ("class", 1), ("class", 2)),
    (("class", -1), ("class", 0), ("class", 1), ("char", 0)),
    (("word", 0),),
    (("word", 0), ("word", 1)),
    (("word", 0), ("word", -1), ("char", -1)),
    (("word", 0), ("char", 0)),
)
TEMPLATES = len(_TEMPLATES)
_ROW = {"char": 0, "class": 1, "word": 2}
_WIDTH = 2 * _REACH + 1


def _multipliers() -> tuple[Keys, Keys]:
    numbers = np.random.default_rng(20261121).integers(1, 2**63, (3 * _WIDTH + 1, TEMPLATES))
    odd = (numbers.astype(np.uint64) << np.uint64(1)) | np.uint64(1)
    used = np.zeros((3 * _WIDTH, TEMPLATES), np.uint64)
    for column, template in enumerate(_TEMPLATES):
        for kind, at in template:
            row = _ROW[kind] * _WIDTH + at + _REACH
            used[row, column] = odd[row, column]
    return used, odd[-1]


_FACTORS, _SEEDS = _multipliers()
_SHIFT = np.uint64(64 - BITS)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FOLD = np.uint64(31)
_AROUND = np.arange(_WIDTH)


_OTHER = 7
_LAST = 0xFFFF
"""The last character of the first plane; what lies beyond is of the class OTHER too."""


def _classes() -> Keys:
    """(65536,) the class of each character of the first plane."""
    table = np.full(1 << 16, _OTHER, np.uint64)
    table[ord("a") : ord("z") + 1] = 1
    table[ord("0") : ord("9") + 1] = 2
    table[[ord(char) for char in ",.!?;:~()[]'\"-_/"]] = 3
    table[[ord(char) for char in "零一二三四五六七八九十百千万两半几"]] = 4
    table[[ord(char) for char in "个件双箱包盒瓶块元斤套台只条袋罐"]] = 5
    table[ord(" ")] = 6
    return table


_CLASS = _classes()


def rows(text: str, words: npt.NDArray[np.uint64]) -> Rows:
    """(characters, templates) hashed rows of a folded text; `words` are its (characters,) codes."""
    size = len(text)
    plain = text.translate(_DIGITS)
    window = np.zeros((3, size + 2 * _REACH), np.uint64)
    inner = slice(_REACH, _REACH + size)
    window[0, inner] = _codes(plain)
    window[1, inner] = _CLASS[np.minimum(_codes(text), _LAST)]
    window[2, inner] = words
    around = np.arange(size)[:, None] + _AROUND
    seen = window[:, around].transpose(1, 0, 2).reshape(size, -1)
    keys = seen @ _FACTORS + _SEEDS
    keys ^= keys >> _FOLD
    keys *= _MIX
    return (keys >> _SHIFT).astype(np.intp)


def _codes(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


class Tagger:
    """Finds slots. `weights` is (2**BITS, tags + 1), the last column scoring "a new wish begins here".

    Tag 0 is "no slot"; slot s begins with tag 2s + 1 and goes on with 2s + 2. `steps` is (tags, tags): what
    a tag adds to the score of the next one.
    """

    def __init__(self, weights: Floats, steps: Floats, slots: Sequence[str]) -> None:
        self._weights = weights
        self._steps = steps
        self._dearest = steps[0, 1:].max(initial=-np.inf)  # a pack may have no slots
        self.slots = tuple(slots)

    def scores(self, feature_rows: Rows) -> Floats:
        """(characters, tags + 1)."""
        total: Floats = self._weights[feature_rows].sum(axis=1)
        return total

    def decode(self, scores: Floats) -> list[Found]:
        """The slots, read greedily from left to right."""
        return spans(self.tags(scores))

    def tags(self, scores: Floats) -> Tags:
        """One tag per character."""
        if scores.shape[1] == 1:  # a pack without slots
            return [0] * len(scores)
        steps = self._steps
        tags: Tags = []
        previous = 0
        plain = scores[:, 1:].max(axis=1) + self._dearest < scores[:, 0] + steps[0, 0]
        if plain.all():
            return [0] * len(scores)
        plain = plain.tolist()
        for at, emission in enumerate(scores):
            if previous == 0 and plain[at]:
                tags.append(0)
                continue
            previous = int((emission + steps[previous]).argmax())
            tags.append(previous)
        return tags

    def beginnings(self, scores: npt.NDArray[np.float32]) -> list[int]:
        """Where a new wish begins without any punctuation, from the last column of the scores."""
        size = len(scores)
        if size < _LONG:
            return []
        return [int(at) for at in np.flatnonzero(scores > _SURE) if _PIECE <= at <= size - _PIECE]


def allowed(tags: int) -> Floats:
    """(tags, tags) with a large negative score where the second tag cannot follow the first."""
    steps = np.zeros((tags, tags), np.float32)
    for inside in range(2, tags, 2):
        steps[:, inside] = -1e6
        steps[inside - 1, inside] = steps[inside, inside] = 0.0
    return steps


def spans(tags: Tags) -> list[Found]:
    """(slot, start, end) of each run of one slot's tags."""
    found: list[Found] = []
    start, slot = 0, -1
    for at, tag in enumerate([*tags, 0]):
        if slot >= 0 and tag != 2 * slot + 2:
            found.append((slot, start, at))
            slot = -1
        if tag % 2 == 1:
            start, slot = at, (tag - 1) // 2
    return found
