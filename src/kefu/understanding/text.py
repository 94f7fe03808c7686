"""The form of a text that models look at: folded, and each placeholder one character wide.

`<PHONE_1>` becomes one private-use character per kind, so every model works on plain character positions;
`Flat.span` leads back to the masked text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kefu.dialogue.vault import PLACEHOLDER

KINDS = (
    "PHONE",
    "NAME",
    "ADDRESS",
    "EMAIL",
    "ID_CARD",
    "BANK_CARD",
    "PLATE",
    "PASSPORT",
    "IP",
)
_FIRST = 0xE100
MARK = {kind: chr(_FIRST + number) for number, kind in enumerate(KINDS)}
"""Placeholder kind -> its private-use character."""
KIND = {mark: kind for kind, mark in MARK.items()}
OTHER = chr(_FIRST + len(KINDS))
MARKS = frozenset((*KIND, OTHER))
"""All characters that stand for a placeholder."""

_FOLD = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{code: code + 32 for code in range(ord("A"), ord("Z") + 1)},
    **{code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)},
    0x3000: 0x20,
    ord("、"): 0x2C,
    ord("。"): 0x2E,
    ord("…"): 0x2E,
    # Half a character, which no text that could be encoded has.
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}
_HALF_WIDTH = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20}
_LATIN = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Flat:
    """`text` as models see it; `starts[i]` is where its character i begins in `source` (None: at i)."""

    text: str
    source: str
    starts: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the source text of [start, end) of the flat one."""
        if self.starts is None:
            return start, end
        return self.starts[start], self.starts[end]

    def raw(self, start: int, end: int) -> str:
        """The source's own characters at [start, end) of the flat text."""
        start, end = self.span(start, end)
        return self.source[start:end]


def fold(text: str) -> str:
    """Lower case, half width, plain punctuation; never changes the length."""
    return text.translate(_FOLD)


def half_width(text: str) -> str:
    """Full-width letters, digits and marks as plain ones; the case stays, and so does the length."""
    return text.translate(_HALF_WIDTH)


def flatten(text: str) -> Flat:
    """The flat form of a masked text.

    >>> flatten("打<PHONE_1>").raw(1, 2)
    '<PHONE_1>'
    """
    if "<" not in text:
        return Flat(fold(text), text)
    pieces: list[str] = []
    starts: list[int] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        pieces += (fold(text[end : match.start()]), MARK.get(match.group(1), OTHER))
        starts += range(end, match.start() + 1)
        end = match.end()
    pieces.append(fold(text[end:]))
    starts += range(end, len(text) + 1)
    return Flat("".join(pieces), text, tuple(starts))


def is_latin(text: str) -> bool:
    """Whether words of the Latin alphabet occur in a folded text."""
    return _LATIN.search(text) is not None
