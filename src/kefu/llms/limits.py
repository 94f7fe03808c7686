"""A cap on calls in flight, with a bounded queue before it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from kefu.deadline import Deadline
from kefu.errors import ModelRefused, ModelTimeout
from kefu.llms.base import Completion, LanguageModel, Prompt, SendText


@dataclass(frozen=True, slots=True)
class Room:
    """How many calls may run, how many may wait, and for how many seconds."""

    running: int = 64
    waiting: int = 64
    wait_s: float = 2.0


class Limited:
    """Keeps a model from being asked more than it can answer. First come, first served."""

    def __init__(self, model: LanguageModel, room: Room | None = None) -> None:
        self.name = model.name
        self._model = model
        self._room = room or Room()
        self._slots = asyncio.Semaphore(self._room.running)
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """Calls in the queue."""
        return self._waiting

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Complete when there is room; else ModelRefused at once, or ModelTimeout after the wait."""
        await self._enter(deadline)
        try:
            return await self._model.complete(prompt, send, deadline)
        finally:
            self._slots.release()

    async def _enter(self, deadline: Deadline) -> None:
        if self._slots.locked() and self._waiting >= self._room.waiting:
            raise ModelRefused(f"{self.name}: {self._waiting} calls wait already", retry_after=1.0)
        self._waiting += 1
        try:
            async with deadline.sooner(self._room.wait_s).timeout():
                await self._slots.acquire()
        except TimeoutError as exc:
            raise ModelTimeout(f"{self.name}: no room in time") from exc
        finally:
            self._waiting -= 1
