"""The readers that are measured: the whole cascade of a model folder, and each of its tiers alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from kefu.understanding.cascade import Cascade, Judged
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.slots.forms import Forms
from kefu.understanding.tier import Question, Tier
from kefu.understanding.tiers import open_encoder, open_reader

CASCADE, LINEAR, ENCODER = "cascade", "linear alone", "encoder alone"


class Only(Cascade):
    """A cascade of one tier that is always asked, and no other before it."""

    def __init__(self, linear: LinearTier, tier: Tier) -> None:
        super().__init__(linear)
        self._tier = tier

    async def read_all(self, questions: Sequence[Question]) -> list[Judged]:
        """What the tier says."""
        return [Judged(guess, self._tier.name) for guess in await self._tier.read(questions)]

    async def close(self) -> None:
        """Let go of the model."""
        await self._tier.close()


@asynccontextmanager
async def readers(model: Path) -> AsyncIterator[dict[str, Reader]]:
    """All of them by name; those of the encoder only where the folder has one."""
    linear, forms = LinearTier.load(model), Forms.beside(model)
    found = {CASCADE: await open_reader(model), LINEAR: Reader(Cascade(linear), forms)}
    encoder = await open_encoder(model, linear.artefact)
    if encoder is not None:
        found[ENCODER] = Reader(Only(linear, encoder), forms)
    try:
        yield found
    finally:
        for reader in found.values():
            await reader.close()
