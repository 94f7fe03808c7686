"""The fake vendor's server."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from aiohttp import web

from kefu.llms.fake import words
from kefu.llms.fake.behaviour import Behaviour, Fault
from kefu.llms.fake.script import cued, fitting

MODEL = "fake-llm"
_STOPPED = 30.0
"""Seconds after which a hanging request is let go, in case nobody closes it."""

_KEPT = 64
"""Requests that are remembered."""

_STREAM = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
_HTML = "<!doctype html><title>Sign in</title><p>Please sign in to the network.</p>"


class _Line(msgspec.Struct):
    role: str = "user"
    content: str = ""


class _Schema(msgspec.Struct):
    schema: Any = None


class _Format(msgspec.Struct):
    type: str = "text"
    json_schema: _Schema | None = None


class _Asked(msgspec.Struct):
    messages: list[_Line]
    model: str = MODEL
    stream: bool = False
    response_format: _Format | None = None


class FakeServer:
    """`async with FakeServer(behaviour) as fake:` listens on loopback at `fake.base_url` until the block ends.

    `served` counts requests, `hung_up` those whose client left before the end; `asked` are the last bodies.
    """

    def __init__(self, behaviour: Behaviour, host: str = "127.0.0.1", port: int = 0) -> None:
        self.behaviour = behaviour
        self.served = 0
        self.hung_up = 0
        self.asked: deque[bytes] = deque(maxlen=_KEPT)
        self.left = asyncio.Event()
        self._address = (host, port)
        self._runner = web.AppRunner(
            self._application(), handler_cancellation=True, shutdown_timeout=0.1
        )

    @property
    def base_url(self) -> str:
        """What goes into KEFU_LLM__BASE_URL."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/v1"

    async def __aenter__(self) -> FakeServer:
        """Start listening; port 0 takes a free one."""
        await self._runner.setup()
        host, port = self._address
        await web.TCPSite(self._runner, host, port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening and drop what is open."""
        await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", self._complete)
        application.router.add_get("/v1/models", self._models)
        return application

    async def _models(self, _request: web.Request) -> web.Response:
        return _json({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.served += 1
        fault = self.behaviour.fault_of(self.served)
        self.asked.append(await request.read())
        try:
            asked = msgspec.json.decode(self.asked[-1], type=_Asked)
        except msgspec.DecodeError as exc:
            return _error(400, "invalid_request_error", str(exc))
        if asked.response_format is not None and not self.behaviour.schemas:
            return _error(400, "invalid_request_error", "This response_format is not available.")
        try:
            refused = _REFUSALS.get(fault)
            if refused is not None:
                return refused()
            return await self._answer(request, asked, fault)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up += 1
            self.left.set()
            raise

    async def _answer(
        self, request: web.Request, asked: _Asked, fault: Fault
    ) -> web.StreamResponse:
        behaviour = self.behaviour
        prompt = "\n".join(line.content for line in asked.messages)
        tokens = self._tokens(asked, prompt)
        if fault is Fault.EMPTY:
            tokens = []
        usage = {"prompt_tokens": len(prompt) // 2, "completion_tokens": len(tokens)}
        if not asked.stream:
            await asyncio.sleep((behaviour.ttft_ms + behaviour.token_ms * len(tokens)) / 1000)
            return _json(_whole(asked.model, "".join(tokens), usage))
        return await _Streaming(request, behaviour, fault, asked.model).run(tokens, usage)

    def _tokens(self, asked: _Asked, prompt: str) -> list[str]:
        """What the script says, else something of the shape that is asked for, else a polite nothing."""
        behaviour = self.behaviour
        last = asked.messages[-1].content if asked.messages else ""
        said = cued(behaviour.script, last)
        if said is not None:
            return words.cut(said)
        tokens = words.reply(prompt, behaviour.seed, behaviour.tokens)
        shape = asked.response_format and asked.response_format.json_schema
        if not shape:
            return tokens
        value = fitting(shape.schema, "".join(tokens))
        return words.cut(msgspec.json.encode(value).decode())


class _Streaming:
    """One streamed reply."""

    def __init__(
        self, request: web.Request, behaviour: Behaviour, fault: Fault, model: str
    ) -> None:
        self._request = request
        self._behaviour = behaviour
        self._fault = fault
        self._model = model
        self._response = web.StreamResponse(headers=_STREAM)

    async def run(self, tokens: Sequence[str], usage: dict[str, int]) -> web.StreamResponse:
        """Stream the tokens, with the fault in its place."""
        response, behaviour = self._response, self._behaviour
        await response.prepare(self._request)
        if self._fault is Fault.HANG:
            await asyncio.sleep(_STOPPED)
            return response
        if behaviour.ttft_ms:
            await asyncio.sleep(behaviour.ttft_ms / 1000)
        for number, token in enumerate(tokens):
            if number and behaviour.token_ms:
                await asyncio.sleep(behaviour.token_ms / 1000)
            if number == behaviour.after and await self._fails():
                return response
            await self._send({"content": token})
        await self._finish(usage)
        return response

    async def _fails(self) -> bool:
        """Play a fault in mid-stream; true when the stream is over by it."""
        play = {
            Fault.STALL: self._stall,
            Fault.TRUNCATED: self._truncate,
            Fault.UNFINISHED: self._end,
            Fault.MALFORMED: self._malform,
            Fault.FILTERED: self._filter,
        }.get(self._fault)
        if play is None:
            return False
        await play()
        return True

    async def _stall(self) -> None:
        await asyncio.sleep(_STOPPED)

    async def _truncate(self) -> None:
        """Half an event, half a character even, then a dead line."""
        await self._response.write('data: {"choices": [{"delta": {"content": "您'.encode()[:-1])
        if self._request.transport is not None:
            self._request.transport.close()

    async def _end(self) -> None:
        await self._response.write_eof()

    async def _malform(self) -> None:
        await self._response.write(b'data: {"choices": [{"delta": \n\n')
        await self._response.write_eof()

    async def _filter(self) -> None:
        await self._send({}, "content_filter")
        await self._response.write(b"data: [DONE]\n\n")

    async def _finish(self, usage: dict[str, int]) -> None:
        await self._send({}, "stop")
        tail = msgspec.json.encode({"model": self._model, "choices": [], "usage": usage})
        await self._response.write(b"data: " + tail + b"\n\ndata: [DONE]\n\n")

    async def _send(self, delta: dict[str, str], reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        event = {"id": "fake", "object": "chat.completion.chunk", "model": self._model}
        payload = msgspec.json.encode({**event, "created": 0, "choices": [choice]})
        await self._response.write(b"data: " + payload + b"\n\n")


def _whole(model: str, text: str, usage: dict[str, int]) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    counted = {**usage, "total_tokens": sum(usage.values())}
    return {
        "id": "fake",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
        "usage": counted,
    }


def _json(body: dict[str, Any], status: int = 200, retry_after: str = "") -> web.Response:
    headers = {"Retry-After": retry_after} if retry_after else None
    return web.Response(
        body=msgspec.json.encode(body),
        status=status,
        content_type="application/json",
        headers=headers,
    )


def _error(status: int, code: str, message: str, retry_after: str = "") -> web.Response:
    error = {"message": message, "type": code, "code": code}
    return _json({"error": error}, status, retry_after)


def _html() -> web.Response:
    return web.Response(text=_HTML, content_type="text/html")


_REFUSALS: dict[Fault, Callable[[], web.Response]] = {
    Fault.TOO_MANY: lambda: _error(429, "rate_limit_exceeded", "Too many requests.", "2"),
    Fault.BROKEN: lambda: _error(500, "server_error", "Something broke."),
    Fault.DENIED: lambda: _error(401, "invalid_api_key", "Wrong key."),
    Fault.HTML: _html,
}
