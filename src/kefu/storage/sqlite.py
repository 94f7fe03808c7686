"""The log in one SQLite file: one thread writes, one reads, and many callers share each trip to a thread.

Writes are in the write-ahead log and synced to disk before they are answered; readers never wait for them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from kefu.batching import Batcher
from kefu.errors import StoreError, StoreUnavailable, VersionClash
from kefu.storage import migrating
from kefu.storage.base import Entry
from kefu.storage.database import Database, Row, Values
from kefu.storage.statements import Statements, for_sqlite
from kefu.storage.tables import HEAD, LOG

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Query = tuple[str, Values]

row_of = attrgetter(*LOG.columns.keys())
UNUSABLE = (ValueError, OverflowError, sqlite3.IntegrityError, sqlite3.DataError)
"""What one bad entry raises: a broken character, a number beyond 64 bits, a missing value."""


class Lane:
    """One thread with one connection of its own, opened at its first work."""

    def __init__(self, path: Path, busy_s: float) -> None:
        self._path = path
        self._busy_s = busy_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kefu-sqlite")
        self._connection: sqlite3.Connection | None = None

    async def run(self, work: Work[T]) -> T:
        """Do work(connection) in the thread. A caller that leaves does not stop it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    async def close(self) -> None:
        """Close the connection and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._end)
        self._thread.shutdown(wait=False)

    def _do(self, work: Work[T]) -> T:
        if self._connection is None:
            self._connection = _connect(self._path, self._busy_s)
        return work(self._connection)

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()


class SqliteDatabase(Database):
    """See Database. `busy_s`: how long to wait for another process that writes."""

    failures = (sqlite3.Error,)

    def __init__(self, path: Path, busy_s: float) -> None:
        self._statements = for_sqlite()
        self._writer = Lane(path, busy_s)
        self._reader = Lane(path, busy_s)
        self._reads: Batcher[Query, Sequence[Row]] = Batcher(self._fetch, max_waiting=8192)

    @classmethod
    async def open(cls, path: Path, busy_s: float) -> SqliteDatabase:
        """Make the file where there is none, bring its tables up to date."""
        database = cls(path, busy_s)
        try:
            await database._writer.run(_migrate)
        except BaseException:
            await database.close()
            raise
        return database

    async def append(self, entries: list[Entry]) -> list[Exception | None]:
        """See Database.append."""
        rows: list[Row] = [row_of(entry) for entry in entries]
        sql = self._statements["append"].sql
        return await self._writer.run(lambda connection: _append(connection, sql, rows))

    async def fetch(self, name: str, values: Values) -> Sequence[Row]:
        """See Database.fetch."""
        return await self._reads.submit((name, values))

    async def change(self, names: Sequence[str], values: Values) -> None:
        """See Database.change."""
        await self._writer.run(lambda it: _change(it, self._statements, names, values))

    async def close(self) -> None:
        """See Database.close."""
        await self._reads.close()
        await asyncio.gather(self._writer.close(), self._reader.close())

    async def _fetch(self, queries: list[Query]) -> Sequence[Sequence[Row] | Exception]:
        def work(connection: sqlite3.Connection) -> Sequence[Sequence[Row] | Exception]:
            return [_read(connection, self._statements, *query) for query in queries]

        return await self._reader.run(work)


def _connect(path: Path, busy_s: float) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=busy_s, isolation_level=None, check_same_thread=False
    )
    _write_ahead(connection, time.monotonic() + busy_s)
    connection.execute("PRAGMA synchronous = FULL")
    # Fewer, larger checkpoints: measured, they halve the time of an insert on a slow disk.
    connection.execute("PRAGMA cache_size = -16000")  # KiB
    connection.execute("PRAGMA wal_autocheckpoint = 4000")  # pages
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone from the file
    return connection


def _write_ahead(connection: sqlite3.Connection, until: float) -> None:
    """Switch to the write-ahead log. SQLite does not wait by itself when another process does the same."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection) -> None:
    while (current := _version(connection)) != HEAD:
        script = migrating.script("sqlite", current)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) == current:
                _execute_all(connection, script)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> str | None:
    if connection.execute(migrating.FIND_SQLITE).fetchone() is None:
        return None
    found: tuple[str] | None = connection.execute(migrating.VERSION).fetchone()
    return found[0] if found is not None else None


def _execute_all(connection: sqlite3.Connection, script: str) -> None:
    """Run a script inside the open transaction, which `executescript` would commit first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _append(connection: sqlite3.Connection, sql: str, rows: list[Row]) -> list[Exception | None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = _insert(connection, sql, rows)
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return results


def _insert(connection: sqlite3.Connection, sql: str, rows: list[Row]) -> list[Exception | None]:
    """Insert all at once, or one by one where some clash, to learn which."""
    try:
        if connection.executemany(sql, rows).rowcount == len(rows):
            return [None] * len(rows)
    except UNUSABLE:
        pass
    connection.execute("ROLLBACK")
    connection.execute("BEGIN IMMEDIATE")
    return [_insert_one(connection, sql, row) for row in rows]


def _insert_one(connection: sqlite3.Connection, sql: str, row: Row) -> Exception | None:
    try:
        if connection.execute(sql, row).rowcount == 1:
            return None
    except UNUSABLE as error:
        return StoreError(f"the entry cannot be stored: {type(error).__name__}")
    return VersionClash("the position or the sequence number is taken")


def _change(
    connection: sqlite3.Connection, statements: Statements, names: Sequence[str], values: Values
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name in names:
            connection.execute(statements[name].sql, statements[name].args(values))
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _read(
    connection: sqlite3.Connection, statements: Statements, name: str, values: Values
) -> Sequence[Row] | Exception:
    statement = statements[name]
    try:
        return connection.execute(statement.sql, statement.args(values)).fetchall()
    except sqlite3.Error as error:
        return error
    except (ValueError, OverflowError) as error:
        return StoreUnavailable(f"SQLite cannot look for this: {type(error).__name__}")


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
