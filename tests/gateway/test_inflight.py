"""Turns outlive their clients, and the service waits for them."""

from __future__ import annotations

import asyncio

import pytest

from kefu.errors import Overloaded
from kefu.gateway.inflight import Inflight


async def test_the_last_turns_are_waited_for_and_new_ones_refused() -> None:
    inflight, gate = Inflight(drain_s=5.0), asyncio.Event()

    async def turn() -> str:
        with inflight:
            await gate.wait()
            return "done"

    running = inflight.start(turn())
    await asyncio.sleep(0)
    draining = asyncio.create_task(inflight.drain())
    await asyncio.sleep(0)
    with pytest.raises(Overloaded), inflight:
        pass
    gate.set()
    assert await draining
    assert await running == "done"


async def test_what_does_not_end_in_time_is_cancelled_and_told() -> None:
    inflight, outcomes = Inflight(drain_s=0.01), list[object]()

    async def stuck() -> None:
        with inflight:
            await asyncio.Event().wait()

    inflight.hand_over(stuck(), outcomes.append)
    await asyncio.sleep(0)
    assert not await inflight.drain()
    await asyncio.sleep(0)
    assert isinstance(outcomes[0], Overloaded)
    assert inflight.running == 0


async def test_results_and_errors_are_handed_on() -> None:
    inflight, outcomes = Inflight(), list[object]()
    told = asyncio.Event()

    async def work(error: Exception | None) -> int:
        if error:
            raise error
        return 7

    def then(outcome: object) -> None:
        outcomes.append(outcome)
        if len(outcomes) == 2:
            told.set()

    error = ValueError("x")
    inflight.hand_over(work(None), then)
    inflight.hand_over(work(error), then)
    await asyncio.wait_for(told.wait(), 5)
    assert outcomes == [7, error]
