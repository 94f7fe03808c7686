"""The real app behind real uvicorn on a free port, over the twin of the service."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import uvicorn

from gateway_twin import Twin
from kefu.gateway import asgi, server
from kefu.gateway.asgi import Doors, Gate
from kefu.gateway.auth import Keys
from kefu.gateway.limits import Limits

KEY = "kefu-service-key-for-tests"
AUTH = {"Authorization": f"Bearer {KEY}"}
OPEN = Gate(keys=Keys({KEY: "shop"}), limits=Limits(enabled=False))


@dataclass(frozen=True, slots=True)
class Running:
    """A service that listens."""

    port: int
    twin: Twin
    http: aiohttp.ClientSession
    server: uvicorn.Server

    @property
    def url(self) -> str:
        """Where."""
        return f"http://127.0.0.1:{self.port}"


Serve = Callable[..., AbstractAsyncContextManager[Running]]


@asynccontextmanager
async def serving(
    gate: Gate = OPEN, twin: Twin | None = None, doors: Doors = lambda entrance: ()
) -> AsyncIterator[Running]:
    """Serve until the block ends."""
    twin = twin or Twin()
    app = asgi.build(twin.service(), gate, twin.tokens, doors=doors)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    uvicorn_server = uvicorn.Server(server.config(app, "127.0.0.1", port))
    await _start(uvicorn_server, listener)
    loop = asyncio.create_task(uvicorn_server.main_loop())
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        try:
            yield Running(port, twin, http, uvicorn_server)
        finally:
            twin.turns.gate.set()
            await http.close()
            uvicorn_server.should_exit = True
            await loop
            await uvicorn_server.shutdown(sockets=[listener])
            listener.close()


async def _start(uvicorn_server: uvicorn.Server, listener: socket.socket) -> None:
    uvicorn_server.config.load()
    uvicorn_server.lifespan = uvicorn_server.config.lifespan_class(uvicorn_server.config)
    await uvicorn_server.startup(sockets=[listener])


async def until(true: Callable[[], object]) -> None:
    """Let others run until something has come true; five seconds at most."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 -- what is waited for has no event to wait on
            await asyncio.sleep(0)
