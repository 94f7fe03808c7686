"""Answers on the wire, without a response object per request."""

from __future__ import annotations

import logging

from starlette.types import Receive, Send

from kefu.gateway import body
from kefu.gateway.problems import (
    INTERNAL,
    Headers,
    TooLarge,
    TooSlow,
    headers_of,
    kind_of,
    problem_body,
)

log = logging.getLogger("kefu.gateway")

_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", b"application/problem+json")
_FRESH = (b"cache-control", b"no-store")
_CLOSE = (b"connection", b"close")


async def whole(send: Send, status: int, content: bytes, headers: Headers) -> None:
    """Send a complete answer."""
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def reply_json(send: Send, content: bytes, status: int = 200) -> None:
    """Send JSON that nobody may keep: conversations are personal."""
    await whole(send, status, content, [_JSON, _FRESH])


async def nothing(send: Send) -> None:
    """Send 204."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def problem(
    receive: Receive, send: Send, error: Exception, content: bytes | None = None
) -> None:
    """Tell an error; `content` is its body where a door has a shape of its own.

    After an unread body the connection is closed, but only after reading on for a while.
    """
    content = problem_body(error) if content is None else content
    headers = [_PROBLEM, _FRESH, *headers_of(error)]
    status = kind_of(error).status
    if not isinstance(error, TooLarge | TooSlow):
        await whole(send, status, content, headers)
        return
    headers += [_CLOSE, (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": True})
    if isinstance(error, TooLarge):
        await body.drain(receive)
    await send({"type": "http.response.body", "body": b""})


def unexpected(error: Exception) -> None:
    """Log an error that is a bug of ours; the others are the caller's to handle."""
    if kind_of(error) is INTERNAL:
        log.error("a request failed", exc_info=error)
