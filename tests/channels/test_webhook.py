"""The webhook over real HTTP, before the twin of the service; and once before the whole engine."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway_served import OPEN, Running, serving
from gateway_twin import Twin
from kefu.channels.admitted import AdmittedTurns
from kefu.channels.signing import sign
from kefu.channels.webhook import ChannelSettings, routes, seq_of, session_of
from kefu.gateway.asgi import Doors, Gate
from kefu.gateway.limits import Limits
from kefu.gateway.wire import SESSION
from serving import ROOT, Service

SECRET = "a secret of the shop"
SHOP = "/channels/webhook/shop"
HELLO = {"conversation": "room-1", "text": "你好", "id": "m1"}


def doors() -> Doors:
    return lambda entrance: routes({"shop": SECRET}, AdmittedTurns(entrance))


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with serving(OPEN, doors=doors()) as one:
        yield one


def signed(body: bytes, off: int = 0) -> dict[str, str]:
    stamp = int(datetime.now(UTC).timestamp()) + off
    return {"X-Kefu-Signature": sign(SECRET.encode(), stamp, body)}


async def call(
    http: aiohttp.ClientSession, asked: dict[str, Any], off: int = 0, url: str = SHOP
) -> tuple[int, dict[str, Any]]:
    body = json.dumps(asked).encode()
    async with http.post(url, data=body, headers=signed(body, off)) as response:
        return response.status, await response.json(content_type=None)


async def test_a_signed_message_is_answered(running: Running) -> None:
    status, answer = await call(running.http, HELLO)
    assert status == 200
    assert set(answer) == {"reply", "turn_id", "handoff"}
    assert (answer["reply"], answer["handoff"]) == ("收到：你好", False)
    (message,) = running.twin.turns.messages
    assert message.caller.service
    assert message.caller.user_id is None
    assert running.twin.watched[-1][:2] == ("/channels/webhook/{name}", 200)


async def test_the_channel_says_who_the_customer_is(running: Running) -> None:
    await call(running.http, {**HELLO, "user": "U7"})
    assert running.twin.turns.messages[0].caller.user_id == "U7"


async def test_a_repeated_call_gets_the_same_answer_and_changes_nothing(running: Running) -> None:
    first = await call(running.http, HELLO)
    await call(running.http, {**HELLO, "id": "m2", "text": "在吗"})
    assert await call(running.http, HELLO, off=-20) == first
    assert [len(turns) for turns in running.twin.turns.kept.values()] == [2]


async def test_the_same_id_with_other_words_is_a_conflict(running: Running) -> None:
    await call(running.http, HELLO)
    status, problem = await call(running.http, {**HELLO, "text": "再见"})
    assert (status, problem["status"]) == (409, 409)


async def test_who_cannot_sign_is_not_answered(running: Running) -> None:
    body = json.dumps(HELLO).encode()
    for headers in ({}, signed(body + b" "), signed(body, off=-400)):
        async with running.http.post(SHOP, data=body, headers=headers) as response:
            problem = await response.json(content_type=None)
            assert response.status == problem["status"] == 401
            assert response.content_type == "application/problem+json"
            assert SECRET not in json.dumps(problem)
    assert running.twin.turns.messages == []


async def test_an_unknown_channel_and_another_method_are_problems(running: Running) -> None:
    assert (await call(running.http, HELLO, url="/channels/webhook/none"))[0] == 404
    async with running.http.get(SHOP) as response:
        assert response.status == 405


async def test_a_service_without_channels_has_no_such_door() -> None:
    async with serving(OPEN) as one:
        assert (await call(one.http, HELLO))[0] == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"id": ""}, "id"),
        ({"conversation": "c" * 129}, "conversation"),
        ({"user": 7}, "user"),
        ({"extra": 1}, "extra"),
    ],
)
async def test_a_bad_field_is_named(running: Running, change: dict[str, Any], field: str) -> None:
    status, problem = await call(running.http, {**HELLO, **change})
    assert (status, problem["errors"][0]["field"]) == (422, field)


async def test_what_is_no_json_and_what_is_too_much_are_problems(running: Running) -> None:
    for body, status in ((b"text=hi", 400), (b" " * (64 * 1024 + 1), 413)):
        async with running.http.post(SHOP, data=body, headers=signed(body)) as response:
            assert response.status == status


async def test_channels_are_admitted_as_everybody_is() -> None:
    twin = Twin()
    twin.tokens.waits = {"rate:user:default:U7": 3.0}
    async with serving(Gate(limits=Limits()), twin, doors()) as one:
        assert (await call(one.http, HELLO))[0] == 200
        assert (await call(one.http, {**HELLO, "user": "U7"}))[0] == 429
        assert not any(key.startswith("rate:ip:") for key in twin.tokens.taken)


def test_a_session_holds_the_conversation_and_cannot_be_guessed() -> None:
    shop = ChannelSettings("shop", SECRET)
    assert re.fullmatch(r"webhook\.shop\.room-1\.[0-9a-f]{16}", session_of(shop, "room-1"))
    assert session_of(shop, "room-1") == session_of(shop, "room-1")
    assert session_of(shop, "room-1") != session_of(ChannelSettings("shop", SECRET * 2), "room-1")


def test_any_conversation_becomes_a_session_of_its_own() -> None:
    longest = ChannelSettings("n" * 32, SECRET)
    named = ["群 7", "群 8", "a/b", "a\nb", "x" * 64, "x" * 65, "x" * 128, "wx:o-1_2.3"]
    sessions = {session_of(longest, name) for name in named}
    assert len(sessions) == len(named)
    assert all(SESSION.fullmatch(session) for session in sessions)


def test_the_number_of_a_message_never_changes() -> None:
    assert seq_of("m1") == seq_of("m1") != seq_of("m2")
    numbers = {seq_of(str(number)) for number in range(20_000)}
    assert len(numbers) == 20_000
    assert all(0 <= number < 2**53 for number in numbers)
    assert seq_of("msg-1001") == 7_582_413_288_657_143


def test_a_secret_is_in_no_repr() -> None:
    assert SECRET not in repr(ChannelSettings("shop", SECRET))


async def test_a_message_is_answered_once_by_the_engine_even_over_its_death(tmp_path: Path) -> None:
    service = Service(tmp_path, {"KEFU_CHANNELS__SHOP": SECRET}).start()
    url = f"{service.url}{SHOP}"
    try:
        async with aiohttp.ClientSession() as http:
            answers = await asyncio.gather(*(call(http, HELLO, url=url) for _ in range(5)))
            other = await call(http, {**HELLO, "id": "m2", "text": "帮我查下订单"}, url=url)
        service.kill()
        service.start()
        async with aiohttp.ClientSession() as http:
            again = await call(http, HELLO, url=url)
            async with http.get(f"{service.url}/v1/sessions/webhook.shop.room-1") as response:
                guessed = response.status
    finally:
        service.stop()
    assert answers == [again] * 5
    assert again[0] == other[0] == 200
    assert again[1]["reply"]
    assert other[1]["turn_id"] != again[1]["turn_id"]
    assert guessed == 404
    assert SECRET not in service.output.read_text("utf-8")


async def test_the_signature_of_the_api_page_is_taken(running: Running) -> None:
    page = (ROOT / "docs/api.md").read_text("utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    example = json.loads(
        page.partition("can sign a call.")[2].partition("```json\n")[2].partition("```")[0]
    )
    names: dict[str, Any] = {}
    exec(code, names)
    body = json.dumps(example, ensure_ascii=False).encode()
    headers = {"X-Kefu-Signature": names["signature"](SECRET, body)}
    async with running.http.post(SHOP, data=body, headers=headers) as response:
        assert response.status == 200
