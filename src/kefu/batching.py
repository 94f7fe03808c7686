"""Generic dynamic batching: many callers, one worker, one call for all who wait. Knows no model and no SQL.

    caller ─┐
    caller ─┼─▶ queue (bounded) ─▶ worker: run([1..max_batch items]) ─▶ each caller its own result
    caller ─┘

The worker never waits for a batch to fill: it takes what is there. While one batch runs the next one
collects, so batches grow with the load and a lone caller pays nothing.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Generic, TypeVar

from kefu.errors import Overloaded, QueueFull

In = TypeVar("In")
Out = TypeVar("Out")

Run = Callable[[list[In]], Awaitable[Sequence[Out | Exception]]]
Observe = Callable[[int, float, float], None]
"""Told after each batch: its size, the longest wait of its items and the run itself, in seconds."""


class _Job(Generic[In, Out]):
    """One item on its way, and the caller who waits for it."""

    __slots__ = ("future", "item", "queued", "since")

    def __init__(self, item: In, future: asyncio.Future[Out], since: float) -> None:
        self.item = item
        self.future = future
        self.since = since
        self.queued = True


class Batcher(Generic[In, Out]):
    """Collects items of concurrent callers and runs them together, on the event loop of the first call.

    `run` gets 1..max_batch items and returns as many results in the same order; an exception in a result's
    place is raised to that caller alone, an exception raised by `run` to all callers of the batch.
    """

    def __init__(
        self,
        run: Run[In, Out],
        *,
        max_batch: int = 64,
        max_waiting: int = 4096,
        observe: Observe | None = None,
    ) -> None:
        self._run = run
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._observe = observe
        self._heap: list[tuple[float, int, _Job[In, Out]]] = []
        self._order = count()
        self._live = 0
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closing = False

    def __len__(self) -> int:
        """Items that wait, without those that run."""
        return self._live

    async def submit(self, item: In, priority: float = 0) -> Out:
        """Run the item with whoever else is there. A higher priority goes first, equals in order of arrival.

        Raises QueueFull at the bound, Overloaded after `close`, else what `run` says. Cancelling one caller
        harms nobody else: its item is dropped when it still waits, its result when it already runs.
        """
        job = self._enqueue(item, priority)
        try:
            return await job.future
        except asyncio.CancelledError:
            self._drop(job)
            raise

    def post(self, item: In, priority: float = 0) -> None:
        """Run the item sometime; nobody waits for its result and its errors are dropped."""
        self._enqueue(item, priority).future.add_done_callback(_silence)

    async def close(self, within_s: float = 5.0) -> None:
        """Refuse new items and finish those that wait; after `within_s` fail what is left with Overloaded."""
        self._closing = True
        self._wake.set()
        if self._worker is None:
            return
        done, _ = await asyncio.wait([self._worker], timeout=within_s)
        if not done:
            self._worker.cancel()
            await asyncio.wait([self._worker])

    def _enqueue(self, item: In, priority: float) -> _Job[In, Out]:
        if self._closing:
            raise Overloaded("shutting down")
        if self._live >= self._max_waiting:
            raise QueueFull(f"{self._live} items wait already")
        loop = asyncio.get_running_loop()
        job: _Job[In, Out] = _Job(item, loop.create_future(), time.monotonic())
        heapq.heappush(self._heap, (-priority, next(self._order), job))
        self._live += 1
        if self._worker is None:
            self._worker = loop.create_task(self._work(), name="kefu-batcher")
        self._wake.set()
        return job

    def _drop(self, job: _Job[In, Out]) -> None:
        """Forget a cancelled caller. The heap is swept once half of it is dead: O(1) each on average."""
        if not job.queued:
            return
        job.queued = False
        self._live -= 1
        if len(self._heap) > 2 * self._live + 64:
            self._heap = [entry for entry in self._heap if entry[2].queued]
            heapq.heapify(self._heap)

    async def _work(self) -> None:
        try:
            while True:
                if batch := self._next_batch():
                    await self._serve(batch)
                elif self._closing:
                    return
                else:
                    self._wake.clear()
                    await self._wake.wait()
        finally:
            self._closing = True
            self._fail([job for _, _, job in self._heap], Overloaded("shutting down"))

    def _next_batch(self) -> list[_Job[In, Out]]:
        batch: list[_Job[In, Out]] = []
        while self._heap and len(batch) < self._max_batch:
            job = heapq.heappop(self._heap)[2]
            if job.queued:
                job.queued = False
                self._live -= 1
                if not job.future.done():
                    batch.append(job)
        return batch

    async def _serve(self, batch: list[_Job[In, Out]]) -> None:
        started = time.monotonic()
        try:
            results = await outcomes(self._run, [job.item for job in batch])
        except asyncio.CancelledError:
            self._fail(batch, Overloaded("the batch was cancelled"))
            raise
        _deliver(batch, results)
        if self._observe is not None:
            now = time.monotonic()
            self._observe(len(batch), started - min(job.since for job in batch), now - started)

    def _fail(self, jobs: list[_Job[In, Out]], error: Exception) -> None:
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(error)


async def outcomes(run: Run[In, Out], items: list[In]) -> Sequence[Out | Exception]:
    """What each item comes to, in order; what goes wrong with the whole batch goes wrong with each item.

    Raises CancelledError when this very task is asked to stop. Something that `run` waited for and that was
    cancelled is Overloaded for the items.
    """
    try:
        results = await run(items)
        if len(results) != len(items):
            raise RuntimeError(f"{len(items)} items gave {len(results)} results")
    except Exception as error:  # noqa: BLE001 - whatever it is belongs to the callers
        return [error] * len(items)
    except asyncio.CancelledError:
        if _being_cancelled():
            raise
        return [Overloaded("the batch was cancelled")] * len(items)
    return results


def _deliver(batch: list[_Job[In, Out]], results: Sequence[Out | Exception]) -> None:
    for job, result in zip(batch, results, strict=True):
        if job.future.done():
            continue
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)


def _silence(future: asyncio.Future[Out]) -> None:
    """Mark the error as seen, or asyncio would log it."""
    if not future.cancelled():
        future.exception()


def _being_cancelled() -> bool:
    """Whether this very task was asked to stop, as opposed to something that `run` waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
