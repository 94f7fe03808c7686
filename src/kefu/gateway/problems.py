"""The one table that maps errors to HTTP, and the one shape they are told in: RFC 9457."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import UNSET, UnsetType
from starlette.exceptions import HTTPException

from kefu.errors import (
    BadMessage,
    Conflict,
    DeadlineExceeded,
    KefuError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Overloaded,
    RateLimited,
)
from kefu.gateway.wire import encode
from kefu.gateway.wire_parts import Problem, ProblemError

Headers = list[tuple[bytes, bytes]]


class Malformed(BadMessage):
    """The bytes are not the JSON we can read."""


class TooLarge(KefuError):
    """More bytes than we are willing to read."""


class TooSlow(KefuError):
    """The request did not arrive in time."""


class Unsupported(KefuError):
    """A coding of the body that we do not speak."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table."""

    status: int
    slug: str
    title: str


KINDS: Mapping[type[Exception], Kind] = {
    Malformed: Kind(400, "malformed", "Malformed request"),
    NotAuthenticated: Kind(401, "not-authenticated", "Authentication needed"),
    NotAllowed: Kind(403, "not-allowed", "Not allowed"),
    NotFound: Kind(404, "not-found", "Not found"),
    TooSlow: Kind(408, "too-slow", "Request took too long"),
    Conflict: Kind(409, "conflict", "Sequence conflict"),
    TooLarge: Kind(413, "too-large", "Too large"),
    Unsupported: Kind(415, "unsupported", "Unsupported content coding"),
    BadMessage: Kind(422, "bad-field", "A field is wrong"),
    RateLimited: Kind(429, "rate-limited", "Too many requests"),
    Overloaded: Kind(503, "overloaded", "Overloaded"),
    DeadlineExceeded: Kind(503, "out-of-time", "Out of time"),
    KefuError: Kind(503, "unavailable", "Unavailable"),
}
"""An error is told by the row of the nearest class of its line of descent."""

INTERNAL = Kind(500, "internal", "Internal error")
_DISCREET = {
    INTERNAL.slug: "Something went wrong on our side.",
    "unavailable": "A part of the service is away; please try again.",
}
_TITLES = {404: KINDS[NotFound], 405: Kind(405, "method", "Method not allowed")}


def kind_of(error: Exception) -> Kind:
    """The row of an error; what is not in the table is a bug and reads 500."""
    if isinstance(error, HTTPException):
        return _TITLES.get(error.status_code) or Kind(error.status_code, "http", error.detail)
    for ancestor in type(error).__mro__:
        if ancestor in KINDS:
            return KINDS[ancestor]
    return INTERNAL


def problem_of(error: Exception) -> Problem:
    """The error as its caller may read it; a bug tells nothing of our inside."""
    kind = kind_of(error)
    return Problem(
        f"/docs#problem-{kind.slug}",
        kind.title,
        kind.status,
        _detail_of(error, kind),
        _fields(error),
    )


def headers_of(error: Exception) -> Headers:
    """Headers that go with an error: when to come back, how to sign in, that we hang up."""
    if isinstance(error, Overloaded):
        return [(b"retry-after", retry_after(error.retry_after))]
    if isinstance(error, DeadlineExceeded) or kind_of(error).slug == "unavailable":
        return [(b"retry-after", b"1")]
    if isinstance(error, NotAuthenticated):
        return [(b"www-authenticate", b'Bearer realm="kefu"')]
    if isinstance(error, HTTPException):
        return [(n.lower().encode(), v.encode()) for n, v in (error.headers or {}).items()]
    return []


def retry_after(seconds: float) -> bytes:
    """Whole seconds, at least one."""
    return str(max(1, math.ceil(seconds))).encode()


def problem_body(error: Exception) -> bytes:
    """The problem as JSON."""
    return encode(problem_of(error))


def _detail_of(error: Exception, kind: Kind) -> str:
    if isinstance(error, HTTPException):
        return error.detail
    return _DISCREET.get(kind.slug) or str(error) or kind.title


def _fields(error: Exception) -> list[ProblemError] | UnsetType:
    if isinstance(error, BadMessage) and error.field:
        return [ProblemError(error.field, error.message)]
    return UNSET
