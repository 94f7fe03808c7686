"""GET /docs: openapi.json, drawn by a small page of ours; nothing comes from another host."""

from __future__ import annotations

import html
from pathlib import Path

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kefu.gateway import sending
from kefu.gateway.problems import INTERNAL, KINDS, Kind

_STATIC = Path(__file__).parent / "static"
_FILES = {
    name: (_STATIC / name).read_text("utf-8") for name in ("docs.html", "docs.js", "docs.css")
}


class StaticFile:
    """A file of the package, read once."""

    def __init__(self, content: bytes, kind: str) -> None:
        self._content = content
        self._kind = kind.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [(b"content-type", self._kind), (b"cache-control", b"no-cache")]
        await sending.whole(send, 200, self._content, headers)


def docs_page() -> StaticFile:
    """The page, with the list of problems that `type` of a problem points into."""
    rows = "\n".join(_row(kind) for kind in [*KINDS.values(), INTERNAL])
    return StaticFile(
        _FILES["docs.html"].replace("<!-- problems -->", rows).encode(), "text/html; charset=utf-8"
    )


def docs_assets() -> list[Route]:
    """What the page loads."""
    kinds = {"docs.js": "text/javascript; charset=utf-8", "docs.css": "text/css; charset=utf-8"}
    return [
        Route(f"/docs/{name}", StaticFile(_FILES[name].encode(), kind), methods=["GET"])
        for name, kind in kinds.items()
    ]


def _row(kind: Kind) -> str:
    title = html.escape(kind.title)
    return f'<tr id="problem-{kind.slug}"><td>{kind.status}</td><td>{kind.slug}</td><td>{title}</td></tr>'
