"""Opens the shop's database: makes tables and data at the first start, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .schema import NAMES, SEED, TABLES, VERSION
from .seeding import Data, make

BUSY_MS = 10_000
"""How long another worker's transaction (the making of the data above all) is waited for."""


def open_shop(file: Path, seed: int = SEED) -> sqlite3.Connection:
    """A connection to a filled shop. Safe when several processes start at the same time.

    The data are made again when `seed` or schema.VERSION differ from the file's.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    db.execute("PRAGMA journal_mode = WAL")
    # A demo: losing the last change in a power cut is all right, a torn file is not; NORMAL gives just that.
    db.execute("PRAGMA synchronous = NORMAL")
    if not _is_current(db, seed):
        _make(db, seed)
    return db


def _is_current(db: sqlite3.Connection, seed: int) -> bool:
    try:
        found = dict(db.execute("SELECT key, value FROM meta"))
    except sqlite3.OperationalError:
        return False
    return found.get("version") == VERSION and found.get("seed") == seed


def _make(db: sqlite3.Connection, seed: int) -> None:
    db.execute("BEGIN EXCLUSIVE")
    try:
        if not _is_current(db, seed):
            for name in NAMES:
                db.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in TABLES.split(";"):
                db.execute(statement)
            _fill(db, make(seed))
            born = int(datetime.now(UTC).timestamp())
            meta = (("version", VERSION), ("seed", seed), ("born", born))
            _insert(db, "meta", meta)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _fill(db: sqlite3.Connection, data: Data) -> None:
    _insert(db, "product", [product.row for product in data.shelves.products])
    _insert(db, "sku", data.shelves.skus)
    _insert(db, "price", data.shelves.prices)
    _insert(db, "customer", data.people)
    _insert(db, "coupon", [(n, *row) for n, row in enumerate(data.coupons, 1)])
    _insert(db, "orders", [(*row, "", 0, 0) for row in data.orders])
    _insert(db, "item", data.items)
    _insert(db, "parcel", [(*row, "") for row in data.parcels])
    _insert(db, "event", data.events)
    _insert(db, "refund", [(n, *row) for n, row in enumerate(data.refunds, 1)])
    _insert(db, "aftersale", [(*row, "") for row in data.aftersales])
    _insert(db, "invoice", data.invoices)


def _insert(db: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    rows = list(rows)
    holes = ", ".join("?" * len(rows[0]))
    db.executemany(f"INSERT INTO {table} VALUES ({holes})", rows)  # noqa: S608  # our own names
