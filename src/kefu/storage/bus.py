"""Publish and subscribe inside one process: bounded queues, a slow reader loses the oldest."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

BOUND = 256
"""Payloads kept for one slow reader."""


class LocalSubscription:
    """One reader of one channel. Registered from its making until `aclose`."""

    def __init__(self, leave: Callable[[LocalSubscription], None], bound: int) -> None:
        self._leave = leave
        self._queue: deque[bytes] = deque(maxlen=bound)
        self._filled = asyncio.Event()
        self._closed = False

    def __aiter__(self) -> LocalSubscription:
        """Itself."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next payload; ends once closed and drained."""
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()

    async def aclose(self) -> None:
        """Unsubscribe."""
        self.end()

    def offer(self, payload: bytes) -> None:
        """Queue a payload, pushing the oldest out when full."""
        self._queue.append(payload)
        self._filled.set()

    def end(self) -> None:
        """Let the iteration end."""
        self._closed = True
        self._filled.set()
        self._leave(self)


class Bus:
    """Channels and who reads them. `changed` is told when a channel gets its first or loses its last reader."""

    def __init__(self, changed: Callable[[], None] | None = None, bound: int = BOUND) -> None:
        self._readers: dict[str, set[LocalSubscription]] = {}
        self._changed = changed
        self._bound = bound

    def channels(self) -> set[str]:
        """Channels with at least one reader."""
        return set(self._readers)

    def subscribe(self, channel: str) -> LocalSubscription:
        """Register a reader, now."""
        reader = LocalSubscription(lambda gone: self._leave(channel, gone), self._bound)
        readers = self._readers.setdefault(channel, set())
        readers.add(reader)
        if len(readers) == 1:
            self._tell()
        return reader

    def deliver(self, channel: str, payload: bytes) -> None:
        """Hand a payload to every reader of the channel."""
        for reader in self._readers.get(channel, ()):
            reader.offer(payload)

    def close(self) -> None:
        """End every iteration."""
        for readers in list(self._readers.values()):
            for reader in list(readers):
                reader.end()

    def _leave(self, channel: str, reader: LocalSubscription) -> None:
        readers = self._readers.get(channel, set())
        readers.discard(reader)
        if not readers and self._readers.pop(channel, None) is not None:
            self._tell()

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed()
