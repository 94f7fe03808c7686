"""The fake vendor, seen through the official client."""

from __future__ import annotations

import aiohttp
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from kefu.llms.fake import words
from kefu.llms.fake.behaviour import Behaviour, Fault
from kefu.llms.fake.server import FakeServer


def official(fake: FakeServer) -> AsyncOpenAI:
    """The official client, which would retry by itself."""
    return AsyncOpenAI(base_url=fake.base_url, api_key="k", max_retries=0)


async def test_the_official_client_streams_and_waits() -> None:
    behaviour = Behaviour(tokens=4, ttft_ms=1, token_ms=1)
    lines: list[ChatCompletionMessageParam] = [{"role": "user", "content": "在吗"}]
    async with FakeServer(behaviour) as fake, official(fake) as client:
        whole = await client.chat.completions.create(model="m", messages=lines)
        stream = await client.chat.completions.create(model="m", messages=lines, stream=True)
        pieces = [c.choices[0].delta.content or "" async for c in stream if c.choices]
        models = [model.id async for model in client.models.list()]
    assert whole.choices[0].message.content == "".join(pieces)
    assert whole.usage is not None
    assert whole.usage.completion_tokens == 4
    assert models == ["fake-llm"]


async def test_a_request_without_messages_is_refused() -> None:
    async with FakeServer(Behaviour()) as fake, aiohttp.ClientSession() as session:
        response = await session.post(f"{fake.base_url}/chat/completions", json={"model": "m"})
        assert response.status == 400
        assert "messages" in await response.text()


def test_the_same_seed_says_and_fails_the_same() -> None:
    behaviour = Behaviour(fault=Fault.BROKEN, share=0.5, seed=7)
    first = [behaviour.fault_of(number) for number in range(200)]
    assert first == [behaviour.fault_of(number) for number in range(200)]
    assert 60 < first.count(Fault.BROKEN) < 140
    assert words.reply("在吗", 7) == words.reply("在吗", 7)
    assert len(words.reply("在吗", 7, tokens=50)) == 50
    assert Behaviour().fault_of(1) is Fault.NONE
