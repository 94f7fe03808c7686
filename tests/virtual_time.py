"""An event loop whose clock jumps to the next timer, so that waits are exact and take no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar
from unittest.mock import patch

Result = TypeVar("Result")


class _Jump(selectors.SelectSelector):
    """Never waits: it moves the clock on instead. Waiting for ever is a hang, and an error."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("everything waits and no timer is set: a hang")
        self.now += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run(scene: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` in virtual time; `time.monotonic` and `loop.time` are the same clock."""
    with (
        asyncio.Runner(loop_factory=_Loop) as runner,
        patch("time.monotonic", runner.get_loop().time),
    ):
        return runner.run(scene)
