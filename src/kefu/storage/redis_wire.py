"""Commands on their way to Redis: every call has a deadline, every foreign error becomes StoreUnavailable.

One server: callers share pipelines (batching.py), so a hundred waiting turns cost one round trip, and a
cancelled caller cannot leave a half-read connection behind: the batcher's worker owns it.
A cluster: each call goes alone, for one dead node must not take the commands for the others with it.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError, ResponseError

from kefu.batching import Batcher
from kefu.errors import Overloaded, StoreUnavailable
from kefu.storage.scripts import SCRIPTS, TEXTS

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub
    from redis.asyncio.connection import AbstractConnection

CLUSTER = "redis+cluster://"
FAILURES = (RedisError, RedisClusterException, OSError, TimeoutError)
"""What the client raises when Redis is away, slow, full, or says no."""

PATIENT: dict[str, Any] = {"socket_timeout": None, "socket_connect_timeout": None}
"""The client's own timeouts cost CPU and are not deadlines; ours is around every call."""

Command = tuple[Any, ...]


class Wire(ABC):
    """Runs commands and scripts, each within `deadline_s`."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s

    async def run(self, name: str, key: str, *args: Any) -> Any:
        """Run a script over one key."""
        return await self.call("EVALSHA", SCRIPTS[name].sha, 1, key, *args)

    async def call(self, *command: Any) -> Any:
        """Run a command. Raises StoreUnavailable."""
        return await within(self._deadline_s, lambda: self._send(command))

    @abstractmethod
    async def _send(self, command: Command) -> Any: ...

    @abstractmethod
    def post(self, name: str, key: str, *args: Any) -> None:
        """Run a script after all that was sent before, waiting for nothing and raising nothing."""

    @abstractmethod
    def pubsub(self) -> PubSub:
        """Open a connection that listens."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of the connections."""


class ServerWire(Wire):
    """To one server (or whatever answers for one: Sentinel's or a vendor's address)."""

    def __init__(self, url: str, deadline_s: float, max_waiting: int = 8192) -> None:
        super().__init__(deadline_s)
        self._client: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **PATIENT)
        self._batcher: Batcher[Command, Any] = Batcher(
            self._pipeline, max_batch=256, max_waiting=max_waiting
        )

    def post(self, name: str, key: str, *args: Any) -> None:
        """See Wire.post."""
        try:
            self._batcher.post(("EVALSHA", SCRIPTS[name].sha, 1, key, *args))
        except Overloaded:
            return  # the lease's ttl does the same, later

    def pubsub(self) -> PubSub:
        """See Wire.pubsub."""
        return self._client.pubsub(ignore_subscribe_messages=True)

    async def close(self) -> None:
        """See Wire.close."""
        await self._batcher.close(within_s=self._deadline_s)
        await self._client.aclose()

    async def _send(self, command: Command) -> Any:
        return await self._batcher.submit(command)

    async def _pipeline(self, commands: list[Command]) -> list[Any]:
        async with asyncio.timeout(self._deadline_s):
            results = await self._execute(commands)
            unknown = [n for n, result in enumerate(results) if isinstance(result, NoScriptError)]
            if unknown:
                again = await self._execute([_spelt_out(commands[n]) for n in unknown])
                for n, result in zip(unknown, again, strict=True):
                    results[n] = result
        return results

    async def _execute(self, commands: list[Command]) -> list[Any]:
        """Send all, then read all. Without redis-py's Pipeline, whose bookkeeping costs 2-3 times the CPU."""
        pool = self._client.connection_pool
        connection: AbstractConnection = await pool.get_connection()  # type: ignore[no-untyped-call]  # redis-py has it untyped
        try:
            await connection.send_packed_command(connection.pack_commands(commands))
            return [await _answer(connection) for _ in commands]
        except BaseException:
            # Answers may still be on their way: nobody else shall read them.
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)


class ClusterWire(Wire):
    """To a Redis Cluster; the key's braces choose the node."""

    def __init__(self, url: str, deadline_s: float, max_posts: int = 256) -> None:
        super().__init__(deadline_s)
        # Two tries, for a node that has just handed its slots over; the deadline is around both.
        self._client = RedisCluster.from_url(url, retry=Retry(NoBackoff(), 2), **PATIENT)
        self._posts: set[asyncio.Task[None]] = set()
        self._max_posts = max_posts

    def post(self, name: str, key: str, *args: Any) -> None:
        """See Wire.post."""
        if len(self._posts) < self._max_posts:
            task = asyncio.create_task(self._quietly(name, key, *args))
            self._posts.add(task)
            task.add_done_callback(self._posts.discard)

    def pubsub(self) -> PubSub:
        """See Wire.pubsub. Any node will do: a cluster passes messages on to all of them."""
        return self._client.pubsub(ignore_subscribe_messages=True)

    async def close(self) -> None:
        """See Wire.close."""
        if self._posts:
            await asyncio.wait(self._posts, timeout=self._deadline_s)
        await self._client.aclose()

    async def _send(self, command: Command) -> Any:
        try:
            return await self._client.execute_command(*command)
        except NoScriptError:
            return await self._client.execute_command(*_spelt_out(command))

    async def _quietly(self, name: str, key: str, *args: Any) -> None:
        try:
            await self.run(name, key, *args)
        except StoreUnavailable:
            return


def connect(url: str, deadline_s: float) -> Wire:
    """Make the wire for redis://, rediss:// or redis+cluster://; nothing is sent yet."""
    if url.startswith(CLUSTER):
        return ClusterWire(f"redis://{url.removeprefix(CLUSTER)}", deadline_s)
    return ServerWire(url, deadline_s)


async def within(deadline_s: float, work: Callable[[], Awaitable[Any]]) -> Any:
    """Await work() for at most `deadline_s`; raise StoreUnavailable from whatever went wrong."""
    try:
        async with asyncio.timeout(deadline_s):
            return await work()
    except (*FAILURES, Overloaded) as error:
        # The class only: messages of the client quote keys and addresses.
        raise StoreUnavailable(f"Redis: {type(error).__name__}") from error


def _spelt_out(command: Command) -> Command:
    """EVALSHA as EVAL."""
    _, sha, *rest = command
    return ("EVAL", TEXTS[sha], *rest)


async def _answer(connection: AbstractConnection) -> Any:
    """One answer, or Redis' refusal of this one command as a value; anything else raises."""
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal
