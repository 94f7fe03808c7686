"""The two ends that a terminal chat can talk to: an engine in this process, or a service far away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from kefu.errors import KefuError

if TYPE_CHECKING:
    import aiohttp

    from kefu.messages import Meaning, TurnId
    from kefu.settings import Settings
    from kefu.turn import Turns

Show = Callable[[str], None]
Response = Mapping[str, Any]


class Talker(Protocol):
    """One conversation with a bot."""

    def say(self, text: str, show: Show) -> Coroutine[Any, Any, Response]:
        """Show the reply as it comes, then return the whole response, shaped as the API's."""
        ...


class ServiceError(KefuError):
    """The service did not take the message; says why."""


class Embedded:
    """An engine in this process."""

    def __init__(self, turns: Turns, session: str) -> None:
        self._turns = turns
        self._session = session

    async def say(self, text: str, show: Show) -> Response:
        """Answer with the engine."""
        from kefu.gateway.wire import response_of
        from kefu.messages import Caller, Message, SessionId

        message = Message(SessionId(self._session), text, Caller(), datetime.now(UTC))
        turn = await self._turns.respond(message, _Shower(show))
        response: dict[str, Any] = msgspec.to_builtins(response_of(turn))
        return response


class Remote:
    """A service at an address, over server-sent events."""

    def __init__(self, http: aiohttp.ClientSession, url: str, session: str) -> None:
        self._http = http
        self._url = url.rstrip("/") + "/v1/chat"
        self._session = session

    async def say(self, text: str, show: Show) -> Response:
        """Ask the service."""
        import aiohttp

        body = {"session_id": self._session, "text": text, "stream": True}
        try:
            async with self._http.post(self._url, json=body) as response:
                if response.status != 200:
                    raise ServiceError(_why(await response.read(), response.status))
                return await self._listen(response, show)
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise ServiceError(f"{self._url}: {str(exc) or type(exc).__name__}") from exc

    async def _listen(self, response: aiohttp.ClientResponse, show: Show) -> Response:
        from kefu.llms.events import EventReader

        reader = EventReader()
        async for chunk in response.content.iter_any():
            for name, data in reader.named(chunk):
                if name == "error":
                    raise ServiceError(_why(data.encode(), response.status))
                event: dict[str, Any] = msgspec.json.decode(data)
                if name == "delta":
                    show(event["text"])
                elif name == "done":
                    return event
        raise ServiceError("the service hung up before the reply was whole")


class _Shower:
    """A listener that shows the pieces."""

    def __init__(self, show: Show) -> None:
        self._show = show

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """The panel shows it, when the turn is whole."""

    async def delta(self, text: str) -> None:
        """Show a piece."""
        self._show(text)


@asynccontextmanager
async def embedded(settings: Settings, session: str) -> AsyncIterator[Talker]:
    """A conversation with an engine of our own."""
    from kefu.app import engine

    async with engine(settings) as running:
        yield Embedded(running.turns, session)


@asynccontextmanager
async def remote(url: str, session: str) -> AsyncIterator[Talker]:
    """A conversation with a running service."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=60.0, connect=3.0)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        yield Remote(http, url, session)


def _why(body: bytes, status: int) -> str:
    """What a problem+json says."""
    try:
        problem: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return f"HTTP {status}"
    return f"{problem.get('title', 'HTTP')} ({problem.get('status', status)}): {problem.get('detail', '')}"
