"""One fixture per port: every implementation behind the same contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import pytest

from kefu.storage.base import HotStore
from kefu.storage.memory import MemoryStore
from kefu.storage.redis import RedisStore

Eventually = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


def redis_addresses() -> list[object]:
    """The names of the fixtures that start a Redis."""
    return [
        pytest.param("redis_url", marks=pytest.mark.redis, id="redis"),
        pytest.param("redis_cluster_url", marks=pytest.mark.redis, id="redis-cluster"),
    ]


@pytest.fixture(params=["memory", *redis_addresses()])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[HotStore]:
    """Each hot store in turn."""
    made: HotStore
    if request.param == "memory":
        made = MemoryStore()
    else:
        made = RedisStore(request.getfixturevalue(request.param), deadline_s=5.0)
    yield made
    await made.close()


@pytest.fixture
def key() -> str:
    """A key that no other test uses."""
    return f"test:{uuid4().hex}"


@pytest.fixture
def eventually() -> Eventually:
    """Ask again and again until it is true; fails after 10 s."""

    async def ask(question: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(10):
            while not await question():  # noqa: ASYNC110 - the answer is in another process
                await asyncio.sleep(0.01)

    return ask


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sql_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/kefu.db"
    url: str = request.getfixturevalue("postgres_url")
    return url
