"""The jobs of one size class that wait, and which of them make the next batch."""

from __future__ import annotations

import heapq
from math import ceil
from typing import Generic

from kefu.errors import QueueFull
from kefu.lanes.arrivals import Arrivals
from kefu.lanes.cost import TICK_S, Cost
from kefu.lanes.job import In, Job, Out
from kefu.lanes.limits import Limits

_AHEAD = 2
"""Batches' worth of a line that is looked through for the next batch."""


class Lane(Generic[In, Out]):
    """A bounded queue: the highest priority first, equals in order of arrival."""

    def __init__(self, limits: Limits) -> None:
        self.cost = Cost()
        self._limits = limits
        self._heap: list[tuple[float, int, Job[In, Out]]] = []
        self._live = 0
        self._work = 0
        self._arrivals = Arrivals()

    def __len__(self) -> int:
        """Jobs that wait."""
        return self._live

    def push(self, job: Job[In, Out]) -> None:
        """Let a job wait. Raises QueueFull at the bound, with the time it takes to run what is there."""
        if self._live >= self._limits.max_waiting:
            raise QueueFull(f"{self._live} items wait already", self._drain_s() or 1.0)
        self._arrivals.came(job.since)
        self._enter(job)

    def promote(self, job: Job[In, Out], priority: float) -> None:
        """Let a job that waits go by a higher priority; its old entry is dead."""
        if job.queued and priority > job.priority:
            job.priority = priority
            heapq.heappush(self._heap, (-priority, job.order, job))

    def drop(self, job: Job[In, Out]) -> None:
        """Forget a job. The heap is swept once half of it is dead: O(1) each on average."""
        if not job.queued:
            return
        self._left(job)
        if len(self._heap) > 2 * self._live + 64:
            self._heap = [entry for entry in self._heap if _alive(entry)]
            heapq.heapify(self._heap)

    def take(self, pressure: float) -> list[Job[In, Out]]:
        """The next batch, shortest item first. `pressure` is how many more than wait here feel a delay now.

        The first in line always goes along, so nobody is passed for ever. Of those behind it the nearest in
        size are asked first, and join when they pay for their place (cost.py). Nobody joins while one of a
        higher priority stays behind.
        """
        room = self._room()
        line = [job for job in (self._pop() for _ in range(_AHEAD * room)) if job is not None]
        batch, stay = line[:1], list[Job[In, Out]]()
        longest = max((job.size for job in batch), default=0)
        for job in sorted(line[1:], key=lambda job: (-job.priority, abs(job.size - line[0].size))):
            behind = (self._live + len(line) - len(batch)) * pressure
            full = len(batch) == room or (stay and job.priority < stay[0].priority)
            if not full and self._joins(len(batch), longest, job.size, behind):
                batch.append(job)
                longest = max(longest, job.size)
            else:
                stay.append(job)
        for job in stay:
            self._enter(job)
        return sorted(batch, key=lambda job: job.size)

    def empty(self) -> list[Job[In, Out]]:
        """Take all jobs out."""
        jobs = [entry[2] for entry in self._heap if _alive(entry)]
        for job in jobs:
            self._left(job)
        self._heap.clear()
        return jobs

    def next_s(self) -> float:
        """About how many seconds the next batch takes."""
        items = min(self._live, self._limits.max_batch)
        cost = self.cost
        return cost.fixed + min(cost.each * items * self._typical(), self._limits.max_run_s)

    def pause(self, free_since: float, now: float) -> float:
        """The seconds that are worth waiting for one more item, 0 when it pays to run what is there.

        The worker is free since `free_since`; in all it never waits longer than a batch's fixed cost, and not
        when that would make somebody late.
        """
        if self.cost.fixed <= TICK_S or self._live >= self._room():
            return 0.0
        jobs = [entry[2] for entry in self._heap if _alive(entry)]
        waited = now - max(free_since, min(job.since for job in jobs))
        budget = min(self._limits.max_wait_s, self.cost.fixed) - waited
        if budget < TICK_S:
            return 0.0
        longest = max(job.size for job in jobs)
        pause = self.cost.worth_waiting(self._live, longest, self._arrivals.ahead(now))
        late = now + pause + self.cost.of(self._live + 1, longest) > min(job.until for job in jobs)
        return 0.0 if late or pause > budget else pause

    def _room(self) -> int:
        """Items of a batch: at most twice as many as the largest one that was measured."""
        return min(self._limits.max_batch, max(1, 2 * self.cost.most))

    def _joins(self, items: int, longest: int, size: int, behind: float) -> bool:
        work = (items + 1) * max(longest, size)
        brief = not self.cost.known or self.cost.each * work <= self._limits.max_run_s
        return brief and self.cost.joining_pays(items, longest, size, behind)

    def _typical(self) -> float:
        return self._work / self._live if self._live else 0.0

    def _drain_s(self) -> float:
        batches = ceil(self._live / self._limits.max_batch)
        return batches * self.cost.fixed + self.cost.each * self._work

    def _pop(self) -> Job[In, Out] | None:
        while self._heap:
            entry = heapq.heappop(self._heap)
            if _alive(entry):
                self._left(entry[2])
                return entry[2]
        return None

    def _enter(self, job: Job[In, Out]) -> None:
        job.queued = True
        self._live += 1
        self._work += job.size
        heapq.heappush(self._heap, (-job.priority, job.order, job))

    def _left(self, job: Job[In, Out]) -> None:
        job.queued = False
        self._live -= 1
        self._work -= job.size


def _alive(entry: tuple[float, int, Job[In, Out]]) -> bool:
    """Whether an entry of the heap still stands for its job: not dropped since, nor promoted."""
    return entry[2].queued and entry[2].priority == -entry[0]
