"""The statements of the log, written with SQLAlchemy Core and compiled once for a raw driver.

Going through SQLAlchemy's connections would cost 200-400 µs a statement; its compiler is what we need of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Insert, Table, bindparam, case, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import ClauseElement

from kefu.storage.tables import LOG, RATINGS, WAITING

QUEUED = ("queued", "human")
"""States of the desk queue that are shown."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL in a driver's own spelling; `names` are its parameters in order, `fixed` those with a value."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]

    def args(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Put values in the driver's order."""
        return tuple(values[name] if name in values else self.fixed[name] for name in self.names)


Statements = Mapping[str, Statement]


def for_sqlite() -> Statements:
    """All statements for sqlite3. `append` takes one entry; a clash inserts nothing."""
    append = sqlite.insert(LOG).on_conflict_do_nothing()
    wait = _upsert(sqlite.insert)
    dialect = SQLiteDialect_pysqlite()
    return _compiled({"append": append, "wait": wait}, dialect)


def for_postgres() -> Statements:
    """All statements for asyncpg; `append` takes one array per column and returns the keys inserted."""
    dialect: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # SQLAlchemy has it untyped
    statements = dict(_compiled({"wait": _upsert(postgresql.insert)}, dialect))
    columns = ", ".join(column.name for column in LOG.columns)
    arrays = ", ".join(
        f"${n}::{column.type.compile(dialect)}[]" for n, column in enumerate(LOG.columns, 1)
    )
    sql = (
        f"INSERT INTO log ({columns}) SELECT * FROM unnest({arrays}) "  # noqa: S608 - our own names
        "ON CONFLICT DO NOTHING RETURNING tenant, session, position"
    )
    statements["append"] = Statement(sql, tuple(LOG.columns.keys()), {})
    return statements


def _upsert(into: Callable[[Table], Any]) -> Any:
    row = into(WAITING)
    rest = {
        column.name: row.excluded[column.name]
        for column in WAITING.columns
        if not column.primary_key
    }
    return row.on_conflict_do_update(index_elements=[*WAITING.primary_key], set_=rest)


def _compiled(own: Mapping[str, ClauseElement], dialect: Dialect) -> Statements:
    return {name: _compile(it, dialect) for name, it in {**_common(), **own}.items()}


def _compile(statement: ClauseElement, dialect: Dialect) -> Statement:
    compiled = statement.compile(dialect=dialect)
    names = getattr(compiled, "positiontup", None) or ()
    return Statement(str(compiled), tuple(names), dict(compiled.params))


def _common() -> dict[str, ClauseElement]:
    log, waiting = LOG.c, WAITING.c
    one = (log.tenant == bindparam("tenant")) & (log.session == bindparam("session"))
    return {
        "read": select(LOG)
        .where(one, log.position > bindparam("after"))
        .order_by(log.position)
        .limit(bindparam("most")),
        "find": select(LOG).where(one, log.seq == bindparam("seq")),
        "rate": _insert(RATINGS),
        "waiting": select(WAITING)
        .where(
            waiting.tenant == bindparam("tenant"),
            (waiting.state == QUEUED[0]) | (waiting.state == QUEUED[1]),
        )
        .order_by(case((waiting.tier == "vip", 0), else_=1), waiting.since_ms)
        .limit(bindparam("most")),
        "leave": _erase(WAITING),
        "forget_log": _erase(LOG),
        "forget_ratings": _erase(RATINGS),
        "ping": select(1),
    }


def _insert(table: Table) -> Insert:
    names = [column.name for column in table.columns if column.name != "id"]
    return insert(table).values({name: bindparam(name) for name in names}).inline()


def _erase(table: Table) -> Delete:
    return delete(table).where(
        table.c.tenant == bindparam("tenant"), table.c.session == bindparam("session")
    )
