"""Which web pages may open a socket: their own host's, and those that the operator named."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

from kefu.errors import NotAllowed


class Origins:
    """Checks the Origin header; clients that are no browsers send none."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = frozenset(origin.rstrip("/") for origin in allowed)

    def check(self, scope: Scope) -> None:
        """Raise NotAllowed for a page of another origin."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not origin or "*" in self.allowed or origin in self.allowed:
            return
        if urlsplit(origin).netloc != headers.get(b"host", b"").decode("latin-1"):
            raise NotAllowed("this origin may not open a socket")
