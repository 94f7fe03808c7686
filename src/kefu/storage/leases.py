"""Leases of one process: who may write a key, who waits for it in which order, and who vanished."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from itertools import count

from kefu.errors import QueueFull

MAX_WAITERS = 64
"""Callers that may wait for one key."""


class _Waiter:
    __slots__ = ("future", "ttl_s")

    def __init__(self, future: asyncio.Future[int | None], ttl_s: float) -> None:
        self.future = future
        self.ttl_s = ttl_s


class _Hold:
    """A lease somebody has. `line` is handed on from hold to hold; `armed`: a timer watches the end."""

    __slots__ = ("armed", "fence", "line", "until")

    def __init__(self, fence: int, until: float, line: deque[_Waiter] | None) -> None:
        self.fence = fence
        self.until = until
        self.line = line
        self.armed = False


class Leases:
    """Exclusive, expiring, first come first served. Times are monotonic seconds.

    `vanished(key)` is called when a lease ends without being given back, before anybody else gets it.
    """

    def __init__(self, vanished: Callable[[str], None], max_waiters: int = MAX_WAITERS) -> None:
        self._vanished = vanished
        self._max_waiters = max_waiters
        self._holds: dict[str, _Hold] = {}
        self._fences = count(1)

    def __len__(self) -> int:
        """Leases that are held, or ended unseen."""
        return len(self._holds)

    def take(self, key: str, ttl_s: float) -> int | None:
        """The fence of a new lease, or None when somebody has or awaits the key."""
        self.settle(key)
        if key in self._holds:
            return None
        self._sweep()
        return self._grant(key, ttl_s, None)

    async def wait(self, key: str, ttl_s: float, wait_s: float) -> int | None:
        """Stand in line after `take` said None. None after `wait_s`; QueueFull when the line is long."""
        hold = self._holds[key]
        line = hold.line = deque() if hold.line is None else hold.line
        if len(line) >= self._max_waiters:
            raise QueueFull(f"{len(line)} wait for the same key already")
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop.create_future(), ttl_s)
        line.append(waiter)
        self._arm(key, hold)
        timer = loop.call_later(wait_s, _give_up, waiter.future)
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._return(key, waiter.future)
            raise
        finally:
            timer.cancel()
            if waiter in line:
                line.remove(waiter)

    def give_back(self, key: str, fence: int) -> bool:
        """End a lease and hand the key to the next in line. False when the lease was lost before."""
        self.settle(key)
        hold = self._holds.get(key)
        if hold is None or hold.fence != fence:
            return False
        self._pass_on(key, hold)
        return True

    def renew(self, key: str, fence: int, ttl_s: float) -> bool:
        """Put off the end of a lease. False when it was lost."""
        if not self.holds(key, fence):
            return False
        self._holds[key].until = time.monotonic() + ttl_s
        return True

    def holds(self, key: str, fence: int) -> bool:
        """Whether this lease is still the one."""
        self.settle(key)
        hold = self._holds.get(key)
        return hold is not None and hold.fence == fence

    def settle(self, key: str) -> None:
        """Notice that the holder of a key vanished."""
        hold = self._holds.get(key)
        if hold is not None and time.monotonic() >= hold.until:
            self._vanished(key)
            self._pass_on(key, hold)

    def drop(self, key: str) -> None:
        """Take the lease from whoever has it."""
        if (hold := self._holds.get(key)) is not None:
            self._pass_on(key, hold)

    def _grant(self, key: str, ttl_s: float, line: deque[_Waiter] | None) -> int:
        fence = next(self._fences)
        hold = self._holds[key] = _Hold(fence, time.monotonic() + ttl_s, line)
        if line:
            self._arm(key, hold)
        return fence

    def _pass_on(self, key: str, hold: _Hold) -> None:
        del self._holds[key]
        while hold.line:
            waiter = hold.line.popleft()
            if not waiter.future.done():
                waiter.future.set_result(self._grant(key, waiter.ttl_s, hold.line))
                return

    def _return(self, key: str, future: asyncio.Future[int | None]) -> None:
        """Give back what was granted in the very moment its caller was cancelled."""
        if future.done() and not future.cancelled() and (fence := future.result()) is not None:
            self.give_back(key, fence)

    def _arm(self, key: str, hold: _Hold) -> None:
        """Watch for the end of a hold. Only while somebody waits: otherwise the next `take` sees it."""
        if not hold.armed:
            hold.armed = True
            delay = hold.until - time.monotonic()
            asyncio.get_running_loop().call_later(max(0.0, delay), self._ring, key)

    def _ring(self, key: str) -> None:
        self.settle(key)
        hold = self._holds.get(key)
        if hold is not None and hold.line:
            hold.armed = False
            self._arm(key, hold)

    def _sweep(self) -> None:
        """Look at the oldest hold at each take, so that vanished holders do not pile up."""
        for oldest in self._holds:
            self.settle(oldest)
            return


def _give_up(future: asyncio.Future[int | None]) -> None:
    if not future.done():
        future.set_result(None)
