"""A text as the models see it, plain and masked, and the way back from there to what was written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from kefu.dialogue.vault import PLACEHOLDER, Vault
from kefu.guarding.guard import harmless
from kefu.guarding.normalise import Normalised, normalise
from kefu.guarding.privacy import finder
from kefu.messages import Intent, Meaning, Slot


@dataclass(frozen=True, slots=True)
class Heard:
    """`masked` is what models may see of `written`.

    `starts[i]` is where its piece number i begins in `masked`, `plain[i]` where in the plain text; every other
    piece is a placeholder.
    """

    written: str
    masked: str
    vault: Vault
    normalised: Normalised
    starts: Sequence[int] = (0,)
    plain: Sequence[int] = (0,)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of the masked text, which is not empty, lies in what was written."""
        first, last = self._plain(start, end=False), self._plain(end, end=True)
        return self.normalised.original(first, max(first + 1, last))

    def restored(self, meaning: Meaning) -> Meaning:
        """A meaning of the masked text, in the customer's own words and places; `value` revealed."""
        return replace(
            meaning,
            intents=tuple(self._intent(intent) for intent in meaning.intents),
            slots=tuple(self._slot(slot) for slot in meaning.slots),
        )

    def _intent(self, intent: Intent) -> Intent:
        if intent.start >= intent.end:
            return intent
        start, end = self.span(intent.start, intent.end)
        return replace(intent, start=start, end=end)

    def _slot(self, slot: Slot) -> Slot:
        value = self.vault.reveal(slot.value)
        if slot.start >= slot.end:
            return replace(slot, raw=self.vault.reveal(slot.raw), value=value)
        start, end = self.span(slot.start, slot.end)
        return replace(slot, raw=self.written[start:end], value=value, start=start, end=end)

    def _plain(self, at: int, *, end: bool) -> int:
        """Where a place of the masked text is in the plain one; inside a placeholder, its edge."""
        piece = max(0, bisect_right(self.starts, at - 1 if end else at) - 1)
        if piece % 2 == 0:
            return self.plain[piece] + at - self.starts[piece]
        return self.plain[piece + 1 if end else piece]


def hear(text: str, vault: Vault | None = None) -> Heard:
    """Make a text plain and mask it, as the guard does with what customers write.

    A text that already holds placeholders is taken as masked, and left alone.

    >>> hear("打13800138000").masked
    '打<PHONE_1>'
    """
    kept = vault or Vault({})
    if PLACEHOLDER.search(text):
        given = Vault({found.group(): found.group() for found in PLACEHOLDER.finditer(text)})
        return Heard(text, text, given, Normalised(text))
    plain = normalise(text)
    safe = harmless(plain.text)
    pieces, starts, places, size, end = [], [0], [0], 0, 0
    for finding in finder.find(safe):
        hidden = kept.keep(finding.kind, safe[finding.start : finding.end])
        before = safe[end : finding.start]
        pieces += [before, hidden]
        starts += [size + len(before), size + len(before) + len(hidden)]
        places += [finding.start, finding.end]
        size, end = starts[-1], finding.end
    masked = "".join([*pieces, safe[end:]])
    return Heard(text, masked, kept, plain, starts, places)
