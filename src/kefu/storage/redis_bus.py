"""The bus over Redis: one shared subscription per process, opened when the first reader comes.

Readers of the publishing process are served at once and without Redis; the others get the payload through
it, each marked with its origin so that no process hears its own echo.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from kefu.storage import keys
from kefu.storage.bus import Bus, LocalSubscription

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

ORIGIN_BYTES = 8
PAUSE_S = (0.05, 2.0)
"""First and longest pause before listening again after a loss."""

log = logging.getLogger(__name__)


class RedisBus:
    """Delivers what other processes publish to the readers of this one."""

    def __init__(self, pubsub: Callable[[], PubSub]) -> None:
        self._open = pubsub
        self._origin = secrets.token_bytes(ORIGIN_BYTES)
        self._changed = asyncio.Event()
        self._bus = Bus(self._changed.set)
        self._listener: asyncio.Task[None] | None = None

    def subscribe(self, channel: str) -> LocalSubscription:
        """Register a reader; from other processes it hears once Redis knows of it."""
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="kefu-redis-bus")
        return self._bus.subscribe(channel)

    def wrap(self, channel: str, payload: bytes) -> bytes:
        """Serve the readers of this process; return what to send to the others."""
        self._bus.deliver(channel, payload)
        return self._origin + payload

    async def close(self) -> None:
        """End all iterations and stop listening."""
        self._bus.close()
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])

    async def _listen(self) -> None:
        """Listen for ever; after a loss pause, longer each time, and subscribe to everything again."""
        pause = PAUSE_S[0]
        while True:
            pubsub = self._open()
            try:
                await pubsub.subscribe(keys.IDLE_CHANNEL)
                pause = PAUSE_S[0]
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._follow(pubsub))
                    both.create_task(self._receive(pubsub))
            except* Exception as lost:  # noqa: BLE001 - whatever it was, readers must hear again
                log.warning("the bus lost Redis: %s", type(lost.exceptions[0]).__name__)
            finally:
                await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
            await asyncio.sleep(pause)
            pause = min(2 * pause, PAUSE_S[1])

    async def _follow(self, pubsub: PubSub) -> None:
        """Keep the subscription equal to the channels that have readers."""
        known: set[str] = set()
        while True:
            self._changed.clear()
            wanted = self._bus.channels()
            if new := wanted - known:
                await pubsub.subscribe(*map(keys.channel, new))
            if gone := known - wanted:
                await pubsub.unsubscribe(*map(keys.channel, gone))
            known = wanted
            await self._changed.wait()

    async def _receive(self, pubsub: PubSub) -> None:
        prefix = len(keys.channel(""))
        while True:
            message = await pubsub.get_message(timeout=None)
            if message is not None and message["type"] == "message":
                origin, payload = message["data"][:ORIGIN_BYTES], message["data"][ORIGIN_BYTES:]
                if origin != self._origin:
                    self._bus.deliver(message["channel"].decode()[prefix:], payload)
