"""The outbox: entries that SQL could not take in time, written as soon as it can."""

from __future__ import annotations

import asyncio
from collections import deque

import structlog

from kefu.errors import StoreError, StoreUnavailable, VersionClash
from kefu.storage.base import Entry, Log

BOUND = 10_000
RETRY_S = 0.5

log = structlog.get_logger()


class Outbox:
    """A bounded queue in memory, replayed once each, in order.

    What it holds dies with the process: a turn in it is answered as degraded, never as kept.
    """

    def __init__(self, truth: Log) -> None:
        self._truth = truth
        self._entries: deque[Entry] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, entry: Entry) -> None:
        """Keep an entry for later; when full, the newest is refused and counted in the log."""
        if len(self._entries) >= BOUND:
            log.error("outbox_full", bound=BOUND)
            return
        self._entries.append(entry)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._replay())

    def held(self, tenant: str, session: str) -> list[Entry]:
        """Entries of a session that are not in SQL yet, in order."""
        if not self._entries:
            return []
        return [e for e in self._entries if e.tenant == tenant and e.session == session]

    async def close(self) -> None:
        """Stop replaying; one last try for what is held."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self._drain()
        except StoreError:
            log.error("outbox_lost", entries=len(self._entries))

    async def _replay(self) -> None:
        while self._entries:
            await asyncio.sleep(RETRY_S)
            try:
                await self._drain()
            except StoreUnavailable:
                continue

    async def _drain(self) -> None:
        while self._entries:
            try:
                await self._truth.append(self._entries[0])
            except VersionClash:
                log.warning("outbox_clash", session_position=self._entries[0].position)
            self._entries.popleft()
