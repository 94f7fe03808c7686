"""Commands on their way to Redis: every call has a deadline, every foreign error becomes StoreUnavailable."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AskError, TryAgainError
from redis.maint_notifications import MaintNotificationsConfig

from kefu.errors import Overloaded, StoreUnavailable
from kefu.storage.redis_pipe import FAILURES, Command, Pipe, spelt_out
from kefu.storage.scripts import SCRIPTS

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

CLUSTER = "redis+cluster://"
LEARN_S = 1.0
"""Least time between two looks at a cluster's map after a node failed."""
OPTIONS: dict[str, Any] = {
    # The client's own timeouts cost CPU and are not deadlines; ours is around every call.
    "socket_timeout": None,
    "socket_connect_timeout": None,
    # Else each new connection looks the client's version up on disk, on the event loop.
    "driver_info": None,
    # While they are on, redis-py hands out connections that the server closed long ago.
    "maint_notifications_config": MaintNotificationsConfig(enabled=False),
}


class Wire(ABC):
    """Runs commands and scripts, each within `deadline_s`."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s

    async def run(self, name: str, key: str, *args: Any) -> Any:
        """Run a script over one key."""
        return await self.call("EVALSHA", SCRIPTS[name].sha, 1, key, *args)

    async def call(self, *command: Any) -> Any:
        """Run a command. Raises StoreUnavailable."""
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._send(command)
        except (*FAILURES, Overloaded) as error:
            # The class only: the client's messages quote keys and addresses.
            raise StoreUnavailable(f"Redis: {type(error).__name__}") from error

    def post(self, name: str, key: str, *args: Any) -> None:
        """Run a script after all that was sent for the key before, waiting for nothing, raising nothing."""
        self._post(("EVALSHA", SCRIPTS[name].sha, 1, key, *args))

    @abstractmethod
    def pubsub(self) -> PubSub:
        """Make a connection that listens."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what is on its way and disconnect."""

    @abstractmethod
    async def _send(self, command: Command) -> Any: ...

    @abstractmethod
    def _post(self, command: Command) -> None: ...


class ServerWire(Wire):
    """To one server, or to whatever answers for one."""

    def __init__(self, url: str, deadline_s: float) -> None:
        super().__init__(deadline_s)
        client = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **OPTIONS)
        self._pipe = Pipe(client, deadline_s)

    def pubsub(self) -> PubSub:
        """See Wire.pubsub."""
        return self._pipe.client.pubsub(ignore_subscribe_messages=True)

    async def close(self) -> None:
        """See Wire.close."""
        await self._pipe.close()

    async def _send(self, command: Command) -> Any:
        return await self._pipe.send(command)

    def _post(self, command: Command) -> None:
        self._pipe.post(command)


class ClusterWire(Wire):
    """To a Redis Cluster: one pipe per node, the key's braces choose which.

    redis-py's cluster client keeps the map of the slots and follows redirections. It is not on the usual way:
    one broken connection makes it close all others, under callers who have nothing to do with it.
    """

    def __init__(self, url: str, deadline_s: float) -> None:
        super().__init__(deadline_s)
        self._url = url
        self._client = RedisCluster.from_url(url, retry=Retry(NoBackoff(), 2), **OPTIONS)
        self._pipes: dict[tuple[str, int], Pipe] = {}
        self._learning: asyncio.Task[None] | None = None

    def pubsub(self) -> PubSub:
        """See Wire.pubsub. Any node will do: a cluster passes messages on to all of them."""
        return self._client.pubsub(ignore_subscribe_messages=True)

    async def close(self) -> None:
        """See Wire.close."""
        if self._learning is not None:
            self._learning.cancel()
        await asyncio.gather(*(pipe.close() for pipe in self._pipes.values()))
        await self._client.aclose()

    async def _send(self, command: Command) -> Any:
        _ = await self._client.initialize()
        try:
            return await self._pipe_for(command).send(command)
        except (AskError, TryAgainError):
            # The slot has moved, or is moving. The client follows, and remembers.
            return await self._client.execute_command(*spelt_out(command))
        except FAILURES:
            self._learn()
            raise

    def _post(self, command: Command) -> None:
        with contextlib.suppress(StoreUnavailable, *FAILURES):
            self._pipe_for(command).post(command)

    def _pipe_for(self, command: Command) -> Pipe:
        # DEL ends with its key; PING and PUBLISH have none and may go anywhere.
        key = command[3] if command[0] == "EVALSHA" else command[-1]
        node = self._client.get_node_from_key(key)
        if node is None:
            raise StoreUnavailable("Redis: no node holds the key")
        address = (node.host, int(node.port))
        if address not in self._pipes:
            self._pipes[address] = Pipe(_client_of(self._url, *address), self._deadline_s)
        return self._pipes[address]

    def _learn(self) -> None:
        """Look at the map again soon, for a node may have failed over; one look at a time."""
        if self._learning is None or self._learning.done():
            self._learning = asyncio.create_task(self._look())

    async def _look(self) -> None:
        with contextlib.suppress(*FAILURES):
            async with asyncio.timeout(self._deadline_s):
                await self._client.nodes_manager.initialize()
        await asyncio.sleep(LEARN_S)


def connect(url: str, deadline_s: float) -> Wire:
    """Make the wire for redis://, rediss:// or redis+cluster://; nothing is sent yet."""
    if url.startswith(CLUSTER):
        return ClusterWire(f"redis://{url.removeprefix(CLUSTER)}", deadline_s)
    return ServerWire(url, deadline_s)


def _client_of(url: str, host: str, port: int) -> Redis:
    """A client for one node of a cluster, with the names and secrets of the cluster's address."""
    given = {**parse_url(url), **OPTIONS, "host": host, "port": port}
    given.pop("db", None)
    return Redis.from_pool(ConnectionPool(retry=Retry(NoBackoff(), 0), **given))
