"""Texts as the compact encoder sees them: a piece per character or Latin word, each a few hashed n-grams.

    发火了吗  ->  发 火 了 吗;  火 = {火, huo, 发火, 火了, 发火了, fa·huo, huo·le, …}

No vocabulary file is needed and nothing is ever unknown: an n-gram is a row of one table (feature hashing,
Weinberger et al. 2009; sub-words as in Bojanowski et al. 2017). Syllables stand beside the characters because
Chinese is typed by sound, and so are its slips.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from kefu.understanding.encoder.lexicon import Lexicon

BITS = 16
WIDTH = 9
"""Rows per piece."""
LONGEST = 160
"""Pieces of one text that are looked at; of a longer one the beginning and the end."""
_TAIL = 48
_PIECE = re.compile(r"[a-z']+|[0-9]+|\s+|.", re.DOTALL)
_PLAIN = re.compile(r"[^a-z0-9\s']+")
_NUMBER = 1 << 33
_WORD = 1 << 32
_SPACE = 0x20
_STEM = 5
_STEM_AT = np.uint64(36)
_STEMS = 0xFFFFFF
"""A Latin word's stem is its first letters; its number stands above bit 36."""

Symbols = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
Places = npt.NDArray[np.int32]

_ODD = np.random.default_rng(20261121).integers(1, 2**63, (8, WIDTH)).astype(np.uint64) * np.uint64(
    2
) + np.uint64(1)
_SHIFT = np.uint64(64 - BITS)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FOLD = np.uint64(29)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A batch. `rows` is (texts, pieces, WIDTH) with 0 for padding, `starts` and `ends` are (texts, pieces)
    places in the folded texts, `sizes` is (texts,) how many pieces each text has.
    """

    rows: Rows
    starts: Places
    ends: Places
    sizes: npt.NDArray[np.int64]

    @property
    def inputs(self) -> tuple[Rows]:
        """What the network takes."""
        return (self.rows,)


class Cutter:
    """Cuts folded texts into pieces. `syllables` is (65536,): a number per character of the first plane."""

    def __init__(self, syllables: npt.NDArray[np.uint16], lexicon: Lexicon) -> None:
        self._syllables = syllables.astype(np.uint64)
        self._lexicon = lexicon

    def cut(self, texts: Sequence[str]) -> Pieces:
        """The pieces of folded texts, padded to the longest."""
        cuts = [_cut(text) for text in texts]
        sizes = np.array([len(symbols) for symbols, _, _ in cuts], np.int64)
        longest = max(1, int(sizes.max(initial=0)))
        gap = longest + 2
        symbols = np.zeros((len(texts), gap), np.uint64)
        sounds = np.zeros((len(texts), gap), np.uint64)
        words = np.zeros((len(texts), longest, 2), np.uint64)
        starts = np.zeros((len(texts), longest), np.int32)
        ends = np.zeros((len(texts), longest), np.int32)
        for at, (text, (symbol, begin, end)) in enumerate(zip(texts, cuts, strict=True)):
            size = len(symbol)
            symbols[at, 1 : size + 1] = symbol
            starts[at, :size], ends[at, :size] = begin, end
            if size:
                words[at, :size] = self._lexicon.codes(text)[begin]
        plain = symbols < len(self._syllables)
        np.copyto(sounds, self._syllables[np.where(plain, symbols, 0)], where=plain)
        np.copyto(sounds, symbols >> _STEM_AT, where=~plain)
        rows = _rows(symbols, sounds, words)
        rows[np.arange(longest) >= sizes[:, None]] = 0
        return Pieces(rows, starts, ends, sizes)


def _rows(symbols: Symbols, sounds: Symbols, words: Symbols) -> Rows:
    """(texts, pieces, WIDTH) of symbols and sounds with one place of padding at both ends."""
    before, here, after = symbols[:, :-2], symbols[:, 1:-1], symbols[:, 2:]
    heard_before, heard, heard_after = sounds[:, :-2], sounds[:, 1:-1], sounds[:, 2:]
    keys = np.stack(
        [
            here * _ODD[0, 0],
            heard * _ODD[0, 1],
            before * _ODD[1, 2] + here * _ODD[0, 2],
            here * _ODD[0, 3] + after * _ODD[2, 3],
            before * _ODD[1, 4] + here * _ODD[0, 4] + after * _ODD[2, 4],
            heard_before * _ODD[1, 5] + heard * _ODD[0, 5],
            heard * _ODD[0, 6] + heard_after * _ODD[2, 6],
            words[:, :, 0] * _ODD[0, 7],
            words[:, :, 1] * _ODD[0, 8],
        ],
        axis=-1,
    )
    keys += _ODD[3]
    keys ^= keys >> _FOLD
    keys *= _MIX
    rows = (keys >> _SHIFT).astype(np.int32)
    np.maximum(rows, 1, out=rows)
    rows[:, :, 1][heard == 0] = 0
    rows[:, :, 7:][words == 0] = 0
    return rows


def _cut(text: str) -> tuple[Symbols, Places, Places]:
    if _PLAIN.fullmatch(text):
        symbols = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        starts = np.arange(len(text), dtype=np.int32)
        return _middle(symbols.astype(np.uint64), starts, starts + 1)
    found: list[int] = []
    begins: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        start, end = match.span()
        first = piece[0]
        if first.isspace():
            if not _parts(text, start, end):
                continue
            found.append(_SPACE)
        elif first.isascii() and (first.isalpha() or first == "'"):
            found.append(_word(piece) if end - start > 1 else ord(first))
        elif first.isascii() and first.isdigit():
            found.append(_number(piece))
        else:
            found.append(ord(first))
        begins.append(start)
        ends.append(end)
    return _middle(np.array(found, np.uint64), np.array(begins, np.int32), np.array(ends, np.int32))


def _middle(symbols: Symbols, starts: Places, ends: Places) -> tuple[Symbols, Places, Places]:
    """Without the middle of a text that is too long: wishes stand at the beginning and at the end."""
    if len(symbols) <= LONGEST:
        return symbols, starts, ends
    keep = np.r_[0 : LONGEST - _TAIL, len(symbols) - _TAIL : len(symbols)]
    return symbols[keep], starts[keep], ends[keep]


def _parts(text: str, start: int, end: int) -> bool:
    """Whether white space parts something: beside Chinese it stands for a comma, in English for nothing."""
    return start > 0 and end < len(text) and not (text[start - 1].isascii() and text[end].isascii())


def _word(word: str) -> int:
    """A Latin word; above it the number of its stem, which takes the place of the sound: refund|ed."""
    return _WORD + crc32(word.encode()) + ((crc32(word[:_STEM].encode()) & _STEMS) << int(_STEM_AT))


def _number(digits: str) -> int:
    """Short numbers as they are, long ones by their length: which order it is does not tell what is wanted."""
    if len(digits) <= 2:
        return _NUMBER + int(digits) * 4
    return _NUMBER + (200 + min(len(digits), 20)) * 4
