"""uvicorn, made strict: deadlines for headers, caps on sizes, and no connection that cannot be closed."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from kefu.gateway.body import SMALL
from kefu.gateway.problems import Kind
from kefu.gateway.shell import SECURITY
from kefu.gateway.wire import encode
from kefu.gateway.wire_parts import Problem

HEADERS_S = 10.0
MOST_HEADER_BYTES = 32 * 1024
LINGER_S = 5.0
MOST_UNSENT = 512 * 1024

_MALFORMED = Kind(400, "malformed", "Malformed request")
_TOO_LARGE = Kind(431, "headers-too-large", "Header fields too large")


class StrictHttp(HttpToolsProtocol):
    """HTTP/1.1 whose headers must arrive within HEADERS_S and MOST_HEADER_BYTES.

    uvicorn has no such deadline: a client that trickles its headers holds a connection for ever.
    """

    headers_s = HEADERS_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heading = True
        self._head_bytes = 0
        self._refused = False
        self._upgraded = False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the first deadline: a silent connection is closed, too."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and keep the deadline only while headers are unfinished."""
        if self._refused:
            return
        super().data_received(data)
        if self._busy():
            if self._patience is not None:
                self._disarm()
            return
        if self._heading:
            self._head_bytes += len(data)
        if self._refused:
            return
        if self._head_bytes > MOST_HEADER_BYTES:
            self._refuse(_TOO_LARGE, f"headers may have {MOST_HEADER_BYTES} bytes")
        elif self._patience is None:
            self._arm()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._heading = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hand it on, unless its headers are too large."""
        self._heading = False
        if self._refused:
            return
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MOST_HEADER_BYTES:
            self._refuse(_TOO_LARGE, f"headers may have {MOST_HEADER_BYTES} bytes")
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if not self._refused:
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """The connection becomes a socket, which has deadlines of its own."""
        self._upgraded = True
        if not self._refused:
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Tell what is no HTTP in our shape."""
        if not self._refused:
            self._refuse(_MALFORMED, msg)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; one that does not take its answer is cut."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def _busy(self) -> bool:
        """Whether a request waits for its answer, or the connection has become a socket.

        Stray bytes between requests are neither, yet they end uvicorn's own timer of idle connections.
        """
        if self._upgraded:
            return True
        return not self._heading and self.cycle is not None and not self.cycle.response_complete

    def _arm(self) -> None:
        self._patience = self.loop.call_later(self.headers_s, self.transport.abort)

    def _disarm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, kind: Kind, detail: str) -> None:
        """Answer without the app, and close."""
        self._refused = True
        problem = Problem(f"/docs#problem-{kind.slug}", kind.title, kind.status, detail)
        content = encode(problem)
        lines = [
            b"HTTP/1.1 %d %s" % (kind.status, kind.title.encode()),
            b"content-type: application/problem+json",
            b"content-length: %d" % len(content),
            *(name + b": " + value for name, value in SECURITY),
            b"connection: close",
            b"",
            content,
        ]
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()
        self.loop.call_later(LINGER_S, self.transport.abort)


class StrictWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that is cut when its peer neither reads nor hangs up."""

    async def run_asgi(self) -> None:
        """Serve the socket; once the app is done with it, it has LINGER_S to close."""
        try:
            await super().run_asgi()
        finally:
            self.loop.call_later(LINGER_S, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """The peer is gone: what waits to be written to it never will be."""
        super().keepalive_timeout()
        self.transport.abort()

    def handle_ping(self) -> None:
        """Answer a ping, unless the peer floods us with them and reads nothing."""
        if self.transport.get_write_buffer_size() > MOST_UNSENT:
            self.transport.abort()
            return
        super().handle_ping()


def config(
    app: ASGIApp, host: str, port: int, trusted_proxies: str | None = None, backlog: int = 4096
) -> uvicorn.Config:
    """uvicorn's settings.

    `trusted_proxies` are the comma-separated addresses whose X-Forwarded-For is believed; None: nobody's.
    """
    return uvicorn.Config(
        cast("Any", app),
        host=host,
        port=port,
        http=StrictHttp,
        ws=StrictWebSocket,
        loop="uvloop",
        lifespan="on",
        ws_max_size=SMALL,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=trusted_proxies is not None,
        forwarded_allow_ips=trusted_proxies,
        backlog=backlog,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=15,
    )
