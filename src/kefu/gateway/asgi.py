"""Builds the app: every door in front of one Service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp

from kefu.gateway import openapi
from kefu.gateway.admission import Admission
from kefu.gateway.auth import Authenticator, Keys
from kefu.gateway.docs_page import StaticFile, docs_assets, docs_page
from kefu.gateway.entrance import Entrance
from kefu.gateway.http import Chat
from kefu.gateway.inflight import Inflight
from kefu.gateway.limits import Limits
from kefu.gateway.openai import Completions, Models
from kefu.gateway.origins import Origins
from kefu.gateway.parts import Live, Numbers, Part, PartCalls, Ready, Sessions
from kefu.gateway.rates import Tokens
from kefu.gateway.rooms import Rooms
from kefu.gateway.routes import TABLE, routes
from kefu.gateway.service import Service
from kefu.gateway.shell import Shell
from kefu.gateway.straight import Straight
from kefu.gateway.websocket import Hall, WebSocketDoor
from kefu.gateway.wire import encode
from kefu.gateway.wire_parts import FeedbackRequest, TextsRequest, UnderstandRequest

Running = Callable[[], AbstractAsyncContextManager[None]]
Doors = Callable[[Entrance], Sequence[BaseRoute]]
"""Makes the routes of other doors whose messages take the same way in."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The doors' settings.

    `origins` are web pages of other hosts that may call us ("*" for all), `drain_s` is how long running turns
    are waited for at shutdown.
    """

    keys: Keys = field(default_factory=Keys)
    limits: Limits = field(default_factory=Limits)
    origins: tuple[str, ...] = ()
    drain_s: float = 10.0


def build(
    service: Service,
    gate: Gate,
    tokens: Tokens,
    mounts: Sequence[BaseRoute] = (),
    running: Running | None = None,
    doors: Doors = lambda entrance: (),
) -> Shell:
    """The ASGI app.

    `tokens` counts callers (the hot store), `mounts` are routes of other doors, `doors` those that
    bring messages; `running` is entered at start and left after the last turn.
    """
    inflight = Inflight(gate.drain_s)
    if service.gauge is not None:
        service.gauge(lambda: inflight.running)
    admission = Admission(gate.limits, tokens)
    rooms = Rooms(service.turns, inflight)
    entrance = Entrance(service.turns, admission, inflight, rooms)
    hall = Hall(entrance, service.turns, rooms, admission, inflight)
    endpoints = _endpoints(service, gate, admission, inflight, entrance, hall)
    table = routes(endpoints)
    router = Router(
        [*table, *docs_assets(), *mounts, *doors(entrance)],
        redirect_slashes=False,
        lifespan=_lifespan(inflight, running),
    )
    return Shell(_shared(Straight(router, table), gate.origins), service.watch)


def _endpoints(
    service: Service,
    gate: Gate,
    admission: Admission,
    inflight: Inflight,
    entrance: Entrance,
    hall: Hall,
) -> Mapping[str, ASGIApp]:
    auth = Authenticator(gate.keys)
    calls = PartCalls(service.parts, service.feedback)
    return {
        "chat": Chat(entrance, auth, inflight),
        "completions": Completions(entrance, auth, inflight),
        "models": Models(service.model, auth),
        "understand": Part(auth, admission, UnderstandRequest, calls.understand),
        "mask": Part(auth, admission, TextsRequest, calls.mask),
        "moderate": Part(auth, admission, TextsRequest, calls.moderate),
        "feedback": Part(auth, admission, FeedbackRequest, calls.rate),
        "sessions": Sessions(auth, admission, service.turns),
        "live": Live(service.health),
        "ready": Ready(service.health, inflight),
        "metrics": Numbers(service.metrics),
        "openapi": StaticFile(CONTRACT, "application/json"),
        "docs": docs_page(),
        "socket": WebSocketDoor(hall, auth, Origins(gate.origins)),
    }


def _version() -> str:
    try:
        return version("kefu")
    except PackageNotFoundError:
        return "0"


CONTRACT = encode(openapi.document(TABLE, _version()))
"""The OpenAPI document as JSON; made at import, because it reads files."""


def _lifespan(
    inflight: Inflight, running: Running | None
) -> Callable[[object], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        async with running() if running is not None else nullcontext():
            inflight.open()
            yield
            await inflight.drain()

    return lifespan


def _shared(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of other origins call us, where the operator named any. No cookies are ever involved."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "x-session-id", "x-request-id"],
        expose_headers=["retry-after", "x-request-id"],
        max_age=600,
    )
