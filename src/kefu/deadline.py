"""One monotonic time budget per turn, handed down to every step."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from kefu.errors import DeadlineExceeded


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock.

    >>> Deadline.after(2.0).remaining() <= 2.0
    True
    """

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline `seconds` from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at - time.monotonic())

    def sooner(self, seconds: float) -> Deadline:
        """This deadline, or `seconds` from now if that comes first."""
        return Deadline(min(self.at, time.monotonic() + seconds))

    def check(self) -> None:
        """Raise DeadlineExceeded when nothing is left."""
        if time.monotonic() >= self.at:
            raise DeadlineExceeded("the turn's time is spent")

    def timeout(self) -> asyncio.Timeout:
        """An `async with` block that ends at this deadline with TimeoutError."""
        loop = asyncio.get_running_loop()
        return asyncio.timeout_at(loop.time() + self.remaining())
