"""The two ports of the data tier. SQL is the truth; the hot store can always be rebuilt from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one key until it expires. `fence` grows with every lease (fencing token).

    `value` is None when the key is cold, or when the previous holder vanished (its lease expired without commit
    or release): such a dirty value cannot be trusted, so it is forgotten, to be rebuilt from SQL.
    """

    key: str
    fence: int
    value: bytes | None


class Subscription(Protocol):
    """An endless asynchronous iterator over a channel's payloads."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Itself."""
        ...

    async def __anext__(self) -> bytes:
        """Return the next payload, once there is one."""
        ...

    async def aclose(self) -> None:
        """Unsubscribe; the iteration ends. Works with contextlib.aclosing."""
        ...


class HotStore(Protocol):
    """Bytes with a lease, counters and a bus. Every call raises StoreUnavailable within its own deadline."""

    async def lease(self, key: str, ttl_s: float, wait_s: float) -> Lease | None:
        """Take the key's lease and read its value in one round trip; None when others hold it for `wait_s`.

        Waiters of one process are served in order of arrival; QueueFull when too many wait for the same key.
        """
        ...

    async def renew(self, lease: Lease, ttl_s: float) -> bool:
        """Put off the end of a lease to `ttl_s` from now. False when it was lost."""
        ...

    async def commit(self, lease: Lease, value: bytes, ttl_s: float) -> bool:
        """Write and release in one round trip. False, and nothing written, when the lease ended."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give the lease back without writing."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Read a value without a lease; None when it is cold or dirty."""
        ...

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Write a value without a lease (last writer wins)."""
        ...

    async def delete(self, key: str) -> None:
        """Forget a key and its lease."""
        ...

    async def take(self, key: str, rate: float, burst: float, cost: float = 1.0) -> float:
        """Take `cost` tokens from a bucket of `burst` refilled at `rate`/s. 0.0, or seconds to wait.

        Nothing is taken when there is too little. A cost above `burst` is charged as `burst`.
        """
        ...

    async def publish(self, channel: str, payload: bytes) -> None:
        """Tell all subscribers of a channel, in every process. At most once."""
        ...

    def subscribe(self, channel: str) -> Subscription:
        """Payloads published from now on, until the iterator is closed. A slow reader loses the oldest."""
        ...

    async def ping(self) -> None:
        """Return when the store answers."""
        ...

    async def close(self) -> None:
        """Let go of connections and tasks."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log. (session, position) is unique, and so is (session, seq) where seq is given.

    `kind` is "turn" or "desk"; `fingerprint` tells whether the same seq came with the same words;
    `body` is opaque bytes. `at_ms` is the wall clock in ms since the epoch. The remaining columns exist to be
    queried by people: they hold names and numbers, never text.
    """

    tenant: str
    session: str
    position: int
    kind: str
    at_ms: int
    body: bytes
    seq: int | None = None
    turn_id: str | None = None
    fingerprint: str = ""
    source: str = ""
    intents: str = ""
    emotion: str = ""
    latency_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Rating:
    """One piece of feedback; `comment` is masked."""

    tenant: str
    session: str
    turn_id: str | None
    csat: int
    comment: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One conversation in the desk's queue, or taken by an agent."""

    tenant: str
    session: str
    state: str
    reason: str
    summary: str
    tier: str
    agent: str | None
    since_ms: int


class Log(Protocol):
    """The truth, in SQL. `append` returns only when the entries are durable."""

    async def append(self, entry: Entry) -> None:
        """Make one entry durable; concurrent callers share a group commit.

        Raises VersionClash when (session, position) or (session, seq) is taken, StoreUnavailable when SQL is.
        One caller's clash never fails its batch-mates.
        """
        ...

    async def read(
        self, tenant: str, session: str, after: int = -1, limit: int = 1000
    ) -> Sequence[Entry]:
        """Entries of a session with position > after, in order."""
        ...

    async def find(self, tenant: str, session: str, seq: int) -> Entry | None:
        """The entry of (session, seq)."""
        ...

    async def rate(self, rating: Rating) -> None:
        """Keep a piece of feedback."""
        ...

    async def wait(self, waiting: Waiting) -> None:
        """Insert or update the session's row in the desk queue."""
        ...

    async def waiting(self, tenant: str, limit: int = 200) -> Sequence[Waiting]:
        """The desk queue: VIP first, then the longest wait; state "queued" or "human"."""
        ...

    async def leave(self, tenant: str, session: str) -> None:
        """Take the session out of the desk queue."""
        ...

    async def forget(self, tenant: str, session: str) -> None:
        """Erase a conversation with its ratings and queue row (PIPL Art. 47)."""
        ...

    async def ping(self) -> None:
        """Return when SQL answers."""
        ...

    async def close(self) -> None:
        """Flush what waits and let go of connections."""
        ...
