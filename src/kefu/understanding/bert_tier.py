"""Tier 2 as the cascade sees it: tokens in, a runtime anywhere, the joint heads read."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.understanding import bert
from kefu.understanding.artefact import Artefact
from kefu.understanding.encoder.tier import guess
from kefu.understanding.runtimes.port import Runtime
from kefu.understanding.tier import Guess, Question


class BertTier:
    """Reads a batch of texts with one run of the model, in this process or on a server."""

    name = "bert"

    def __init__(
        self, meta: bert.BertMeta, tokens: bert.Tokens, linear: Artefact, runtime: Runtime
    ) -> None:
        self.meta = meta
        self._tokens = tokens
        self._linear = linear
        self._runtime = runtime

    async def read(self, questions: Sequence[Question]) -> Sequence[Guess]:
        """A guess per question. Raises what the runtime raises."""
        batch = self._tokens.cut([asked.flat.text for asked in questions])
        said = bert.read(await self._runtime.run(batch.tensors), batch)
        meta = self.meta
        return [
            guess(one, asked, meta.intents, meta.weighing, self._linear)
            for one, asked in zip(said, questions, strict=True)
        ]

    async def close(self) -> None:
        """Let go of the model, or of the connections to its server."""
        await self._runtime.close()
