"""One pipe to one Redis server: callers share its round trips.

A hundred waiting turns cost one round trip, and a cancelled caller cannot leave a half-read connection
behind, because the batcher's worker owns it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError, RedisClusterException, RedisError, ResponseError

from kefu.batching import Batcher
from kefu.errors import Overloaded
from kefu.storage.scripts import TEXTS

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.connection import AbstractConnection

Command = tuple[Any, ...]

FAILURES = (RedisError, RedisClusterException, OSError, TimeoutError)
"""What redis-py raises when Redis is away, slow, full, or says no."""


class Pipe:
    """Sends commands in the order given, many at a time; each batch within `deadline_s`."""

    def __init__(self, client: Redis, deadline_s: float, max_waiting: int = 8192) -> None:
        self.client = client
        self._deadline_s = deadline_s
        self._batcher: Batcher[Command, Any] = Batcher(
            self._run, max_batch=256, max_waiting=max_waiting
        )

    async def send(self, command: Command) -> Any:
        """Return the answer; raise what redis-py raises, TimeoutError, or QueueFull."""
        return await self._batcher.submit(command)

    def post(self, command: Command) -> None:
        """Send after all that was sent before; wait for nothing, raise nothing."""
        try:
            self._batcher.post(command)
        except Overloaded:
            return

    async def close(self) -> None:
        """Finish what is on its way and disconnect."""
        await self._batcher.close(within_s=self._deadline_s)
        await self.client.aclose()

    async def _run(self, commands: list[Command]) -> list[Any]:
        async with asyncio.timeout(self._deadline_s):
            results = await self._exchange(commands)
            unknown = [n for n, result in enumerate(results) if isinstance(result, NoScriptError)]
            if unknown:
                again = await self._exchange([spelt_out(commands[n]) for n in unknown])
                for n, result in zip(unknown, again, strict=True):
                    results[n] = result
        return results

    async def _exchange(self, commands: list[Command]) -> list[Any]:
        """Send all, then read all. Without redis-py's Pipeline, whose bookkeeping doubles the CPU."""
        pool = self.client.connection_pool
        connection: AbstractConnection = await pool.get_connection()  # type: ignore[no-untyped-call]  # redis-py
        try:
            await connection.send_packed_command(connection.pack_commands(commands))
            return [await _answer(connection) for _ in commands]
        except BaseException:
            # Answers may still be on their way: nobody else shall read them.
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)


def spelt_out(command: Command) -> Command:
    """EVALSHA as EVAL, for a server that does not know the script; other commands as they are."""
    if command[0] != "EVALSHA":
        return command
    _, sha, *rest = command
    return ("EVAL", TEXTS[sha], *rest)


async def _answer(connection: AbstractConnection) -> Any:
    """One answer, or Redis' refusal of this one command as a value; anything else raises."""
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal
