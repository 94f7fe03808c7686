"""Server-sent events: a turn writes into the pipe, its client reads at its own pace."""

from __future__ import annotations

import asyncio
from collections import deque

from starlette.types import Receive, Send

from kefu.gateway import sending

HEARTBEAT_S = 15.0
STALLED_S = 30.0
MOST_BYTES = 256 * 1024

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def event(kind: str, data: bytes) -> bytes:
    """One server-sent event; JSON has no line breaks of its own."""
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"


class Pipe:
    """A bounded queue of events between a turn and one response.

    The turn never waits for the client. A client that falls MOST_BYTES behind, or takes nothing for
    STALLED_S, is let go; its turn is finished without it.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._events: deque[bytes] = deque()
        self._bytes = 0
        self._most = most
        self._news = asyncio.Event()
        self._ended = False
        self._lost = False
        self._error: Exception | None = None

    def put(self, event: bytes) -> None:
        """Write an event."""
        if self._lost:
            return
        self._events.append(event)
        self._bytes += len(event)
        if self._bytes > self._most:
            self._lost = True
            self._events.clear()
        self._news.set()

    def end(self, error: Exception | None = None) -> None:
        """No more events; `error` is told as a plain answer if no event was written before."""
        self._error = error
        self._ended = True
        self._news.set()

    async def pour(self, receive: Receive, send: Send) -> Exception | None:
        """Send events until the end. Returns the error when nothing was sent at all."""
        await self._news.wait()
        if self._error is not None and not self._events:
            return self._error
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        try:
            async with asyncio.timeout(None) as patience:
                while await self._more(send, patience):
                    pass
        except TimeoutError:
            self._lost = True
        if not self._lost:
            await send({"type": "http.response.body", "body": b""})
        return None

    async def _more(self, send: Send, patience: asyncio.Timeout) -> bool:
        if self._lost:
            return False
        chunk = self._take() or (b"" if self._ended else await self._wait())
        if not chunk:
            return False
        patience.reschedule(asyncio.get_running_loop().time() + STALLED_S)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        patience.reschedule(None)
        return True

    async def _wait(self) -> bytes:
        self._news.clear()
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._news.wait()
        except TimeoutError:
            return b": waiting\n\n"
        return self._take()

    def _take(self) -> bytes:
        chunk = b"".join(self._events)
        self._events.clear()
        self._bytes = 0
        return chunk


async def pour_or_tell(pipe: Pipe, receive: Receive, send: Send) -> None:
    """Stream the pipe, or tell the problem when the turn failed before its first event."""
    error = await pipe.pour(receive, send)
    if error is not None:
        await sending.problem(receive, send, error)
