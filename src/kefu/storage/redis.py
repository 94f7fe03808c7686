"""The hot store in Redis, shared by all workers. Keys: keys.py; scripts: lua/; commands: redis_wire.py."""

from __future__ import annotations

import asyncio
import secrets
import time
from itertools import count
from typing import Any

from kefu.storage import keys
from kefu.storage.base import Lease
from kefu.storage.bus import LocalSubscription
from kefu.storage.leases import MAX_WAITERS, Leases
from kefu.storage.redis_bus import RedisBus
from kefu.storage.redis_wire import connect

POLL_S = (0.002, 0.025)
"""First and longest pause between two looks at a lease that another process holds."""


class RedisStore:
    """A HotStore over redis://, rediss:// or redis+cluster://. Connects at the first call.

    Callers of one process queue up in the process (`max_waiters` for one key, QueueFull beyond) and only the
    first of them asks Redis, so many waiters cost no more round trips than one.
    Every call raises StoreUnavailable after at most `deadline_s` without an answer.
    """

    def __init__(self, url: str, deadline_s: float = 0.25, max_waiters: int = MAX_WAITERS) -> None:
        self._wire = connect(url, deadline_s)
        self._bus = RedisBus(self._wire.pubsub)
        self._turns = Leases(self._forget, max_waiters)
        self._tickets: dict[str, tuple[int, int]] = {}
        self._name = secrets.token_hex(6)
        self._calls = count(1)

    async def lease(self, key: str, ttl_s: float, wait_s: float) -> Lease | None:
        """See HotStore.lease."""
        until = time.monotonic() + wait_s
        turn = self._turns.take(key, ttl_s + wait_s)
        if turn is None and wait_s > 0:
            turn = await self._turns.wait(key, ttl_s + wait_s, wait_s)
        if turn is None:
            return None
        lease = None
        try:
            lease = await self._poll(key, ttl_s, until)
        finally:
            if lease is None:
                self._turns.give_back(key, turn)
        if lease is not None:
            self._tickets[key] = (lease.fence, turn)
        return lease

    async def renew(self, lease: Lease, ttl_s: float) -> bool:
        """See HotStore.renew."""
        fence, turn = self._tickets.get(lease.key, (0, 0))
        if fence == lease.fence:
            self._turns.renew(lease.key, turn, ttl_s)
        return bool(await self._wire.run("renew", keys.hot(lease.key), lease.fence, _ms(ttl_s)))

    async def commit(self, lease: Lease, value: bytes, ttl_s: float) -> bool:
        """See HotStore.commit."""
        try:
            key = keys.hot(lease.key)
            return bool(await self._wire.run("commit", key, lease.fence, value, _ms(ttl_s)))
        finally:
            self._next(lease)

    async def release(self, lease: Lease) -> None:
        """See HotStore.release."""
        try:
            await self._wire.run("release", keys.hot(lease.key), lease.fence)
        finally:
            self._next(lease)

    async def get(self, key: str) -> bytes | None:
        """See HotStore.get."""
        value: bytes | None = await self._wire.run("get", keys.hot(key))
        return value

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """See HotStore.put."""
        await self._wire.run("put", keys.hot(key), value, _ms(ttl_s))

    async def delete(self, key: str) -> None:
        """See HotStore.delete."""
        await self._wire.call("DEL", keys.hot(key))
        self._turns.drop(key)
        self._forget(key)

    async def take(self, key: str, rate: float, burst: float, cost: float = 1.0) -> float:
        """See HotStore.take."""
        return float(await self._wire.run("take", keys.bucket(key), rate, burst, cost))

    async def publish(self, channel: str, payload: bytes) -> None:
        """See HotStore.publish. Readers of this process are served even when Redis is away."""
        await self._wire.call("PUBLISH", keys.channel(channel), self._bus.wrap(channel, payload))

    def subscribe(self, channel: str) -> LocalSubscription:
        """See HotStore.subscribe. Needs a running loop."""
        return self._bus.subscribe(channel)

    async def ping(self) -> None:
        """See HotStore.ping."""
        await self._wire.call("PING")

    async def close(self) -> None:
        """Stop listening, finish what is on its way, disconnect."""
        await self._bus.close()
        await self._wire.close()

    async def _poll(self, key: str, ttl_s: float, until: float) -> Lease | None:
        """Ask for the lease until it is ours or the time is up."""
        pause = POLL_S[0]
        while True:
            fence, found = await self._ask(key, ttl_s)
            if fence:
                return Lease(key, fence, found)
            left = until - time.monotonic()
            if left <= 0:
                return None
            await asyncio.sleep(min(pause, left, found / 1000 + 0.001))
            pause = min(2 * pause, POLL_S[1])

    async def _ask(self, key: str, ttl_s: float) -> tuple[int, Any]:
        """One look. A caller that leaves before the answer gives the lease back, should it have got it."""
        owner = f"{self._name}:{next(self._calls)}"
        answered = False
        try:
            fence, found = await self._wire.run("lease", keys.hot(key), owner, _ms(ttl_s))
            answered = True
        finally:
            if not answered:
                self._wire.post("release", keys.hot(key), owner)
        return fence, found

    def _next(self, lease: Lease) -> None:
        """Let the next caller of this process ask, if this lease is the one that made it wait."""
        fence, turn = self._tickets.get(lease.key, (0, 0))
        if fence == lease.fence:
            del self._tickets[lease.key]
            self._turns.give_back(lease.key, turn)

    def _forget(self, key: str) -> None:
        self._tickets.pop(key, None)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
