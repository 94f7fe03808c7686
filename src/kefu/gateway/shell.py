"""Around every request: a request id, security headers, problems for errors, and a word to the metrics."""

from __future__ import annotations

import itertools
import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kefu.gateway import sending
from kefu.gateway.body import ClientGone
from kefu.gateway.problems import INTERNAL, Headers, kind_of
from kefu.gateway.service import Watch

log = logging.getLogger("kefu.gateway")

CSP = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
SECURITY: Headers = [
    (b"content-security-policy", CSP),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]

_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Shell:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, watch: Watch | None = None) -> None:
        self._app = app
        self._watch = watch
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and make sure that it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["app"] = self
        exchange = Exchange(self._id_of(scope), send)
        scope.setdefault("state", {})["request_id"] = exchange.request_id.decode()
        try:
            await self._app(scope, receive, exchange.send)
        except ClientGone:
            pass
        except Exception as error:
            if kind_of(error) is INTERNAL:
                log.exception("a request failed")
            if not exchange.status:
                await sending.problem(receive, exchange.send, error)
        if self._watch is not None:
            self._tell(self._watch, scope, exchange)

    def _id_of(self, scope: Scope) -> bytes:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _GIVEN_ID.fullmatch(value):
                return bytes(value)
        return f"{self._prefix}-{next(self._numbers):x}".encode()

    def _tell(self, watch: Watch, scope: Scope, exchange: Exchange) -> None:
        route = getattr(scope.get("route"), "path", "none")
        watch(route, exchange.status, time.monotonic() - exchange.began)


class Exchange:
    """One request and its answer; `status` is 0 until the answer begins."""

    __slots__ = ("_send", "began", "request_id", "status")

    def __init__(self, request_id: bytes, send: Send) -> None:
        self.request_id = request_id
        self.status = 0
        self.began = time.monotonic()
        self._send = send

    async def send(self, message: Message) -> None:
        """Send on, with our headers; a page may bring a policy of its own."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            own = any(name == b"content-security-policy" for name, _ in headers)
            headers += SECURITY[1:] if own else SECURITY
            headers.append((b"x-request-id", self.request_id))
            message["headers"] = headers
        await self._send(message)
