"""POST /v1/chat: answered whole, or as server-sent events."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from kefu.gateway import body, sending
from kefu.gateway.admission import address
from kefu.gateway.auth import Authenticator
from kefu.gateway.body import Decoder
from kefu.gateway.entrance import Entrance, message_of
from kefu.gateway.inflight import Inflight
from kefu.gateway.listening import NOBODY, Answered, Stream
from kefu.gateway.pipe import Pipe, event, pour_or_tell
from kefu.gateway.problems import problem_body
from kefu.gateway.sending import unexpected
from kefu.gateway.wire import ChatRequest, DeltaPart, encode
from kefu.messages import Message


class Chat:
    """The door that most clients use; the hot path of the service."""

    def __init__(self, entrance: Entrance, auth: Authenticator, inflight: Inflight) -> None:
        self._entrance = entrance
        self._auth = auth
        self._inflight = inflight
        self._decoder = Decoder(ChatRequest)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        caller = self._auth.caller(scope)
        request = self._decoder.decode(await body.read(scope, receive))
        message = message_of(request, caller)
        if request.stream:
            await self._entrance.admit(message, address(scope))
            await self._stream(message, receive, send)
            return
        answered = await self._entrance.respond(message, address(scope), NOBODY)
        await sending.reply_json(send, answered.body)

    async def _stream(self, message: Message, receive: Receive, send: Send) -> None:
        """Stream one turn, made by a task of its own, so that it outlives its client."""
        pipe = Pipe()
        stream = Stream(
            message.session,
            lambda part: pipe.put(event("meta", encode(part))),
            lambda text: pipe.put(event("delta", encode(DeltaPart(text)))),
        )
        work = self._entrance.admitted(message, stream)
        self._inflight.hand_over(work, lambda outcome: _finish(pipe, stream, outcome))
        await pour_or_tell(pipe, receive, send)


def _finish(pipe: Pipe, stream: Stream, outcome: Answered | Exception) -> None:
    if isinstance(outcome, Exception):
        unexpected(outcome)
        if stream.heard:
            pipe.put(event("error", problem_body(outcome)))
        pipe.end(outcome)
        return
    stream.finish(outcome.turn)
    pipe.put(event("done", outcome.body))
    pipe.end()
