"""POST /v1/chat/completions and GET /v1/models: an OpenAI client library works unchanged."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

import msgspec
from msgspec import Raw, Struct
from starlette.types import Receive, Scope, Send

from kefu.errors import BadMessage, KefuError, NotAllowed, NotAuthenticated, Overloaded
from kefu.gateway import body, sending
from kefu.gateway.admission import address
from kefu.gateway.auth import Authenticator
from kefu.gateway.body import Decoder
from kefu.gateway.entrance import Entrance
from kefu.gateway.inflight import Inflight
from kefu.gateway.listening import NOBODY, Answered, Stream
from kefu.gateway.openai_wire import (
    Chunk,
    ChunkDelta,
    Completion,
    CompletionChoice,
    CompletionMessage,
    CompletionRequest,
    ModelCard,
    ModelList,
    chunk,
    said_last,
    usage_of,
)
from kefu.gateway.pipe import Pipe
from kefu.gateway.problems import problem_of
from kefu.gateway.sending import unexpected
from kefu.gateway.wire import LONGEST_TEXT, SESSION, encode
from kefu.messages import Caller, Message, SessionId


class Completions:
    """OpenAI's door. A conversation is named by X-Session-Id, else by `user`; else each request is one."""

    def __init__(self, entrance: Entrance, auth: Authenticator, inflight: Inflight) -> None:
        self._entrance = entrance
        self._auth = auth
        self._inflight = inflight
        self._decoder = Decoder(CompletionRequest, oddities=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; errors have OpenAI's shape inside of ours."""
        try:
            caller = self._auth.caller(scope, lenient=True)
            content = await body.read(scope, receive, body.LARGE)
            request = self._decoder.decode(content)
            message = _message_of(request, scope, caller)
            await self._entrance.admit(message, address(scope))
            if request.stream:
                await self._stream(request, message, receive, send)
                return
            answered = await self._entrance.admitted(message, NOBODY)
        except KefuError as error:
            await sending.problem(receive, send, error, error_body(error))
            return
        await sending.reply_json(send, encode(_completion_of(request.model, answered)))

    async def _stream(
        self, request: CompletionRequest, message: Message, receive: Receive, send: Send
    ) -> None:
        pipe = Pipe()
        writer = ChunkWriter(request, pipe)
        stream = Stream(message.session, lambda part: writer.begin(), writer.say)
        work = self._entrance.admitted(message, stream)
        self._inflight.hand_over(work, lambda outcome: writer.finish(stream, outcome))
        error = await pipe.pour(receive, send)
        if error is not None:
            await sending.problem(receive, send, error, error_body(error))


class ChunkWriter:
    """Writes one turn into a pipe as OpenAI's chunks."""

    def __init__(self, request: CompletionRequest, pipe: Pipe) -> None:
        self._pipe = pipe
        options = request.stream_options
        self._usage = bool(options and options.include_usage)
        self._head = Chunk(
            "chatcmpl-" + secrets.token_hex(12),
            "chat.completion.chunk",
            _now(),
            request.model,
            [],
            None if self._usage else msgspec.UNSET,
        )

    def begin(self) -> None:
        """The first chunk names the role."""
        self._put(chunk(self._head, ChunkDelta(role="assistant", content="")))

    def say(self, text: str) -> None:
        """A piece of the reply."""
        self._put(chunk(self._head, ChunkDelta(content=text)))

    def finish(self, stream: Stream, outcome: Answered | Exception) -> None:
        """The last chunk says why it ends; usage comes after it, where asked for."""
        if isinstance(outcome, Exception):
            unexpected(outcome)
            if stream.heard:
                self._put(error_body(outcome))
            self._pipe.end(outcome)
            return
        stream.finish(outcome.turn)
        self._put(chunk(self._head, ChunkDelta(), ended=True))
        if self._usage:
            usage = usage_of(outcome.turn.usage)
            self._put(encode(msgspec.structs.replace(self._head, usage=usage)))
        self._put(b"[DONE]")
        self._pipe.end()

    def _put(self, data: bytes) -> None:
        self._pipe.put(b"data: " + data + b"\n\n")


class Models:
    """The one model that we are."""

    def __init__(self, name: str, auth: Authenticator) -> None:
        self._auth = auth
        card = ModelCard(name, "model", _now(), "kefu")
        self._body = encode(ModelList("list", [card]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """List it."""
        try:
            self._auth.caller(scope, lenient=True)
        except KefuError as error:
            await sending.problem(receive, send, error, error_body(error))
            return
        await sending.reply_json(send, self._body)


class OpenAIError(Struct, gc=False):
    """What an OpenAI client reads of an error."""

    message: str
    type: str
    param: str | None
    code: str


def error_body(error: Exception) -> bytes:
    """A problem with OpenAI's `error` object in it."""
    problem = problem_of(error)
    param = error.field or None if isinstance(error, BadMessage) else None
    code = problem.type.rpartition("problem-")[2].replace("-", "_")
    shape = OpenAIError(problem.detail, _type_of(error), param, code)
    return encode(problem)[:-1] + b',"error":' + encode(shape) + b"}"


def _type_of(error: Exception) -> str:
    if isinstance(error, NotAuthenticated):
        return "authentication_error"
    if isinstance(error, NotAllowed):
        return "permission_error"
    if isinstance(error, Overloaded):
        return "rate_limit_error" if problem_of(error).status == 429 else "server_error"
    return "invalid_request_error" if problem_of(error).status < 500 else "server_error"


def _message_of(request: CompletionRequest, scope: Scope, caller: Caller) -> Message:
    text = said_last(request)
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise BadMessage(
            "messages", f"the last user message must have 1 to {LONGEST_TEXT} characters"
        )
    if "\0" in text:
        raise BadMessage("messages", "must not hold the character U+0000")
    session = SessionId(_session_of(request, scope))
    return Message(session=session, text=text, caller=caller, at=datetime.now(UTC))


def _session_of(request: CompletionRequest, scope: Scope) -> str:
    named = next((value for name, value in scope["headers"] if name == b"x-session-id"), b"")
    if named:
        session = str(named.decode("latin-1"))
        if not SESSION.fullmatch(session):
            raise BadMessage("X-Session-Id", "must be 1 to 128 of A-Za-z0-9._:-")
        return session
    if not request.user:
        return "openai-" + secrets.token_hex(12)
    if SESSION.fullmatch(request.user):
        return request.user
    return "openai-" + hashlib.sha256(request.user.encode()).hexdigest()[:32]


def _completion_of(model: str, answered: Answered) -> Completion:
    turn = answered.turn
    message = CompletionMessage("assistant", turn.said)
    return Completion(
        "chatcmpl-" + turn.turn_id,
        "chat.completion",
        _now(),
        model,
        [CompletionChoice(0, message, None, "stop")],
        usage_of(turn.usage),
        Raw(answered.body),
    )


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
