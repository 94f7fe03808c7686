"""The pages: chat on `/`, desk on `/desk`, their static files, and what the widget wants to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

STATIC = str(resources.files("kefu.console") / "static")


class WidgetInfo(msgspec.Struct, frozen=True):
    """What the chat widget shows before the first word, by locale. `demo` names the demo customer mode."""

    title: Mapping[str, str]
    greeting: Mapping[str, str]
    quick: Mapping[str, Sequence[str]]
    demo: bool


def routes(info: WidgetInfo) -> list[BaseRoute]:
    """The route table of the pages."""
    widget = msgspec.json.encode(info)

    async def chat(request: Request) -> Response:
        return _page("chat.html")

    async def desk(request: Request) -> Response:
        return _page("desk.html")

    async def widget_info(request: Request) -> Response:
        return Response(widget, media_type="application/json")

    async def icon(request: Request) -> Response:
        return FileResponse(f"{STATIC}/icon.svg", media_type="image/svg+xml")

    return [
        Route("/", chat, methods=["GET"]),
        Route("/favicon.ico", icon, methods=["GET"]),
        Route("/desk", desk, methods=["GET"]),
        Route("/widget.json", widget_info, methods=["GET"]),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


def _page(name: str) -> Response:
    headers: dict[str, Any] = {"Cache-Control": "no-cache"}
    return FileResponse(f"{STATIC}/{name}", media_type="text/html; charset=utf-8", headers=headers)
