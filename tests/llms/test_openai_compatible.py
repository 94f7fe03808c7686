"""The client against a real server on loopback that behaves well, and then badly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from kefu.deadline import Deadline
from kefu.errors import ModelBroken, ModelError, ModelRefused, ModelTimeout
from kefu.llms.fake.behaviour import Behaviour, Fault
from kefu.llms.fake.server import FakeServer
from kefu.llms.openai_compatible import Endpoint, OpenAICompatible
from kefu.llms.prices import Price
from listening import PROMPT, Heard


@asynccontextmanager
async def client(base_url: str, **endpoint: Any) -> AsyncIterator[OpenAICompatible]:
    """A client that is closed at the end."""
    model = OpenAICompatible(Endpoint(base_url, "fake-llm", **endpoint))
    try:
        yield model
    finally:
        await model.close()


async def test_a_reply_is_streamed_and_returned_whole() -> None:
    heard = Heard()
    price = Price(prompt=1_000_000, completion=2_000_000)
    async with (
        FakeServer(Behaviour(tokens=5)) as fake,
        client(fake.base_url, price=price, name="ours") as model,
    ):
        completion = await model.complete(PROMPT, heard, Deadline.after(5))
    assert completion.text == heard.text
    assert len(heard.pieces) == 5
    assert completion.model == model.name == "ours"
    assert completion.usage.completion_tokens == 5
    assert completion.usage.cost == completion.usage.prompt_tokens + 10


async def test_a_connection_is_used_again() -> None:
    heard = Heard()
    peers = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return _stream('data: {"choices":[{"delta":{"content":"好"},"finish_reason":"stop"}]}\n\n')

    async with serving(answer) as url, client(url) as model:
        for _ in range(3):
            await model.complete(PROMPT, heard, Deadline.after(5))
    assert len(peers) == 1


@pytest.mark.parametrize(
    ("fault", "error", "pieces"),
    [
        (Fault.TOO_MANY, ModelRefused, 0),
        (Fault.DENIED, ModelRefused, 0),
        (Fault.FILTERED, ModelRefused, 2),
        (Fault.BROKEN, ModelBroken, 0),
        (Fault.HTML, ModelBroken, 0),
        (Fault.EMPTY, ModelBroken, 0),
        (Fault.TRUNCATED, ModelBroken, 2),
        (Fault.UNFINISHED, ModelBroken, 2),
        (Fault.MALFORMED, ModelBroken, 2),
        (Fault.HANG, ModelTimeout, 0),
        (Fault.STALL, ModelTimeout, 2),
    ],
)
async def test_each_fault_is_told_by_its_name(
    fault: Fault, error: type[ModelError], pieces: int
) -> None:
    heard = Heard()
    async with (
        FakeServer(Behaviour(fault=fault, after=2)) as fake,
        client(fake.base_url) as model,
    ):
        with pytest.raises(error):
            await model.complete(PROMPT, heard, Deadline.after(0.3))
    assert len(heard.pieces) == pieces


async def test_a_full_vendor_says_when_to_come_back() -> None:
    heard = Heard()
    async with (
        FakeServer(Behaviour(fault=Fault.TOO_MANY)) as fake,
        client(fake.base_url) as model,
    ):
        with pytest.raises(ModelRefused, match="429 rate_limit_exceeded") as refused:
            await model.complete(PROMPT, heard, Deadline.after(5))
    assert refused.value.retry_after == 2.0


async def test_a_cancelled_caller_closes_the_socket() -> None:
    heard = Heard()
    async with (
        FakeServer(Behaviour(fault=Fault.STALL, after=1)) as fake,
        client(fake.base_url) as model,
    ):
        spoke = asyncio.Event()
        heard.on_piece = lambda _piece: spoke.set()
        call = asyncio.create_task(model.complete(PROMPT, heard, Deadline.after(20)))
        await spoke.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(fake.left.wait(), 10)
    assert fake.hung_up == 1


async def test_nobody_at_the_address_is_broken() -> None:
    heard = Heard()
    async with FakeServer(Behaviour()) as fake:
        url = fake.base_url
    async with client(url) as model:
        with pytest.raises(ModelBroken, match="ClientConnectorError"):
            await model.complete(PROMPT, heard, Deadline.after(5))


def test_the_key_is_not_shown() -> None:
    assert "sk-secret" not in repr(Endpoint("http://host/v1", "m", api_key="sk-secret"))


@asynccontextmanager
async def serving(answer: Any) -> AsyncIterator[str]:
    """A server of our own making, for what the fake vendor does not do."""
    application = web.Application()
    application.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1/"
    finally:
        await runner.cleanup()


def _stream(text: str, status: int = 200, **headers: str) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/event-stream", headers=headers)


GOOD = 'data: {"choices":[{"delta":{"content":"好"}}]}\n\n'


@pytest.mark.parametrize(
    "body",
    [
        GOOD + "data: [DONE]\n\n",
        GOOD + 'data: {"choices":[{"delta":null,"finish_reason":"length"}]}\n\n',
        GOOD + 'data: {"choices":[{"finish_reason":"stop"}]}\n\ndata: oh dear\n\n',
        ": hello\r\n\r\n" + GOOD + 'data: {"choices":null}\n\ndata: [DONE]\n\n',
    ],
)
async def test_each_honest_end_is_taken(body: str) -> None:
    heard = Heard()

    async def answer(_request: web.Request) -> web.Response:
        return _stream(body)

    async with serving(answer) as url, client(url) as model:
        completion = await model.complete(PROMPT, heard, Deadline.after(5))
    assert completion.text == "好"
    assert completion.usage.cost == 0.0


async def test_a_reply_stands_when_its_usage_never_comes() -> None:
    heard = Heard()
    never = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write((GOOD + "data: [DONE]\n\n").encode())
        await never.wait()
        return response

    async with serving(answer) as url, client(url) as model:
        completion = await model.complete(PROMPT, heard, Deadline.after(5))
    never.set()
    assert completion.text == "好"


async def test_an_error_in_mid_stream_is_broken() -> None:
    heard = Heard()

    async def answer(_request: web.Request) -> web.Response:
        return _stream(GOOD + 'data: {"error":{"message":"overloaded"}}\n\n')

    async with serving(answer) as url, client(url) as model:
        with pytest.raises(ModelBroken, match="reports an error"):
            await model.complete(PROMPT, heard, Deadline.after(5))


async def test_a_key_is_not_carried_to_another_address() -> None:
    heard = Heard()
    keys = []

    async def answer(request: web.Request) -> web.Response:
        keys.append(request.headers["Authorization"])
        return _stream("", 307, Location=f"{request.url}?again", **{"Retry-After": "soon"})

    async with serving(answer) as url, client(url, api_key="k") as model:
        with pytest.raises(ModelBroken, match="HTTP 307"):
            await model.complete(PROMPT, heard, Deadline.after(5))
    assert keys == ["Bearer k"]


async def test_a_refusal_with_an_odd_date_has_no_time() -> None:
    heard = Heard()

    async def answer(_request: web.Request) -> web.Response:
        return _stream("no", 404, **{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})

    async with serving(answer) as url, client(url) as model:
        with pytest.raises(ModelRefused, match="HTTP 404") as refused:
            await model.complete(PROMPT, heard, Deadline.after(5))
    assert refused.value.retry_after is None
