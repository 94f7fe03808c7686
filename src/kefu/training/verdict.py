"""What a reader made of labelled texts: one verdict per text."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kefu.guarding.hearing import hear
from kefu.messages import Meaning
from kefu.training.labelled import Labelled
from kefu.understanding.reader import Reader, ReadingContext

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
"""The wall clock of every measurement, so that dates come out the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A text with its labels, and the meaning that was read, in the words and places of the text."""

    meant: Labelled
    read: Meaning

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents read, in the order said."""
        return tuple(intent.name for intent in self.read.intents)

    @property
    def exact(self) -> bool:
        """The same intents in the same order."""
        return self.intents == self.meant.intents

    @property
    def accepted(self) -> bool:
        """Exact, or one of the other acceptable lists."""
        return self.exact or self.intents in self.meant.acceptable

    @property
    def slots(self) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
        """The (name, raw) values meant and those read. Both empty where nobody looked for slots."""
        if self.meant.slots is None:
            return Counter(), Counter()
        meant = Counter((slot.name, slot.raw) for slot in self.meant.slots)
        return meant, Counter((slot.name, slot.raw) for slot in self.read.slots)


async def verdicts(reader: Reader, texts: Sequence[Labelled]) -> list[Verdict]:
    """Read every text as the service would: plain and masked, without a conversation before it."""
    heard = await asyncio.to_thread(lambda: [hear(one.text) for one in texts])
    meanings = await reader.read_all([one.masked for one in heard], ReadingContext(now=NOW))
    return [
        Verdict(meant, one.restored(meaning))
        for meant, one, meaning in zip(texts, heard, meanings, strict=True)
    ]
