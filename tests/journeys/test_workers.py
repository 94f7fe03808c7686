"""Several workers over one socket: one that dies is replaced, and nobody notices for long."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import aiohttp

from serving import Service


async def test_a_killed_worker_is_replaced_and_conversations_go_on(
    tmp_path: Path, redis_url: str
) -> None:
    env = {"KEFU_SERVER__WORKERS": "2", "KEFU_STORAGE__REDIS_URL": redis_url}
    service = await asyncio.to_thread(Service(tmp_path, env).start)
    try:
        before = [await say(service, f"worker-{number}", 0) for number in range(8)]
        victim = await asyncio.to_thread(worker_of, service)
        os.kill(victim, signal.SIGKILL)
        await asyncio.to_thread(until_said, service, "worker_died")
        again = [await say(service, f"worker-{number}", 0) for number in range(8)]
        after = [await say(service, f"worker-{number}", 1) for number in range(8)]
    finally:
        await asyncio.to_thread(service.stop)
    assert again == before
    assert len(set(after)) == 8


async def say(service: Service, session: str, seq: int) -> str:
    """One turn's id; a connection that the dead worker had is tried again, as any client would."""
    body = {"session_id": session, "text": "满多少包邮", "seq": seq}
    for _ in range(5):
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.post(f"{service.url}/v1/chat", json=body) as reply,
            ):
                assert reply.status == 200, await reply.text()
                return str((await reply.json())["turn_id"])
        except aiohttp.ClientError:
            await asyncio.sleep(0.2)
    raise AssertionError("no answer")


def until_said(service: Service, word: str) -> None:
    """Wait until the service logged a word."""
    end = time.monotonic() + 20
    while word not in service.output.read_text("utf-8"):
        assert time.monotonic() < end, f"never said {word}"
        time.sleep(0.05)


def worker_of(service: Service) -> int:
    """The process id of one worker: a child of the service that serves, found where Linux tells."""
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    for child in children:
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            return int(child)
    raise AssertionError("the service has no workers")
