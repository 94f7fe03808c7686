"""The hot store inside one process: nothing to install, nothing shared."""

from __future__ import annotations

import time
from collections import OrderedDict

from kefu.storage.base import Lease
from kefu.storage.buckets import Buckets
from kefu.storage.bus import Bus, LocalSubscription
from kefu.storage.leases import MAX_WAITERS, Leases


class MemoryStore:
    """A HotStore in dictionaries. Beyond `max_entries` the least recently used value goes cold.

    At most `max_waiters` callers wait for one key; one more gets QueueFull.
    """

    def __init__(self, max_entries: int = 100_000, max_waiters: int = MAX_WAITERS) -> None:
        self._max_entries = max_entries
        self._values: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._leases = Leases(self._distrust, max_waiters)
        self._buckets = Buckets(max_entries)
        self._bus = Bus()

    def __len__(self) -> int:
        """Values kept, expired ones that nobody asked for included."""
        return len(self._values)

    async def lease(self, key: str, ttl_s: float, wait_s: float) -> Lease | None:
        """See HotStore.lease."""
        fence = self._leases.take(key, ttl_s)
        if fence is None and wait_s > 0:
            fence = await self._leases.wait(key, ttl_s, wait_s)
        return None if fence is None else Lease(key, fence, self._read(key))

    async def renew(self, lease: Lease, ttl_s: float) -> bool:
        """See HotStore.renew."""
        return self._leases.renew(lease.key, lease.fence, ttl_s)

    async def commit(self, lease: Lease, value: bytes, ttl_s: float) -> bool:
        """See HotStore.commit."""
        if not self._leases.holds(lease.key, lease.fence):
            return False
        self._write(lease.key, value, ttl_s)
        return self._leases.give_back(lease.key, lease.fence)

    async def release(self, lease: Lease) -> None:
        """See HotStore.release."""
        self._leases.give_back(lease.key, lease.fence)

    async def get(self, key: str) -> bytes | None:
        """See HotStore.get."""
        self._leases.settle(key)
        return self._read(key)

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """See HotStore.put."""
        self._leases.settle(key)
        self._write(key, value, ttl_s)

    async def delete(self, key: str) -> None:
        """See HotStore.delete."""
        self._values.pop(key, None)
        self._leases.drop(key)

    async def take(self, key: str, rate: float, burst: float, cost: float = 1.0) -> float:
        """See HotStore.take."""
        return self._buckets.take(key, rate, burst, cost)

    async def publish(self, channel: str, payload: bytes) -> None:
        """See HotStore.publish."""
        self._bus.deliver(channel, payload)

    def subscribe(self, channel: str) -> LocalSubscription:
        """See HotStore.subscribe."""
        return self._bus.subscribe(channel)

    async def ping(self) -> None:
        """See HotStore.ping."""

    async def close(self) -> None:
        """End all subscriptions and forget everything."""
        self._bus.close()
        self._values.clear()

    def _read(self, key: str) -> bytes | None:
        found = self._values.get(key)
        if found is None:
            return None
        if time.monotonic() >= found[1]:
            del self._values[key]
            return None
        self._values.move_to_end(key)
        return found[0]

    def _write(self, key: str, value: bytes, ttl_s: float) -> None:
        self._values[key] = (value, time.monotonic() + ttl_s)
        self._values.move_to_end(key)
        if len(self._values) > self._max_entries:
            self._values.popitem(last=False)

    def _distrust(self, key: str) -> None:
        self._values.pop(key, None)
