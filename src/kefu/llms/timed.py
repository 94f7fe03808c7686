"""A limit on the silence before the first token, and between tokens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from kefu.deadline import Deadline
from kefu.errors import ModelTimeout
from kefu.llms.base import Completion, LanguageModel, Prompt, SendText


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a model may be silent, in seconds."""

    first_s: float = 3.0
    between_s: float = 5.0


class Timed:
    """Gives up on a silent model. The time that the customer takes to receive a piece does not count."""

    def __init__(self, model: LanguageModel, patience: Patience | None = None) -> None:
        self.name = model.name
        self._model = model
        self._patience = patience or Patience()

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Complete, or raise ModelTimeout when the next token does not come in time."""
        patience = self._patience
        try:
            async with deadline.sooner(patience.first_s).timeout() as timer:

                async def heard(text: str) -> None:
                    timer.reschedule(_at(deadline))
                    await send(text)
                    timer.reschedule(_at(deadline.sooner(patience.between_s)))

                return await self._model.complete(prompt, heard, deadline)
        except TimeoutError as exc:
            raise ModelTimeout(f"{self.name} fell silent") from exc


def _at(deadline: Deadline) -> float:
    return asyncio.get_running_loop().time() + deadline.remaining()
