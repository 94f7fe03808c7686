"""A small service with the doors that the command line knocks at, on a real socket."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

DONE: dict[str, Any] = {
    "turn_id": "abcdef0123456789",
    "reply": "您好,在的",
    "intents": [{"name": "greeting", "confidence": 0.98}],
    "slots": {"order_id": [{"raw": "8899", "value": "SF8899"}]},
    "emotion": {"label": "negative", "score": 0.5, "sarcasm": True},
    "source": "template",
    "model": "m",
    "handoff": True,
    "degraded": {"reason": "timeout", "step": "llm"},
    "timings": {"understand": 0.1, "total": 0.4},
}


class Doors:
    """What was asked, in order. Of the texts 忙 and 糟 are refused, 断 is cut, 错 ends in an error."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, Any]] = []

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/chat."""
        body: dict[str, Any] = await request.json()
        self.asked.append(body)
        if body["text"] == "忙":
            problem = {"title": "Overloaded", "status": 503, "detail": "come back later"}
            return web.json_response(problem, status=503)
        if body["text"] == "糟":
            return web.Response(text="<html>", status=502)
        if not body.get("stream"):
            return web.json_response(DONE)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for name, event in _events(str(body["text"])):
            await response.write(f"event: {name}\ndata: {json.dumps(event)}\n\n".encode())
        return response


def _events(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "meta", {"intents": DONE["intents"]}
    yield "delta", {"text": "您好,"}
    if text == "断":
        return
    yield "delta", {"text": "在的"}
    if text == "错":
        yield "error", {"title": "Broken", "status": 500, "detail": "sorry"}
    else:
        yield "done", DONE


@contextmanager
def doors() -> Iterator[Doors]:
    """The service, in a thread with a loop of its own, for commands bring their own loop."""
    service, loop = Doors(), asyncio.new_event_loop()
    application = web.Application()
    application.router.add_post("/v1/chat", service.chat)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(_start(runner), loop).result(10)
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield service
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(runner: web.AppRunner) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
