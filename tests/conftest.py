"""Fixtures for every room: real servers, started once a session, and a watch for blocking calls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from blockbuster import blockbuster_ctx

import servers


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> Iterator[None]:
    """Fail when code of kefu makes a blocking call on the event loop; tests themselves may."""
    with blockbuster_ctx("kefu") as watch:
        for function in watch.functions.values():
            # asyncpg looks for ~/.pgpass and certificates when it connects: µs, once a connection.
            function.can_block_in("asyncpg/connect_utils.py", {"_parse_connect_arguments"})
        yield


@pytest.fixture(autouse=True)
def _logs_go_where_they_went() -> Iterator[None]:
    """Undo what a test did to logging: the stream that it wrote to is gone after it."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def encoder_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clinic's pack with an encoder, taught once a session. A test that changes it takes a copy."""
    from taught import clinic  # not before a test needs PyTorch

    return clinic(tmp_path_factory.mktemp("taught"))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.Server]:
    """A Redis for the session. A test that kills or freezes one starts its own: `servers.redis()`."""
    with servers.redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: servers.Server) -> str:
    """The address of the session's Redis; use keys of your own."""
    return redis_server.url


@pytest.fixture(scope="session")
def redis_cluster_url() -> Iterator[str]:
    """The address of a Redis Cluster with three nodes; use keys of your own."""
    with servers.redis_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.Server]:
    """A PostgreSQL for the session. A test that kills it starts it again."""
    with servers.postgres() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres_server: servers.Server) -> AsyncIterator[str]:
    """The address of a fresh, empty database."""
    name = f"kefu_{uuid4().hex}"
    await _tell(postgres_server.url, f"CREATE DATABASE {name}")
    yield postgres_server.url.removesuffix("postgres") + name
    await _tell(postgres_server.url, f"DROP DATABASE {name} WITH (FORCE)")


async def _tell(url: str, statement: str) -> None:
    async with asyncio.timeout(servers.START_S):
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()
