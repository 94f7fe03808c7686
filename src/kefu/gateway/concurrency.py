"""How many turns may run at once: found from latency, not from a guess, with a bounded queue in front."""

from __future__ import annotations

import asyncio
import math
from collections import deque

from kefu.errors import Overloaded, QueueFull
from kefu.gateway.limits import Limits


class AdaptiveLimit:
    """A concurrency limit that shrinks while latency grows against its own long-run mean.

    The gradient method of Netflix's concurrency-limits: a tolerance of 1.5, never less than half per step,
    room for a queue of sqrt(limit). Samples are averaged by the window, so one slow turn changes little.
    """

    WINDOW = 32
    TOLERANCE = 1.5
    SMOOTHING = 0.2
    MEMORY = 0.03

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most
        self._limit = float(min(most, max(least, 256)))
        self._long = 0.0
        self._sum = 0.0
        self._count = 0

    @property
    def limit(self) -> int:
        """Turns that may run now."""
        return int(self._limit)

    def sample(self, seconds: float, running: int) -> None:
        """Learn from a finished turn; `running` is how many ran beside it."""
        self._sum += seconds
        self._count += 1
        if self._count < self.WINDOW:
            return
        short = max(self._sum / self._count, 1e-6)
        self._sum, self._count = 0.0, 0
        self._learn(short, running)

    def _learn(self, short: float, running: int) -> None:
        self._long = self._long + self.MEMORY * (short - self._long) if self._long else short
        if self._long > 2.0 * short:
            self._long *= 0.95
        if running < self._limit / 2:
            return
        gradient = max(0.5, min(1.0, self.TOLERANCE * self._long / short))
        wanted = self._limit * gradient + math.sqrt(self._limit)
        smoothed = self._limit + self.SMOOTHING * (wanted - self._limit)
        self._limit = max(float(self._least), min(float(self._most), smoothed))


class Places:
    """Places for running turns. A part is kept for VIPs, who are also first in the queue."""

    def __init__(self, limits: Limits) -> None:
        self._limit = AdaptiveLimit(limits.least, limits.most)
        self._queue = limits.queue
        self._wait_s = limits.wait_s
        self._share = 1.0 - limits.vip_share
        self._vips: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self.running = 0

    @property
    def waiting(self) -> int:
        """Callers in the queue."""
        return len(self._vips) + len(self._others)

    @property
    def limit(self) -> int:
        """Turns that may run now, the VIPs' part included."""
        return self._limit.limit

    async def enter(self, vip: bool) -> None:
        """Take a place, or wait for one. Raises QueueFull, or Overloaded when the wait is too long."""
        queue = self._vips if vip else self._others
        if not queue and self._room(vip):
            self.running += 1
            return
        if self.waiting >= self._queue:
            raise QueueFull("too many are waiting already", retry_after=self._wait_s)
        place = asyncio.get_running_loop().create_future()
        queue.append(place)
        await self._wait(place, queue)

    def leave(self, seconds: float | None = None) -> None:
        """Give a place back; `seconds` is the turn's latency where it tells of our own load."""
        if seconds is not None:
            self._limit.sample(seconds, self.running)
        self.running -= 1
        self._wake()

    async def _wait(self, place: asyncio.Future[None], queue: deque[asyncio.Future[None]]) -> None:
        try:
            async with asyncio.timeout(self._wait_s):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self.leave()
            elif place in queue:
                queue.remove(place)
            if isinstance(error, TimeoutError):
                raise Overloaded("no place became free in time", self._wait_s) from None
            raise

    def _room(self, vip: bool) -> bool:
        return self.running < (self.limit if vip else self.limit * self._share)

    def _wake(self) -> None:
        while self._vips and self._room(vip=True):
            self._grant(self._vips)
        while self._others and self._room(vip=False):
            self._grant(self._others)

    def _grant(self, queue: deque[asyncio.Future[None]]) -> None:
        place = queue.popleft()
        if not place.done():
            self.running += 1
            place.set_result(None)
