"""The log in PostgreSQL, over asyncpg: a batch of entries is one statement and one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from operator import attrgetter
from typing import Any

import asyncpg

from kefu.errors import StoreError, VersionClash
from kefu.storage import migrating
from kefu.storage.base import Entry
from kefu.storage.database import Database, Row, Values
from kefu.storage.statements import for_postgres
from kefu.storage.tables import HEAD, LOG

LOCK = 0x6B656675
"""Advisory lock of whoever changes the tables ("kefu")."""
MIGRATE_S = 60.0
"""How long a worker may wait for another one that changes the tables."""
UNUSABLE = (ValueError, OverflowError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""What one bad entry raises: a broken or NUL character, a number beyond 64 bits, a missing value."""
SPOILT = (*UNUSABLE, asyncpg.TransactionRollbackError)
"""After which a batch is tried again entry by entry: one is bad, or two workers stepped on each other."""

row_of = attrgetter(*LOG.columns.keys())
key_of = attrgetter("tenant", "session", "position")


class PostgresDatabase(Database):
    """See Database. Statements end, and their connections with them, after `deadline_s`."""

    failures = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

    def __init__(self, pool: asyncpg.Pool, deadline_s: float) -> None:
        self._statements = for_postgres()
        self._pool = pool
        self._deadline_s = deadline_s

    @classmethod
    async def open(cls, url: str, deadline_s: float, connections: int = 8) -> PostgresDatabase:
        """Connect and bring the tables up to date; workers that start together do it one after the other."""
        async with asyncio.timeout(deadline_s):
            pool = await asyncpg.create_pool(
                url, min_size=1, max_size=connections, reset=_keep, timeout=deadline_s
            )
        database = cls(pool, deadline_s)
        try:
            await database._migrate()
        except BaseException:
            pool.terminate()
            raise
        return database

    async def append(self, entries: list[Entry]) -> list[Exception | None]:
        """See Database.append."""
        async with self._connection(self._deadline_s) as connection:
            try:
                return await self._insert(connection, entries)
            except SPOILT:
                return [await self._insert_one(connection, entry) for entry in entries]

    async def fetch(self, name: str, values: Values) -> Sequence[Row]:
        """See Database.fetch."""
        statement = self._statements[name]
        async with self._connection(self._deadline_s) as connection:
            rows: Sequence[Row] = await connection.fetch(statement.sql, *statement.args(values))
            return rows

    async def change(self, names: Sequence[str], values: Values) -> None:
        """See Database.change."""
        async with self._connection(self._deadline_s) as connection, connection.transaction():
            for name in names:
                statement = self._statements[name]
                await connection.execute(statement.sql, *statement.args(values))

    async def close(self) -> None:
        """See Database.close."""
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def _connection(self, deadline_s: float) -> AsyncIterator[Any]:
        """Lend a connection for `deadline_s`; at the deadline it is torn down, for it may never answer."""
        async with asyncio.timeout(deadline_s) as deadline:
            connection = await self._pool.acquire(timeout=deadline_s)
            try:
                yield connection
            except asyncio.CancelledError:
                if deadline.expired():
                    connection.terminate()
                raise
            finally:
                await self._pool.release(connection)

    async def _insert(self, connection: Any, entries: Sequence[Entry]) -> list[Exception | None]:
        """Insert what does not clash, in the order of the keys lest two workers lock each other out."""
        order = sorted(range(len(entries)), key=lambda n: key_of(entries[n]))
        columns = zip(*(row_of(entries[n]) for n in order), strict=True)
        found = await connection.fetch(self._statements["append"].sql, *map(list, columns))
        inserted = set(map(tuple, found))
        results: list[Exception | None] = [None] * len(entries)
        for n in order:
            key = key_of(entries[n])
            if key in inserted:
                inserted.remove(key)
            else:
                results[n] = VersionClash("the position or the sequence number is taken")
        return results

    async def _insert_one(self, connection: Any, entry: Entry) -> Exception | None:
        try:
            [result] = await self._insert(connection, [entry])
        except UNUSABLE as error:
            return StoreError(f"the entry cannot be stored: {type(error).__name__}")
        return result

    async def _migrate(self) -> None:
        async with self._connection(MIGRATE_S) as connection:
            if await _version(connection) == HEAD:
                return
            async with connection.transaction():
                await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
                current = await _version(connection)
                if current != HEAD:
                    script = await asyncio.to_thread(migrating.script, "postgresql", current)
                    await connection.execute(script)


async def _version(connection: Any) -> str | None:
    if not await connection.fetchval(migrating.FIND_POSTGRES):
        return None
    version: str | None = await connection.fetchval(migrating.VERSION)
    return version


async def _keep(connection: Any) -> None:
    """Instead of the pool's reset, a round trip after each loan: nothing here leaves a trace to wipe."""
