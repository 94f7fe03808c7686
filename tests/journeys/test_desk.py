"""The desk's API over HTTP, with a customer on the other side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from serving import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("desk")).start()
    yield service
    service.stop()


@pytest.fixture
async def customer(service: Service) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(service.url) as http:
        yield http


@pytest.fixture
async def desk(service: Service) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {service.desk_token}"}
    async with aiohttp.ClientSession(service.url, headers=headers) as http:
        yield http


async def say(http: aiohttp.ClientSession, session: str, text: str) -> dict[str, object]:
    async with http.post("/v1/chat", json={"session_id": session, "text": text}) as reply:
        assert reply.status == 200
        turn: dict[str, object] = await reply.json()
        return turn


async def act(http: aiohttp.ClientSession, session: str, what: str, **body: str) -> int:
    path = f"/desk/api/conversations/{session}/{what}"
    async with http.post(path, json={"agent": "小李", **body}) as reply:
        return reply.status


async def test_without_its_token_the_desk_says_nothing(customer: aiohttp.ClientSession) -> None:
    for token in ("", "Bearer wrong", "Basic abc"):
        headers = {"Authorization": token} if token else {}
        async with customer.get("/desk/api/queue", headers=headers) as reply:
            assert reply.status == 401
            assert reply.content_type == "application/problem+json"


async def test_guessing_tokens_is_slowed_down(service: Service) -> None:
    headers = {"Authorization": "Bearer guess"}
    async with aiohttp.ClientSession(service.url, headers=headers) as http:
        statuses = []
        for _ in range(40):
            async with http.get("/desk/api/queue") as reply:
                statuses.append(reply.status)
    assert statuses[-1] == 429


async def test_a_customer_who_asks_for_a_person_is_served_by_one(
    customer: aiohttp.ClientSession, desk: aiohttp.ClientSession
) -> None:
    await say(customer, "desk-1", "我的电话是13812345678")
    asked = await say(customer, "desk-1", "转人工")
    assert asked["handoff"] is True
    async with desk.get("/desk/api/queue") as reply:
        queue = (await reply.json())["queue"]
    row = next(row for row in queue if row["session"] == "desk-1")
    assert (row["state"], bool(row["reason"]), "wishes=" in row["summary"]) == (
        "queued",
        True,
        True,
    )

    assert await act(desk, "desk-1", "reply", text="您好") == 409, "take over first"
    assert await act(desk, "desk-1", "take") == 200
    assert await act(desk, "desk-1", "take", agent="小王") == 409, "somebody else has it"
    assert await act(desk, "desk-1", "reply", text="您好，我是小李") == 200
    assert await act(desk, "desk-1", "reply", text="  ") == 422
    silent = await say(customer, "desk-1", "几天能退货")
    assert (silent["reply"], silent["source"]) == ("", "human")

    async with desk.get("/desk/api/conversations/desk-1") as reply:
        talk = await reply.json()
    assert [line["role"] for line in talk["messages"]].count("agent") == 1
    assert "13812345678" not in str(talk)
    async with customer.get("/v1/sessions/desk-1") as reply:
        mine = await reply.json()
    assert "您好，我是小李" in [line["text"] for line in mine["messages"]]

    assert await act(desk, "desk-1", "return") == 200
    assert (await say(customer, "desk-1", "几天能退货"))["reply"]
    async with desk.get("/desk/api/queue") as reply:
        assert "desk-1" not in [row["session"] for row in (await reply.json())["queue"]]


async def test_bad_input_to_the_desk_names_the_field(desk: aiohttp.ClientSession) -> None:
    assert await act(desk, "absent", "take") == 404
    assert await act(desk, "absent", "take", agent=" ") == 422
    async with desk.post("/desk/api/conversations/x/take", data=b"{") as reply:
        assert reply.status == 422
    async with desk.post("/desk/api/conversations/x/take", data=b"x" * 20_000) as reply:
        assert reply.status == 422


async def test_a_customer_who_was_away_gets_what_the_agent_wrote_once(
    customer: aiohttp.ClientSession, desk: aiohttp.ClientSession
) -> None:
    await say(customer, "desk-2", "转人工")
    await act(desk, "desk-2", "take")
    await act(desk, "desk-2", "reply", text="在的")
    async with customer.ws_connect("/v1/ws") as socket:
        await socket.send_json({"type": "resume", "session_id": "desk-2", "last_seq": 0})
        frames = []
        while not frames or frames[-1].get("kind") != "resumed":
            frames.append(await socket.receive_json(timeout=5))
    told = [frame["kind"] for frame in frames]
    assert told == ["taken_over", "agent_message", "resumed"]
    assert frames[1]["text"] == "在的"
    assert frames[1]["id"]
