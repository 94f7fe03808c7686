"""The pipe between a turn and one response."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway_served import until
from kefu.errors import Conflict
from kefu.gateway.pipe import Pipe, event


class Wire:
    """An ASGI `send` that remembers; `stuck` makes it wait for ever."""

    def __init__(self, stuck: bool = False) -> None:
        self.messages: list[Any] = []
        self.stuck = stuck
        self.news = asyncio.Event()

    async def send(self, message: Any) -> None:
        """Remember."""
        self.messages.append(message)
        self.news.set()
        if self.stuck and message["type"] == "http.response.body":
            await asyncio.Event().wait()

    @property
    def body(self) -> bytes:
        """All that was sent."""
        return b"".join(message.get("body", b"") for message in self.messages)


async def _receive() -> Any:
    return {"type": "http.disconnect"}


async def test_events_are_sent_in_order_until_the_end() -> None:
    pipe, wire = Pipe(), Wire()
    pouring = asyncio.create_task(pipe.pour(_receive, wire.send))
    pipe.put(event("a", b"1"))
    await wire.news.wait()
    pipe.put(event("b", b"2"))
    pipe.end()
    assert await pouring is None
    assert wire.body == b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n"
    assert not wire.messages[-1].get("more_body", False)


async def test_an_error_before_the_first_event_is_handed_back() -> None:
    pipe, wire = Pipe(), Wire()
    error = Conflict("x")
    pipe.end(error)
    assert await pipe.pour(_receive, wire.send) is error
    assert wire.messages == []


async def test_a_client_that_falls_behind_is_let_go() -> None:
    pipe, wire = Pipe(most=10), Wire()
    pipe.put(b"x" * 11)
    pipe.put(b"more")
    assert await pipe.pour(_receive, wire.send) is None
    assert wire.body == b""
    assert wire.messages[-1]["type"] == "http.response.start"


async def test_a_client_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kefu.gateway.pipe.STALLED_S", 0.01)
    pipe, wire = Pipe(), Wire(stuck=True)
    pipe.put(b"x")
    assert await pipe.pour(_receive, wire.send) is None
    assert len(wire.messages) == 2


async def test_a_long_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kefu.gateway.pipe.HEARTBEAT_S", 0.01)
    pipe, wire = Pipe(), Wire()
    pipe.put(b"first\n\n")
    pouring = asyncio.create_task(pipe.pour(_receive, wire.send))
    await until(lambda: b": waiting" in wire.body)
    pipe.put(b"last\n\n")
    pipe.end()
    await pouring
    assert wire.body.endswith(b"last\n\n")
