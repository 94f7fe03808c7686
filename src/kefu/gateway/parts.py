"""The parts of a turn, each on its own, and what operators ask for: health and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from starlette.types import Receive, Scope, Send

from kefu.errors import BadMessage
from kefu.gateway import body, sending
from kefu.gateway.admission import Admission, address
from kefu.gateway.auth import Authenticator
from kefu.gateway.body import Decoder
from kefu.gateway.inflight import Inflight
from kefu.gateway.service import Feedback, Health, Metrics, Parts, Readiness, Said, Turns
from kefu.gateway.wire import SESSION, encode
from kefu.gateway.wire_parts import (
    FeedbackRequest,
    LiveResponse,
    MaskResponse,
    ModerateResponse,
    ReadyResponse,
    TextsRequest,
    UnderstandRequest,
    UnderstandResponse,
    masked_of,
    moderated_of,
    session_of,
    understood_of,
)
from kefu.messages import Caller, SessionId

T = TypeVar("T")

Work = Callable[[T, Caller], Awaitable[bytes | None]]
"""Does what a request asks; the JSON to answer, or None for 204."""


class Part(Generic[T]):
    """One call: authenticate, read, count, do."""

    def __init__(
        self, auth: Authenticator, admission: Admission, kind: type[T], work: Work[T]
    ) -> None:
        self._auth = auth
        self._admission = admission
        self._decoder = Decoder(kind)
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        caller = self._auth.caller(scope)
        request = self._decoder.decode(await body.read(scope, receive, body.LARGE))
        await self._admission.count(caller, "", address(scope))
        content = await self._work(request, caller)
        if content is None:
            await sending.nothing(send)
        else:
            await sending.reply_json(send, content)


class PartCalls:
    """What the parts do."""

    def __init__(self, parts: Parts, feedback: Feedback) -> None:
        self._parts = parts
        self._feedback = feedback

    async def understand(self, request: UnderstandRequest, _caller: Caller) -> bytes:
        """Intents, slots and mood of each text."""
        context = [Said(line.role, line.text) for line in request.context or ()]
        meanings = await self._parts.understand(request.texts, context, request.locale)
        return encode(UnderstandResponse([understood_of(meaning) for meaning in meanings]))

    async def mask(self, request: TextsRequest, _caller: Caller) -> bytes:
        """Each text without personal data."""
        masked = await self._parts.mask(request.texts)
        return encode(MaskResponse([masked_of(one) for one in masked]))

    async def moderate(self, request: TextsRequest, _caller: Caller) -> bytes:
        """What may be said, and what not."""
        verdicts = await self._parts.moderate(request.texts)
        return encode(ModerateResponse([moderated_of(verdict) for verdict in verdicts]))

    async def rate(self, request: FeedbackRequest, caller: Caller) -> None:
        """Keep a rating."""
        session = SessionId(request.session_id)
        comment = request.comment or ""
        await self._feedback.rate(session, request.turn_id, request.csat, comment, caller)


class Sessions:
    """GET /v1/sessions/{session_id}."""

    def __init__(self, auth: Authenticator, admission: Admission, turns: Turns) -> None:
        self._auth = auth
        self._admission = admission
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the conversation."""
        caller = self._auth.caller(scope)
        session = str(scope["path_params"]["session_id"])
        if not SESSION.fullmatch(session):
            raise BadMessage("session_id", "must be 1 to 128 of A-Za-z0-9._:-")
        await self._admission.count(caller, session, address(scope))
        view = await self._turns.session(SessionId(session), caller)
        await sending.reply_json(send, encode(session_of(view)))


class Live:
    """GET /healthz."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say whether a restart is needed."""
        alive = await self._health.live()
        content = encode(LiveResponse("ok" if alive else "failing"))
        await sending.reply_json(send, content, 200 if alive else 503)


class Ready:
    """GET /readyz."""

    def __init__(self, health: Health, inflight: Inflight) -> None:
        self._health = health
        self._inflight = inflight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say whether work may come in, and how each dependency is."""
        readiness = await self._health.ready()
        if self._inflight.closing:
            readiness = Readiness(False, {**readiness.checks, "service": "shutting down"})
        checks = dict(readiness.checks)
        content = encode(ReadyResponse("ready" if readiness.ok else "not ready", checks))
        await sending.reply_json(send, content, 200 if readiness.ok else 503)


class Numbers:
    """GET /metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the numbers."""
        content, kind = self._metrics.render()
        await sending.whole(send, 200, content, [(b"content-type", kind.encode())])
