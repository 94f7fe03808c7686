"""The shop's store: reads from memory, writes through one thread to SQLite, which is the truth.

    look ──▶ dossier in memory, known to be current ──▶ answer                        (microseconds)
    look ──▶ clerk thread: has another process written? read what changed ──▶ answer   (now and then)
    change ──▶ clerk thread: BEGIN IMMEDIATE … COMMIT, forget the dossier ──▶ answer

All SQLite work happens in one thread with one connection, so no call blocks the event loop and no
read can overtake a write of its own process. Other processes' writes are noticed by `PRAGMA
data_version` and the journal table; a look-up may be `FRESH_S` behind them, a change never is: it
reads again inside its transaction.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from kefu.pack.tools import Customer

from .catalogue import Catalogue
from .clock import Clock
from .desk import Desk, Refused, Result
from .models import Dossier
from .opening import open_shop
from .reading import read_dossier, read_products
from .rules import CHANGES_A_DAY, DAY, TOOL_A_DAY
from .wording import either

_TOO_OFTEN = ("今天这类操作次数已达上限，请明天再试", "that is today's limit, please try tomorrow")
FRESH_S = 0.005
"""Seconds for which nobody asks SQLite whether another process has written."""

Change = Callable[["Desk"], Result]


class Store:
    """Dossiers and the catalogue. Made by `open`; `close` it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._clerk = ThreadPoolExecutor(1, "retail-shop")
        self._known: frozenset[str] = frozenset()
        self._dossiers: dict[str, Dossier] = {}
        self._wanted: set[str] = set()
        self._trip: asyncio.Task[dict[str, Dossier]] | None = None
        self._checked = 0.0
        self._version = self._seen = -1

    @classmethod
    async def open(cls, file: Path) -> Store:
        """Open the shop in this file; makes it at the first start."""
        store = cls(file)
        await store._in_thread(store._open)
        return store

    def _open(self) -> None:
        self._db = open_shop(self._file)
        meta = dict(self._db.execute("SELECT key, value FROM meta"))
        self.clock = Clock(meta["born"])
        self.catalogue = Catalogue(read_products(self._db))
        self._known = frozenset(row[0] for row in self._db.execute("SELECT id FROM customer"))

    async def dossier(self, user_id: str) -> Dossier | None:
        """All of one customer; None for an unknown one."""
        if user_id not in self._known:
            return None
        if time.monotonic() - self._checked < FRESH_S:
            at_hand = self._dossiers.get(user_id)
            if at_hand is not None:
                return at_hand
        self._wanted.add(user_id)
        if self._trip is None:
            self._trip = asyncio.get_running_loop().create_task(self._go())
        # Shielded: whoever gives up waiting must not take the others' trip along.
        found = await asyncio.shield(self._trip)
        return found[user_id]

    async def change(self, customer: Customer, tool: str, subject: str, change: Change) -> Result:
        """Run a change in a transaction; the same `customer.key` gets the first result again.

        A change says what it did as `{"ok": True, …}`; with anything else nothing is written.
        """
        work = partial(self._change, customer, tool, subject, change)
        result: Result = await self._in_thread(work)
        return result

    async def close(self) -> None:
        """Finish what runs and close the file."""
        await self._in_thread(self._db.close)
        self._clerk.shutdown(wait=False)

    async def _go(self) -> dict[str, Dossier]:
        """One trip to the thread, for everybody who asked since the last one set off."""
        wanted, self._wanted = self._wanted, set()
        self._trip = None
        started = time.monotonic()
        found: dict[str, Dossier] = await self._in_thread(partial(self._refresh, wanted))
        self._checked = started
        return found

    def _refresh(self, wanted: set[str]) -> dict[str, Dossier]:
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._forget_changed(version)
        for user_id in wanted - self._dossiers.keys():
            self._dossiers[user_id] = read_dossier(self._db, user_id)
        return {user_id: self._dossiers[user_id] for user_id in wanted}

    def _forget_changed(self, version: int) -> None:
        rows = self._db.execute(
            "SELECT seq, user_id FROM journal WHERE seq > ? ORDER BY seq", (self._seen,)
        )
        for seq, user_id in rows:
            self._seen = seq
            self._dossiers.pop(user_id, None)
        self._version = version

    def _change(self, customer: Customer, tool: str, subject: str, change: Change) -> Result:
        user_id = customer.user_id or ""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            result = self._first_result(customer.key) or self._try(customer, tool, subject, change)
            self._db.execute("COMMIT" if result.get("ok") else "ROLLBACK")
        except Refused as refusal:
            self._db.execute("ROLLBACK")
            result = {"ok": False, "message": str(refusal)}
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._dossiers.pop(user_id, None)
        return result

    def _first_result(self, key: str) -> Result | None:
        row = self._db.execute("SELECT result FROM effects WHERE key = ?", (key,)).fetchone()
        result: Result | None = json.loads(row[0]) if row and key else None
        return result

    def _try(self, customer: Customer, tool: str, subject: str, change: Change) -> Result:
        user_id = customer.user_id or ""
        wall = int(datetime.now(UTC).timestamp())
        if self._too_often(user_id, tool, wall):
            return {"ok": False, "message": either(customer.locale, *_TOO_OFTEN)}
        result = change(Desk(self._db, user_id, customer.locale, self.clock))
        if result.get("ok"):
            self._db.execute(
                "INSERT INTO journal (user_id, tool, subject, wall) VALUES (?, ?, ?, ?)",
                (user_id, tool, subject, wall),
            )
            if customer.key:
                self._db.execute(
                    "INSERT INTO effects VALUES (?, ?)",
                    (customer.key, json.dumps(result, ensure_ascii=False)),
                )
        return result

    def _too_often(self, user_id: str, tool: str, wall: int) -> bool:
        rows = self._db.execute(
            "SELECT tool FROM journal WHERE user_id = ? AND wall > ?", (user_id, wall - DAY)
        ).fetchall()
        same = sum(1 for (name,) in rows if name == tool)
        return len(rows) >= CHANGES_A_DAY or same >= TOOL_A_DAY.get(tool, CHANGES_A_DAY)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._clerk, work)
