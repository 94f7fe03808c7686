"""The agent desk's API: who waits, take over, reply, give back; live.

Every call carries `Authorization: Bearer <desk token>`; the token stays out of URLs, cookies and logs.
What an agent sees is masked: placeholders stand where the customer gave personal data.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from kefu.desk.queue import Queue
from kefu.dialogue.conversations import Conversations, StoryLine
from kefu.dialogue.events import AgentSaid, Event, GivenBack, Kept, TakenOver
from kefu.dialogue.state import Dialogue
from kefu.dialogue.vault import Vault
from kefu.errors import BadMessage, Conflict, KefuError, NotAuthenticated, RateLimited
from kefu.gateway.backing import channel, notice_id
from kefu.gateway.problems import kind_of, problem_body
from kefu.guarding.guard import Guard
from kefu.messages import Caller, SessionId
from kefu.storage.base import HotStore

MAX_BODY = 16 * 1024
MAX_REPLY = 2000
TRIES_PER_MINUTE = 20
TENANT = "default"

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]


class TakeBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who takes the conversation."""

    agent: str


class ReplyBody(msgspec.Struct, forbid_unknown_fields=True):
    """What the agent writes."""

    agent: str
    text: str


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What the desk works with: `token_hash` is the SHA-256 of its token, `intents` their names by language."""

    conversations: Conversations
    queue: Queue
    hot: HotStore
    guard: Guard
    token_hash: bytes
    intents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class DeskApi:
    """The desk's endpoints."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts
        self._caller = Caller(tenant=TENANT, service=True)

    def routes(self) -> list[BaseRoute]:
        """The route table of the desk."""
        one = "/desk/api/conversations/{session}"
        return [
            Route("/desk/api/queue", self._guarded(self.waiting), methods=["GET"]),
            Route("/desk/api/names", self._guarded(self.names), methods=["GET"]),
            Route("/desk/api/live", self._guarded(self.live), methods=["GET"]),
            Route(one, self._guarded(self.conversation), methods=["GET"]),
            Route(f"{one}/take", self._guarded(self.take), methods=["POST"]),
            Route(f"{one}/reply", self._guarded(self.reply), methods=["POST"]),
            Route(f"{one}/return", self._guarded(self.give_back), methods=["POST"]),
        ]

    async def waiting(self, request: Request) -> Response:
        """Who waits, VIP first, then the longest."""
        return _json({"queue": await self._parts.queue.waiting(TENANT)})

    async def names(self, request: Request) -> Response:
        """What the intents are called."""
        return _json({"intents": self._parts.intents})

    async def conversation(self, request: Request) -> Response:
        """One conversation, masked."""
        session = SessionId(request.path_params["session"])
        dialogue, story = await self._parts.conversations.read(session, self._caller)
        return _json(_view(session, dialogue, story))

    async def take(self, request: Request) -> Response:
        """The agent takes the conversation; the bot is silent from here."""
        body = await _body(request, TakeBody)
        agent = _named(body.agent)
        session = SessionId(request.path_params["session"])
        dialogue, _ = await self._parts.conversations.read(session, self._caller)
        if dialogue.mode == "human" and dialogue.agent != agent:
            raise Conflict(f"{dialogue.agent} has this conversation already")
        dialogue = await self._note(session, {"kind": "taken_over"}, TakenOver(agent))
        await self._parts.queue.enter(session, dialogue)
        return _json({"mode": dialogue.mode, "agent": agent})

    async def reply(self, request: Request) -> Response:
        """The agent writes to the customer."""
        body = await _body(request, ReplyBody)
        agent, text = _named(body.agent), body.text.strip()
        if not 1 <= len(text) <= MAX_REPLY:
            raise BadMessage("text", f"1 to {MAX_REPLY} characters")
        session = SessionId(request.path_params["session"])
        dialogue, _ = await self._parts.conversations.read(session, self._caller)
        if dialogue.mode != "human" or dialogue.agent != agent:
            raise Conflict("take the conversation over before you reply")
        vault = Vault(dialogue.vault)
        masked = self._parts.guard.incoming(vault.reveal(text), vault, dialogue.locale).text
        kept: list[Event] = [Kept(vault.added)] if vault.added else []
        notice = {"kind": "agent_message", "agent": agent, "text": vault.reveal(text)}
        await self._note(session, notice, *kept, AgentSaid(agent, masked))
        return _json({"text": masked})

    async def give_back(self, request: Request) -> Response:
        """The agent gives the conversation back to the bot."""
        body = await _body(request, TakeBody)
        session = SessionId(request.path_params["session"])
        given = GivenBack(_named(body.agent))
        dialogue = await self._note(session, {"kind": "given_back"}, given)
        await self._parts.queue.leave(TENANT, session)
        return _json({"mode": dialogue.mode})

    async def live(self, request: Request) -> Response:
        """Server-sent events: one `changed` with the session id whenever something moved."""

        async def stream() -> AsyncIterator[bytes]:
            yield b": welcome\n\n"
            async for payload in self._parts.queue.changes():
                yield b"event: changed\ndata: " + payload + b"\n\n"

        return StreamingResponse(
            stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def _note(
        self, session: SessionId, notice: Mapping[str, str], *events: Event
    ) -> Dialogue:
        """Write down what the agent did, then tell the customer and the desks."""
        dialogue, position = await self._parts.conversations.note(session, self._caller, *events)
        frame = {"type": "notice", "seq": dialogue.seq, "id": notice_id(position), **notice}
        await self._parts.hot.publish(channel(TENANT, session), msgspec.json.encode(frame))
        await self._parts.queue.tell(session)
        return dialogue

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, behind the token; errors become problems."""

        async def guarded(request: Request) -> Response:
            try:
                await self._check(request)
                return await endpoint(request)
            except KefuError as error:
                return Response(
                    problem_body(error),
                    kind_of(error).status,
                    media_type="application/problem+json",
                )

        return guarded

    async def _check(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = hashlib.sha256(token.strip().encode()).digest()
        if scheme.lower() == "bearer" and hmac.compare_digest(given, self._parts.token_hash):
            return
        host = request.client.host if request.client else "unknown"
        wait = await self._parts.hot.take(
            f"desk-login/{host}", TRIES_PER_MINUTE / 60, TRIES_PER_MINUTE
        )
        if wait > 0:
            raise RateLimited("too many wrong tokens from this address", wait)
        raise NotAuthenticated("the desk needs its token: see the first start's output")


async def _body(request: Request, kind: type[T]) -> T:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BadMessage("", f"the body is larger than {MAX_BODY} bytes")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise BadMessage("", str(exc)) from exc


def _named(agent: str) -> str:
    name = agent.strip()
    if not 1 <= len(name) <= 40:
        raise BadMessage("agent", "a name of 1 to 40 characters")
    return name


def _json(content: Any) -> Response:
    return Response(
        msgspec.json.encode(content),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _view(session: str, dialogue: Dialogue, story: list[StoryLine]) -> dict[str, Any]:
    return {
        "session": session,
        "mode": dialogue.mode,
        "agent": dialogue.agent,
        "reason": dialogue.handoff_reason,
        "slots": dialogue.slots,
        "tier": dialogue.tier,
        "messages": [message for line in story for message in _messages(line)],
    }


def _messages(line: StoryLine) -> list[dict[str, Any]]:
    at, turn = line.entry.at_ms, line.turn
    if turn is not None:
        asked = {"role": "user", "text": turn.text, "at": at}
        reply = {"role": "assistant", "text": turn.reply, "at": at, "source": turn.source}
        return [asked, reply] if turn.reply else [asked]
    return [
        {"role": "agent", "text": event.text, "agent": event.agent, "at": at}
        for event in line.events
        if isinstance(event, AgentSaid)
    ]
