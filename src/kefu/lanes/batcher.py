"""Dynamic batching for models: like `kefu.batching`, where sizes differ and a batch has a price.

    caller ─┐                ┌─ short  ▭▭▭▭▭ ─┐
    caller ─┼─▶ one job ─────┼─ medium ▭▭     ─┼─▶ worker: run(a batch of one lane) ─▶ each caller its own
    caller ─┘   for a key    └─ long   ▭      ─┘

A batch grows while that saves more time than it costs to those who wait (cost.py); an idle worker waits for
company only where that pays, so a lone caller never does. Lanes share the worker fairly, cheap ones first
(fair.py); within a lane the highest priority goes first (lane.py).
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Generic

from kefu.batching import Run, outcomes
from kefu.deadline import Deadline
from kefu.errors import Overloaded
from kefu.lanes.fair import FairShare
from kefu.lanes.job import In, Job, Out
from kefu.lanes.lane import Lane
from kefu.lanes.limits import Limits
from kefu.lanes.load import Load


@dataclass(frozen=True, slots=True)
class Served:
    """What is told after each batch: its lane, how many items, their longest, and seconds."""

    lane: int
    items: int
    longest: int
    waited_s: float
    """The longest wait of an item."""
    ran_s: float


class LaneBatcher(Generic[In, Out]):
    """Collects items of concurrent callers and runs them together, on the event loop of the first call.

    `run` gets 1..max_batch items of one lane, shortest first, so that it pads to the last, and returns as many
    results in the same order; an exception in a result's place is raised to that item's callers alone, an
    exception raised by `run` to all callers of the batch. It must not block the loop.
    """

    def __init__(
        self,
        run: Run[In, Out],
        limits: Limits | None = None,
        *,
        observe: Callable[[Served], None] | None = None,
    ) -> None:
        self._run = run
        self._limits = limits or Limits()
        self._observe = observe
        lanes = len(self._limits.bounds) + 1
        self._lanes: list[Lane[In, Out]] = [Lane(self._limits) for _ in range(lanes)]
        self._fair = FairShare(lanes)
        self._load = Load()
        self._order = count()
        self._flying: dict[Hashable, Job[In, Out]] = {}
        self._running: list[Job[In, Out]] = []
        self._free_since = time.monotonic()
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closing = False

    def __len__(self) -> int:
        """Items that wait, without those that run."""
        return sum(map(len, self._lanes))

    async def submit(
        self,
        item: In,
        size: int = 1,
        priority: float = 0,
        *,
        key: Hashable = None,
        deadline: Deadline | None = None,
    ) -> Out:
        """Run the item with others of its size. A higher priority goes first, equals in order of arrival.

        Items of the same `key` that are in flight are run once and share the result, which must not be
        changed. Raises DeadlineExceeded when no result is there in time (an item whose callers are all too
        late is not run), QueueFull at the lane's bound, Overloaded after `close`, else what `run` says.
        Cancelling one caller harms nobody else: the item is dropped when it waits and nobody else wants it.
        """
        if deadline is not None:
            deadline.check()
        job = self._join(key, priority) or self._enqueue(item, size, key, priority)
        future = job.add(deadline)
        alarm = None if deadline is None else self._alarm(job, future, deadline)
        try:
            return await future
        finally:
            if alarm is not None:
                alarm.cancel()
            self._leave(job, future)

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

    def _join(self, key: Hashable, priority: float) -> Job[In, Out] | None:
        """The job that is in flight for the key, if any. It goes by the highest priority of its callers."""
        job = None if key is None else self._flying.get(key)
        if job is not None:
            self._lane_of(job).promote(job, priority)
        return job

    def _enqueue(self, item: In, size: int, key: Hashable, priority: float) -> Job[In, Out]:
        if self._closing:
            raise Overloaded("shutting down")
        if size < 1:
            raise ValueError(f"size={size}: an item's size is 1 or more")
        job: Job[In, Out] = Job(item, size, key, priority, next(self._order), time.monotonic())
        lane = self._lane_of(job)
        lane.push(job)
        if len(lane) == 1:
            self._fair.woke(self._number_of(job))
        if key is not None:
            self._flying[key] = job
        if self._worker is None:
            task = asyncio.get_running_loop().create_task(self._work(), name="kefu-lanes")
            self._worker = task
        self._wake.set()
        return job

    def _lane_of(self, job: Job[In, Out]) -> Lane[In, Out]:
        return self._lanes[self._number_of(job)]

    def _number_of(self, job: Job[In, Out]) -> int:
        return bisect_left(self._limits.bounds, job.size)

    def _alarm(
        self, job: Job[In, Out], future: asyncio.Future[Out], deadline: Deadline
    ) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        return loop.call_later(deadline.remaining(), job.refuse, future)

    def _leave(self, job: Job[In, Out], future: asyncio.Future[Out]) -> None:
        """A caller has its result, its error, or no interest any more."""
        job.remove(future)
        if job.queued and not job.wanted:
            self._lane_of(job).drop(job)
            self._land(job)

    def _land(self, job: Job[In, Out]) -> None:
        if self._flying.get(job.key) is job:
            del self._flying[job.key]

    async def _work(self) -> None:
        try:
            while True:
                if not len(self):
                    if self._closing:
                        return
                    self._fair.rest()
                    await self._nap(None)
                elif (pause := self._pause()) > 0:
                    await self._nap(pause)
                else:
                    await self._serve(self._next_lane())
        finally:
            self._closing = True
            left = self._running + [job for lane in self._lanes for job in lane.empty()]
            for job in left:
                self._land(job)
                job.answer(Overloaded("shutting down"))

    def _pause(self) -> float:
        """Seconds to wait for company, 0 to run: nobody waits for company while others wait for the worker."""
        waiting = [lane for lane in self._lanes if lane]
        if self._closing or len(waiting) > 1:
            return 0.0
        return waiting[0].pause(self._free_since, time.monotonic())

    async def _nap(self, seconds: float | None) -> None:
        """Sleep until something comes, at most so long."""
        self._wake.clear()
        timer = None
        if seconds is not None:
            timer = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        await self._wake.wait()
        if timer is not None:
            timer.cancel()

    def _next_lane(self) -> int:
        return self._fair.next({n: lane.next_s() for n, lane in enumerate(self._lanes) if lane})

    async def _serve(self, number: int) -> None:
        lane, started = self._lanes[number], time.monotonic()
        batch = self._running = self._wanted(lane.take(self._load.pressure), started)
        if not batch:
            return
        results = await outcomes(self._run, [job.item for job in batch])
        self._running = []
        self._account(number, batch, results, started)
        for job, result in zip(batch, results, strict=True):
            self._land(job)
            job.answer(result)

    def _wanted(self, batch: list[Job[In, Out]], now: float) -> list[Job[In, Out]]:
        """Without those whose callers are all too late; the alarms of a busy loop ring late, too."""
        for job in batch:
            job.refuse_late(now)
            if not job.wanted:
                self._land(job)
        return [job for job in batch if job.wanted]

    def _account(
        self,
        number: int,
        batch: list[Job[In, Out]],
        results: Sequence[Out | Exception],
        started: float,
    ) -> None:
        """Learn from a batch that ran. One that failed as a whole says nothing about the cost."""
        now = time.monotonic()
        ran_s, longest = now - started, batch[-1].size
        if not all(isinstance(result, Exception) for result in results):
            self._lanes[number].cost.measured(len(batch), longest, ran_s)
        self._fair.charge(number, ran_s)
        self._load.ran(started - self._free_since, ran_s)
        self._free_since = now
        if self._observe is not None:
            waited_s = started - min(job.since for job in batch)
            report = Served(number, len(batch), longest, waited_s, ran_s)
            # Not here: an observer that raises must not take the worker with it.
            asyncio.get_running_loop().call_soon(self._observe, report)
