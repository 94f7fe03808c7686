"""Killed in the middle of 200 conversations: what was acknowledged is there, and every conversation goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import servers
from serving import Service

CONVERSATIONS = 200
WORDS = ["你好", "帮我查一下订单", "满多少包邮", "我的手机号是13800138000", "几天能退货", "谢谢"]
BEFORE_KILL = 250
"""Acknowledged turns after which the service is killed."""


@pytest.fixture(params=["sqlite", "postgres+redis"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    env = {}
    if request.param != "sqlite":
        postgres: servers.Server = request.getfixturevalue("postgres_server")
        redis: servers.Server = request.getfixturevalue("redis_server")
        env = {
            "KEFU_STORAGE__SQL_URL": postgres.url,
            "KEFU_STORAGE__REDIS_URL": redis.url,
        }
    service = Service(tmp_path, env).start()
    yield service
    service.stop()


@pytest.mark.timeout(180)
async def test_every_acknowledged_turn_survives_and_every_conversation_goes_on(
    service: Service,
) -> None:
    acknowledged: dict[tuple[str, int], dict[str, Any]] = {}
    enough = asyncio.Event()

    async def talk(http: aiohttp.ClientSession, number: int) -> None:
        for seq, text in enumerate(WORDS):
            turn = await say(http, service.url, f"kill-{number}", seq, text)
            if turn is None:
                return
            acknowledged[(f"kill-{number}", seq)] = turn
            if len(acknowledged) >= BEFORE_KILL:
                enough.set()

    async with session() as http:
        talks = [asyncio.create_task(talk(http, number)) for number in range(CONVERSATIONS)]
        async with asyncio.timeout(60):
            await enough.wait()
        await asyncio.to_thread(service.kill)
        await asyncio.gather(*talks)
    assert BEFORE_KILL <= len(acknowledged) < CONVERSATIONS * len(WORDS)

    await asyncio.to_thread(service.start)
    async with session() as http:
        for (name, seq), turn in acknowledged.items():
            again = await say(http, service.url, name, seq, WORDS[seq])
            assert again is not None
            assert (again["turn_id"], again["reply"]) == (turn["turn_id"], turn["reply"])
        for number in range(CONVERSATIONS):
            name = f"kill-{number}"
            before = sum(1 for known, _ in acknowledged if known == name)
            turn = await say(http, service.url, name, 99, "帮我查一下订单")
            assert turn is not None
            assert turn["reply"]
            # One more than acknowledged where the kill came between commit and answer.
            assert turn["state"]["turns"] in (before + 1, before + 2)


def session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(30), connector=aiohttp.TCPConnector(limit=CONVERSATIONS)
    )


async def say(
    http: aiohttp.ClientSession, url: str, name: str, seq: int, text: str
) -> dict[str, Any] | None:
    """One turn; None when the service went away."""
    body = {"session_id": name, "seq": seq, "text": text}
    try:
        async with http.post(f"{url}/v1/chat", json=body) as reply:
            assert reply.status == 200, await reply.text()
            turn: dict[str, Any] = await reply.json()
            return turn
    except (aiohttp.ClientError, ConnectionError, TimeoutError):
        return None
