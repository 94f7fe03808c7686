"""The one retry loop on the way to a model."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from itertools import count

from kefu.deadline import Deadline
from kefu.errors import ModelBroken, ModelTimeout
from kefu.llms.base import Completion, LanguageModel, Prompt, SendText


@dataclass(frozen=True, slots=True)
class Tries:
    """How often to try, and the first pause's upper bound in seconds; it doubles with every try."""

    most: int = 2
    pause_s: float = 0.2


class Retrying:
    """Tries again while the customer has seen nothing and time is left. A refusal is never asked twice.

    The pause is drawn evenly from nothing to its bound ("full jitter"), so that callers that failed together
    do not come back together.
    """

    def __init__(
        self, model: LanguageModel, tries: Tries | None = None, dice: random.Random | None = None
    ) -> None:
        self.name = model.name
        self._model = model
        self._tries = tries or Tries()
        self._dice = dice or random.Random()  # noqa: S311 -- spreads load, guards nothing

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Complete, with a second try before the first piece."""
        said = False

        async def heard(text: str) -> None:
            nonlocal said
            said = True
            await send(text)

        for number in count(1):
            try:
                return await self._model.complete(prompt, heard, deadline)
            except (ModelBroken, ModelTimeout):
                pause = self._dice.uniform(0.0, self._tries.pause_s * 2 ** (number - 1))
                if said or number >= self._tries.most or pause >= deadline.remaining():
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("count has no end")  # pragma: no cover
