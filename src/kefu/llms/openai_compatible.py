"""Any server that speaks OpenAI's chat completions: DeepSeek, Qwen, vLLM, SGLang, Ollama, a gateway …"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import aiohttp

from kefu.deadline import Deadline
from kefu.errors import ModelBroken, ModelRefused, ModelTimeout
from kefu.llms import wire
from kefu.llms.base import Completion, Prompt, SendText
from kefu.llms.events import EventReader
from kefu.llms.prices import Price
from kefu.messages import Usage

CONNECT_S = 1.0
EPILOGUE_S = 1.0
"""How long a finished reply waits for its usage; without it the usage is zero."""

LINGER_S = 0.02
_ERROR_BYTES = 16 * 1024
_TRANSIENT = frozenset({408, 409, 425})
_UNKNOWN_FIELD = frozenset({400, 422})
"""What servers answer to a `response_format` that they do not know."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is reached. `base_url` ends before `/chat/completions`; `name` is what we call it."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    name: str = ""
    price: Price = field(default_factory=Price)

    @property
    def url(self) -> str:
        """The address that completions are asked at."""
        return self.base_url.rstrip("/") + "/chat/completions"


class OpenAICompatible:
    """One model behind one address. Keeps its connections; `close` it at the end.

    It knows no time limit but the connection's and the deadline: Timed adds those between tokens.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.name = endpoint.name or endpoint.model
        self._endpoint = endpoint
        self._schemas = True
        self._session: aiohttp.ClientSession | None = None

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Stream a completion. Cancelling it closes its socket, so the vendor stops writing, and charging."""
        try:
            async with deadline.timeout():
                return await self._ask(prompt, send)
        except TimeoutError as exc:
            raise ModelTimeout(f"{self.name} gave no reply in time") from exc
        except _UnknownField as exc:
            raise ModelRefused(str(exc)) from exc
        except aiohttp.ClientError as exc:
            raise ModelBroken(f"{self.name}: {type(exc).__name__}") from exc

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, prompt: Prompt, send: SendText) -> Completion:
        """Ask once; and once more with the schema in words where the server refuses it in its field."""
        if prompt.schema is None or not self._schemas:
            return await self._call(prompt, send, schemas=False)
        try:
            return await self._call(prompt, send, schemas=True)
        except _UnknownField:
            completion = await self._call(prompt, send, schemas=False)
        self._schemas = False  # only now is it sure that the schema was the reason
        return completion

    async def _call(self, prompt: Prompt, send: SendText, schemas: bool) -> Completion:
        body = wire.request(self._endpoint.model, prompt, schemas)
        async with await self._post(body) as response:
            return await self._read(response, send)

    async def _post(self, body: bytes) -> aiohttp.ClientResponse:
        if self._session is None:
            self._session = _open()
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        if self._endpoint.api_key:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        # No redirects: a key goes to the address it was configured for, and nowhere else.
        return await self._session.post(
            self._endpoint.url, data=body, headers=headers, allow_redirects=False
        )

    async def _read(self, response: aiohttp.ClientResponse, send: SendText) -> Completion:
        if response.status != 200:
            await self._refuse(response)
        if response.content_type in {"text/html", "application/json"}:
            raise ModelBroken(f"{self.name} sent {response.content_type}, not a stream")
        reply = _Reply(self._endpoint.price)
        async for data in response.content.iter_any():
            for event in reply.reader.feed(data):
                if piece := reply.take(event):
                    await send(piece)
            if reply.reason:
                await self._epilogue(reply, response)
                break
        return self._whole(reply)

    async def _epilogue(self, reply: _Reply, response: aiohttp.ClientResponse) -> None:
        """Read on for the usage. The reply stands, whatever happens here."""
        try:
            async with asyncio.timeout(EPILOGUE_S) as timer:
                while data := await response.content.readany():
                    for event in reply.reader.feed(data):
                        reply.take(event)
                    if reply.done:
                        # Only a body that was read to its end leaves a connection that can be used again.
                        timer.reschedule(asyncio.get_running_loop().time() + LINGER_S)
        except (TimeoutError, aiohttp.ClientError, ModelBroken):
            return

    def _whole(self, reply: _Reply) -> Completion:
        """The completion, unless it was cut, filtered or empty."""
        if not reply.reason:
            raise ModelBroken(f"{self.name}: the stream was cut")
        if reply.reason == "content_filter":
            raise ModelRefused(f"{self.name}: content filter")
        text = "".join(reply.pieces)
        if not text.strip():
            raise ModelBroken(f"{self.name}: an empty reply")
        return Completion(text, self.name, reply.usage)

    async def _refuse(self, response: aiohttp.ClientResponse) -> None:
        """Raise what a status other than 200 means."""
        status = response.status
        said = wire.trouble(await response.content.read(_ERROR_BYTES))
        message = f"{self.name}: HTTP {status} {said}".rstrip()
        if status in _UNKNOWN_FIELD:
            raise _UnknownField(message)
        if 400 <= status < 500 and status not in _TRANSIENT:
            raise ModelRefused(message, _seconds(response.headers.get("Retry-After")))
        raise ModelBroken(message)


class _UnknownField(ModelRefused):
    """The server does not take the request as it is."""


class _Reply:
    """A reply under way: its pieces, and why it ended ("" while it goes on)."""

    def __init__(self, price: Price) -> None:
        self.reader = EventReader()
        self.pieces: list[str] = []
        self.reason = ""
        self.done = False
        self.usage = Usage()
        self._price = price

    def take(self, event: str) -> str:
        """Take an event in; the text it adds."""
        if event.strip() == "[DONE]":
            self.done = True
            self.reason = self.reason or "stop"
            return ""
        try:
            read = wire.chunk(event)
        except ModelBroken:
            if self.reason:  # the reply is whole; what follows it cannot spoil it
                return ""
            raise
        if read.usage is not None:
            self.usage = self._price.of(read.usage.prompt_tokens, read.usage.completion_tokens)
        piece = ""
        if read.choices and not self.reason:
            choice = read.choices[0]
            piece = (choice.delta.content or "") if choice.delta else ""
            self.reason = choice.finish_reason or ""
        if piece:
            self.pieces.append(piece)
        return piece


def _open() -> aiohttp.ClientSession:
    """A session without a cap of its own (Limited has it), cookies, or limits on a reply's length in time."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=True,
    )


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds; dates are not used by vendors of models, and are ignored."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
