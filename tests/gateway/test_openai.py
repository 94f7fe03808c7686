"""OpenAI's own client against our door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from gateway_served import KEY, OPEN, Running, Serve
from kefu.gateway.asgi import Gate
from kefu.gateway.limits import Limits

ASK: Any = [{"role": "system", "content": "x"}, {"role": "user", "content": "llm 你好"}]


@pytest.fixture
async def client(running: Running) -> AsyncIterator[AsyncOpenAI]:
    """An official client with a good key."""
    async with AsyncOpenAI(base_url=f"{running.url}/v1", api_key=KEY, max_retries=0) as one:
        yield one


async def test_a_completion_is_whole(running: Running, client: AsyncOpenAI) -> None:
    told = await client.chat.completions.create(
        model="gpt-x", messages=ASK, user="s1", temperature=0.1
    )
    assert told.choices[0].message.content == "收到：llm 你好"
    assert told.choices[0].finish_reason == "stop"
    assert told.model == "gpt-x"
    assert told.usage is not None
    assert (told.usage.prompt_tokens, told.usage.total_tokens) == (7, 12)
    assert running.twin.turns.messages[-1].session == "s1"
    assert running.twin.turns.messages[-1].caller.tenant == "shop"
    extra: Any = told.model_extra
    assert extra["kefu"]["intents"][0]["name"] == "order_status"


@pytest.mark.parametrize("usage", [False, True])
async def test_a_streamed_completion_adds_up(client: AsyncOpenAI, usage: bool) -> None:
    options: Any = {"stream_options": {"include_usage": True}} if usage else {}
    stream = await client.chat.completions.create(model="m", messages=ASK, stream=True, **options)
    chunks = [chunk async for chunk in stream]
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert choices[0].delta.role == "assistant"
    assert "".join(choice.delta.content or "" for choice in choices) == "收到：llm 你好"
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    last = chunks[-1].usage
    assert (last.total_tokens if last else None) == (12 if usage else None)


async def test_who_names_the_session(running: Running, client: AsyncOpenAI) -> None:
    messages = running.twin.turns.messages

    async def session(**fields: Any) -> str:
        await client.chat.completions.create(model="m", messages=ASK, **fields)
        return messages[-1].session

    assert await session(user="u.1", extra_headers={"X-Session-Id": "head"}) == "head"
    assert await session(user="u.1") == "u.1"
    hashed = await session(user="someone@example.com")
    assert hashed.startswith("openai-")
    assert await session(user="someone@example.com") == hashed
    assert await session() != await session()


async def test_content_may_come_in_parts(running: Running, client: AsyncOpenAI) -> None:
    parts: Any = [
        {"type": "text", "text": "第一"},
        {"type": "image_url"},
        {"type": "text", "text": "第二"},
    ]
    ask: Any = [{"role": "user", "content": parts}, {"role": "assistant", "content": "…"}]
    await client.chat.completions.create(model="m", messages=ask)
    assert running.twin.turns.messages[-1].text == "第一\n第二"


async def test_errors_are_the_clients_own(client: AsyncOpenAI) -> None:
    async def ask(text: str, **fields: Any) -> None:
        one: Any = [{"role": "user", "content": text}]
        await client.chat.completions.create(model="m", messages=one, **fields)

    with pytest.raises(openai.ConflictError):
        await ask("conflict")
    with pytest.raises(openai.PermissionDeniedError) as denied:
        await ask("forbidden", stream=True)
    assert denied.value.type == "permission_error"
    with pytest.raises(openai.UnprocessableEntityError) as wrong:
        await ask("x", n=2)
    assert (wrong.value.param, wrong.value.type) == ("n", "invalid_request_error")
    with pytest.raises(openai.InternalServerError) as busy:
        await ask("busy")
    assert busy.value.response.headers["retry-after"] == "3"
    with pytest.raises(openai.UnprocessableEntityError):
        await ask("x", extra_headers={"X-Session-Id": "a b"})


async def test_a_stream_that_breaks_raises_in_the_client(client: AsyncOpenAI) -> None:
    ask: Any = [{"role": "user", "content": "break"}]
    stream = await client.chat.completions.create(model="m", messages=ask, stream=True)
    with pytest.raises(openai.APIError):
        _ = [chunk async for chunk in stream]


async def test_a_rate_limit_is_a_rate_limit(serve: Serve) -> None:
    async with serve(Gate(limits=Limits())) as running:
        running.twin.tokens.waits["rate:session"] = 5.0
        async with AsyncOpenAI(
            base_url=f"{running.url}/v1", api_key="any", max_retries=0
        ) as client:
            with pytest.raises(openai.RateLimitError) as limited:
                await client.chat.completions.create(model="m", messages=ASK)
    assert limited.value.type == "rate_limit_error"


async def test_any_key_will_do_where_none_is_set_up_and_a_wrong_one_where_some_are_will_not(
    serve: Serve,
) -> None:
    for gate, works in ((Gate(limits=Limits(enabled=False)), True), (OPEN, False)):
        async with (
            serve(gate) as running,
            AsyncOpenAI(base_url=f"{running.url}/v1", api_key="x", max_retries=0) as client,
        ):
            if works:
                assert [model.id async for model in client.models.list()] == ["kefu"]
                await client.chat.completions.create(model="m", messages=ASK)
                continue
            with pytest.raises(openai.AuthenticationError):
                await client.chat.completions.create(model="m", messages=ASK)
            with pytest.raises(openai.AuthenticationError):
                await client.models.list()
