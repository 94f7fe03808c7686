"""Owns running turns. A turn is finished when its client leaves; at shutdown the last ones are waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from kefu.errors import Overloaded

T = TypeVar("T")


class Inflight:
    """Counts the turns that run inside of its `with` block, and owns those that outlive their request."""

    def __init__(self, drain_s: float = 10.0) -> None:
        self._drain_s = drain_s
        self._running = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.closing = False

    def open(self) -> None:
        """Take turns (again)."""
        self.closing = False

    @property
    def running(self) -> int:
        """Turns in progress."""
        return self._running

    def __enter__(self) -> None:
        """Mark a turn as running. Raises Overloaded once the service shuts down."""
        if self.closing:
            raise Overloaded("the service is shutting down", retry_after=2.0)
        self._running += 1
        self._idle.clear()

    def __exit__(self, *_error: object) -> None:
        """The turn is over."""
        self._running -= 1
        if not self._running:
            self._idle.set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run work that outlives its caller; kept until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def hand_over(
        self, work: Coroutine[Any, Any, T], then: Callable[[T | Exception], None]
    ) -> None:
        """Run work that outlives its caller, then hand its result or its error on."""
        self.start(work).add_done_callback(lambda task: then(_outcome(task)))

    async def drain(self) -> bool:
        """Take no more turns and wait for those that run. False when some had to be cancelled."""
        self.closing = True
        try:
            async with asyncio.timeout(self._drain_s):
                await self._idle.wait()
        except TimeoutError:
            pass
        clean = self._running == 0
        leftover = tuple(self._tasks)
        for task in leftover:
            task.cancel()
        await asyncio.gather(*leftover, return_exceptions=True)
        return clean


def _outcome(task: asyncio.Task[T]) -> T | Exception:
    if task.cancelled():
        return Overloaded("the service is shutting down", retry_after=2.0)
    error = task.exception()
    return error if isinstance(error, Exception) else task.result()
