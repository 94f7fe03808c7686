"""Tells of each call to a model: how it ended, how long it took, what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable

from kefu.deadline import Deadline
from kefu.llms.base import Completion, LanguageModel, Prompt, SendText
from kefu.messages import Usage
from kefu.observing.calls import ModelCall

Note = Callable[[ModelCall], None]


class Observed:
    """Notes every call, whichever way it ends."""

    def __init__(self, model: LanguageModel, note: Note) -> None:
        self.name = model.name
        self._model = model
        self._note = note

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Complete, and note it."""
        began = time.monotonic()
        first: float | None = None
        outcome, usage = "ok", Usage()

        async def heard(text: str) -> None:
            nonlocal first
            if first is None:
                first = time.monotonic() - began
            await send(text)

        try:
            completion = await self._model.complete(prompt, heard, deadline)
            usage = completion.usage
            return completion
        except BaseException as exc:
            outcome = type(exc).__name__
            raise
        finally:
            self._note(ModelCall(self.name, outcome, time.monotonic() - began, first, usage))
