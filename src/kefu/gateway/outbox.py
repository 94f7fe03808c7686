"""What waits to be written to one socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import Send

from kefu.gateway.inflight import Inflight

MOST_BYTES = 256 * 1024


class Outbox:
    """A bounded queue of frames in front of a socket; a writer runs only while there is something to write.

    `lost` is called once when the reader fell MOST_BYTES behind, or the socket broke.
    """

    __slots__ = ("_bytes", "_frames", "_inflight", "_lost", "_most", "_send", "_writer")

    def __init__(
        self, send: Send, inflight: Inflight, lost: Callable[[], None], most: int = MOST_BYTES
    ) -> None:
        self._send = send
        self._inflight = inflight
        self._lost: Callable[[], None] | None = lost
        self._most = most
        self._frames: list[bytes] = []
        self._bytes = 0
        self._writer: asyncio.Task[None] | None = None

    def put(self, frame: bytes) -> None:
        """Queue a frame; never waits."""
        if self._lost is None:
            return
        self._frames.append(frame)
        self._bytes += len(frame)
        if self._bytes > self._most:
            self._lose()
        elif self._writer is None:
            self._writer = self._inflight.start(self._write())

    async def flush(self, seconds: float) -> None:
        """Wait until what is queued is written, but not longer than `seconds`."""
        if self._writer is not None:
            await asyncio.wait((self._writer,), timeout=seconds)

    def close(self) -> None:
        """Write no more."""
        self._lost = None
        self._frames.clear()
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        try:
            while self._frames:
                frames, self._frames = self._frames, []
                for frame in frames:
                    await self._send({"type": "websocket.send", "text": frame.decode()})
                    self._bytes -= len(frame)
        except (OSError, RuntimeError):
            self._lose()
        finally:
            self._writer = None

    def _lose(self) -> None:
        lost, self._lost = self._lost, None
        self._frames.clear()
        if lost is not None:
            lost()
