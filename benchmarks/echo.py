"""A bare ASGI echo, JSON in and out: the bound that the machine and the server software set."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import uvicorn


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer every POST with its own body."""
    if scope["type"] != "http":
        return
    body = (await receive())["body"]
    content = msgspec.json.encode(msgspec.json.decode(body)) if body else b"{}"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", lifespan="off")
