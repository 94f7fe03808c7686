"""The log in SQL: SQLite in a file of its own, or PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from kefu.batching import Batcher, Observe
from kefu.errors import Overloaded, SettingsError, StoreUnavailable
from kefu.storage.base import Entry, Rating, Waiting
from kefu.storage.database import Database, Values

DEADLINE_S = 2.0
MAX_BATCH = 512


class SqlLog:
    """A Log. Entries of concurrent callers become durable in one transaction (group commit).

    Every call raises StoreUnavailable after at most `deadline_s`; an entry whose caller was told so may be
    durable all the same, and is found by its seq. `observe` is told each group's size and times (batching.py).
    """

    def __init__(
        self,
        database: Database,
        deadline_s: float = DEADLINE_S,
        max_waiting: int = 8192,
        observe: Observe | None = None,
    ) -> None:
        self._database = database
        self._deadline_s = deadline_s
        self._failures: tuple[type[Exception], ...] = (
            *database.failures,
            OSError,
            TimeoutError,
            Overloaded,
        )
        self._appends: Batcher[Entry, None] = Batcher(
            database.append, max_batch=MAX_BATCH, max_waiting=max_waiting, observe=observe
        )

    @classmethod
    async def open(
        cls,
        url: str,
        deadline_s: float = DEADLINE_S,
        max_waiting: int = 8192,
        observe: Observe | None = None,
    ) -> SqlLog:
        """Connect to sqlite:///path or postgresql://…, and bring the tables up to date.

        Raises SettingsError for another address, StoreUnavailable when nobody answers, StoreError when the
        tables are those of a newer kefu.
        """
        return cls(await _database(url, deadline_s), deadline_s, max_waiting, observe)

    async def append(self, entry: Entry) -> None:
        """See Log.append."""
        try:  # what _guarded does, without its overhead: this is every turn's way
            async with asyncio.timeout(self._deadline_s):
                await self._appends.submit(entry)
        except self._failures as error:
            raise StoreUnavailable(f"SQL: {type(error).__name__}") from error

    async def read(
        self, tenant: str, session: str, after: int = -1, limit: int = 1000
    ) -> Sequence[Entry]:
        """See Log.read."""
        values = {"tenant": tenant, "session": session, "after": after, "most": limit}
        try:  # without _guarded, as in append: every new conversation comes this way
            async with asyncio.timeout(self._deadline_s):
                rows = await self._database.fetch("read", values)
        except self._failures as error:
            raise StoreUnavailable(f"SQL: {type(error).__name__}") from error
        return [Entry(*row) for row in rows]

    async def find(self, tenant: str, session: str, seq: int) -> Entry | None:
        """See Log.find."""
        async with self._guarded():
            rows = await self._database.fetch(
                "find", {"tenant": tenant, "session": session, "seq": seq}
            )
        return Entry(*rows[0]) if rows else None

    async def rate(self, rating: Rating) -> None:
        """See Log.rate."""
        await self._change(["rate"], asdict(rating))

    async def wait(self, waiting: Waiting) -> None:
        """See Log.wait."""
        await self._change(["wait"], asdict(waiting))

    async def waiting(self, tenant: str, limit: int = 200) -> Sequence[Waiting]:
        """See Log.waiting."""
        async with self._guarded():
            rows = await self._database.fetch("waiting", {"tenant": tenant, "most": limit})
        return [Waiting(*row) for row in rows]

    async def leave(self, tenant: str, session: str) -> None:
        """See Log.leave."""
        await self._change(["leave"], {"tenant": tenant, "session": session})

    async def forget(self, tenant: str, session: str) -> None:
        """See Log.forget."""
        tables = ["forget_log", "forget_ratings", "leave"]
        await self._change(tables, {"tenant": tenant, "session": session})

    async def ping(self) -> None:
        """See Log.ping."""
        async with self._guarded():
            await self._database.fetch("ping", {})

    async def close(self) -> None:
        """See Log.close."""
        await self._appends.close(within_s=self._deadline_s)
        await self._database.close()

    async def _change(self, names: Sequence[str], values: Values) -> None:
        async with self._guarded():
            await self._database.change(names, values)

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        """Hold a call to its deadline and translate what the driver raises."""
        try:
            async with asyncio.timeout(self._deadline_s):
                yield
        except self._failures as error:
            # The class only: a driver's message may quote what it was given.
            raise StoreUnavailable(f"SQL: {type(error).__name__}") from error


async def _database(url: str, deadline_s: float) -> Database:
    """Open what the address names; drivers are imported only where they are used."""
    scheme, _, rest = url.partition("://")
    kind = scheme.partition("+")[0]
    if kind == "sqlite" and rest.startswith("/") and rest not in ("/", "/:memory:"):
        return await _sqlite(Path(rest[1:]), deadline_s)
    if kind in ("postgresql", "postgres"):
        return await _postgres(f"postgresql://{rest}", deadline_s)
    raise SettingsError(
        f"storage.sql_url is {scheme}://…: write sqlite:///path/to/file.db "
        "or postgresql://user:password@host/name"
    )


async def _sqlite(path: Path, deadline_s: float) -> Database:
    import sqlite3

    from kefu.storage.sqlite import SqliteDatabase

    try:
        return await SqliteDatabase.open(path, deadline_s)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(f"SQLite cannot open {path}: {error}") from error


async def _postgres(url: str, deadline_s: float) -> Database:
    from kefu.storage.postgres import PostgresDatabase

    try:
        return await PostgresDatabase.open(url, deadline_s)
    except (*PostgresDatabase.failures, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"PostgreSQL does not answer: {type(error).__name__}") from error
