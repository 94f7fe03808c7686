"""Turns outlive their clients, and the service waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import replace

import pytest

from gateway_twin import Twin
from kefu.errors import Overloaded
from kefu.gateway.asgi import Gate, build
from kefu.gateway.inflight import Inflight
from kefu.gateway.limits import Limits
from kefu.gateway.service import Listener
from kefu.messages import Message, Turn
from kefu.storage.memory import MemoryStore


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


async def test_who_wants_to_know_is_given_the_count_of_turns_under_way() -> None:
    gauges: list[Callable[[], float]] = []
    seen: list[float] = []
    service = Twin().service()

    class Counting:
        async def respond(self, message: Message, listener: Listener) -> Turn:
            seen.append(gauges[0]())
            return await service.turns.respond(message, listener)

        def __getattr__(self, name: str) -> object:
            return getattr(service.turns, name)

    counted = replace(service, turns=Counting(), gauge=gauges.append)  # type: ignore[arg-type]  # a spy
    app = build(counted, Gate(limits=Limits(enabled=False)), MemoryStore())
    body = b'{"session_id":"s","text":"hello"}'
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat",
        "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, object]) -> None:
        seen.append(message.get("status", 200))  # type: ignore[arg-type]  # a status

    await app(scope, receive, send)
    assert seen == [1, 200, 200]
    assert gauges[0]() == 0
