"""One item on its way, and all who wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from math import inf
from typing import Generic, TypeVar

from kefu.deadline import Deadline
from kefu.errors import DeadlineExceeded

In = TypeVar("In")
Out = TypeVar("Out")


class Job(Generic[In, Out]):
    """An item, and one future for each caller: they share the work, and neither cancellation nor deadline."""

    __slots__ = ("_callers", "item", "key", "order", "priority", "queued", "since", "size")

    def __init__(
        self, item: In, size: int, key: Hashable, priority: float, order: int, since: float
    ) -> None:
        self.item = item
        self.size = size
        self.key = key
        self.priority = priority
        self.order = order
        self.since = since
        self.queued = False
        self._callers: dict[asyncio.Future[Out], float] = {}

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        return bool(self._callers)

    @property
    def until(self) -> float:
        """The first deadline of those who wait, on the monotonic clock."""
        return min(self._callers.values(), default=inf)

    def add(self, deadline: Deadline | None) -> asyncio.Future[Out]:
        """One more caller."""
        future: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._callers[future] = deadline.at if deadline else inf
        return future

    def remove(self, future: asyncio.Future[Out]) -> None:
        """A caller left."""
        self._callers.pop(future, None)

    def refuse(self, future: asyncio.Future[Out]) -> None:
        """Tell a caller that its deadline passed."""
        self.remove(future)
        if not future.done():
            future.set_exception(
                DeadlineExceeded("the time was spent before the batch was through")
            )

    def refuse_late(self, now: float) -> None:
        """Tell all callers whose deadline has passed."""
        for future in [future for future, at in self._callers.items() if at <= now]:
            self.refuse(future)

    def answer(self, result: Out | Exception) -> None:
        """Give each caller the result, or raise the error to it."""
        for future in self._callers:
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
        self._callers.clear()
