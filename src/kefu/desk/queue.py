"""The desk's queue: who waits for a person, why, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from kefu.storage.base import Log, Waiting


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


class Queue:
    """Conversations that wait for, or are with, a person; kept in SQL."""

    def __init__(self, truth: Log) -> None:
        self._truth = truth

    async def enter(self, session: str, story: Story) -> None:
        """Insert the conversation, or bring its row up to date; it keeps its place."""
        await self._truth.wait(
            Waiting(
                tenant=story.tenant,
                session=session,
                state=story.mode,
                reason=story.handoff_reason or "",
                summary=summary(story),
                tier=story.tier,
                agent=story.agent,
                since_ms=int(datetime.now(UTC).timestamp() * 1000),
            )
        )

    async def waiting(self, tenant: str) -> Sequence[Waiting]:
        """VIP first, then who waits longest."""
        return await self._truth.waiting(tenant)

    async def leave(self, tenant: str, session: str) -> None:
        """The conversation went back to the bot, or ended."""
        await self._truth.leave(tenant, session)


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
