"""The desk's queue: who waits for a person, why, and what it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec
import structlog

from kefu.errors import StoreError
from kefu.storage.base import HotStore, Log, Waiting


class Story(Protocol):
    """What the queue needs to know of a conversation; a Dialogue is one."""

    @property
    def tenant(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def agent(self) -> str | None: ...
    @property
    def handoff_reason(self) -> str | None: ...
    @property
    def intents(self) -> tuple[str, ...]: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def anger(self) -> int: ...
    @property
    def turns(self) -> int: ...


CHANNEL = "desk"
"""The bus channel that tells desks which conversation changed."""

log = structlog.get_logger()


class Queue:
    """Conversations that wait for, or are with, a person; kept in SQL, told over the bus."""

    def __init__(self, truth: Log, hot: HotStore) -> None:
        self._truth = truth
        self._hot = hot

    async def enter(self, session: str, story: Story) -> None:
        """Insert the conversation, or bring its row up to date; it keeps its place.

        Called again at every turn of a conversation that is not the bot's, so a store that is away now
        only delays the row.
        """
        waiting = Waiting(
            tenant=story.tenant,
            session=session,
            state=story.mode,
            reason=story.handoff_reason or "",
            summary=summary(story),
            tier=story.tier,
            agent=story.agent,
            since_ms=int(datetime.now(UTC).timestamp() * 1000),
        )
        try:
            await self._truth.wait(waiting)
            await self.tell(session)
        except StoreError as exc:
            log.warning("desk_queue_unavailable", error=type(exc).__name__)

    async def tell(self, session: str) -> None:
        """Tell the desks that a conversation changed."""
        await self._hot.publish(CHANNEL, msgspec.json.encode(session))

    def changes(self) -> AsyncIterator[bytes]:
        """Session ids as JSON, as they change."""
        return self._hot.subscribe(CHANNEL)

    async def waiting(self, tenant: str) -> Sequence[Waiting]:
        """VIP first, then who waits longest."""
        return await self._truth.waiting(tenant)

    async def leave(self, tenant: str, session: str) -> None:
        """The conversation went back to the bot, or ended."""
        await self._truth.leave(tenant, session)
        await self.tell(session)


def summary(story: Story) -> str:
    """What an agent should know before the first word: names and counts only, nothing personal."""
    parts = [f"turns={story.turns}"]
    if story.topic:
        parts.append(f"topic={story.topic}")
    if story.intents:
        parts.append("wishes=" + ",".join(story.intents))
    if story.anger:
        parts.append(f"anger={story.anger}")
    return "; ".join(parts)
