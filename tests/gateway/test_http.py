"""POST /v1/chat over a real socket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from gateway_served import AUTH, Running, Serve, until
from kefu.gateway.asgi import Gate
from kefu.gateway.auth import Keys
from kefu.gateway.limits import Limits

FIELDS = {
    "session_id", "seq", "turn_id", "reply", "intents", "slots", "state", "emotion", "source", "model",
    "handoff", "degraded", "usage", "timings",
}  # fmt: skip


async def events_of(response: Any) -> list[tuple[str, Any]]:
    """The server-sent events of a response, until it ends."""
    text = (await response.read()).decode()
    events = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            kind, data = lines
            events.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


async def test_a_turn_is_answered_with_every_field_of_the_contract(running: Running) -> None:
    async with running.http.post("/v1/chat", json={"session_id": "s1", "text": "你好"}) as response:
        told = await response.json()
        assert response.status == 200
        assert response.headers["content-type"] == "application/json"
    assert told.keys() >= FIELDS
    assert told["reply"] == "收到：你好"
    assert told["slots"] == {"phone": [{"raw": "13800138000", "value": "13800138000"}]}
    assert told["state"] == {"slots": {"phone": "13800138000"}, "flow": None, "turns": 1}
    assert told["intents"] == [{"name": "order_status", "confidence": 0.97}]
    assert told["emotion"] == {"label": "neutral", "score": 0.2, "sarcasm": False}
    assert told["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}
    assert told["timings"]["total"] == 1.25
    assert (told["seq"], told["source"], told["model"], told["degraded"]) == (
        0,
        "template",
        None,
        None,
    )


async def test_every_answer_carries_security_headers_and_a_request_id(running: Running) -> None:
    for path in ("/healthz", "/nowhere", "/docs"):
        async with running.http.get(path, headers={"X-Request-Id": "abc.1"}) as response:
            assert response.headers["x-content-type-options"] == "nosniff"
            assert "unsafe-inline" not in response.headers["content-security-policy"]
            assert response.headers["x-request-id"] == "abc.1"
            assert "server" not in response.headers
    async with running.http.get("/healthz", headers={"X-Request-Id": "a b\t"}) as response:
        assert "-" in response.headers["x-request-id"]


async def test_streamed_deltas_add_up_to_the_reply(running: Running) -> None:
    body = {"session_id": "s2", "text": "我要查快递", "stream": True}
    async with running.http.post("/v1/chat", json=body) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = await events_of(response)
    kinds = [kind for kind, _ in events]
    assert kinds[0] == "meta"
    assert kinds[-1] == "done"
    assert set(kinds[1:-1]) == {"delta"}
    assert len(kinds) > 3
    done = events[-1][1]
    assert "".join(data["text"] for kind, data in events if kind == "delta") == done["reply"]
    assert events[0][1]["turn_id"] == done["turn_id"]
    assert done.keys() >= FIELDS


async def test_a_repeated_message_streams_the_first_reply_again(running: Running) -> None:
    body = {"session_id": "s3", "text": "同一句", "seq": 4}
    async with running.http.post("/v1/chat", json=body) as response:
        first = await response.json()
    async with running.http.post("/v1/chat", json={**body, "stream": True}) as response:
        events = await events_of(response)
    assert [kind for kind, _ in events] == ["meta", "delta", "done"]
    assert events[1][1]["text"] == first["reply"]
    assert events[2][1]["turn_id"] == first["turn_id"]


async def test_pieces_before_the_understanding_are_said_after_it(running: Running) -> None:
    running.twin.turns.mute = True
    body = {"session_id": "s4", "text": "抢先", "stream": True}
    async with running.http.post("/v1/chat", json=body) as response:
        events = await events_of(response)
    assert [kind for kind, _ in events] == ["meta", "delta", "done"]


async def test_a_turn_refused_before_its_first_word_has_a_plain_status(running: Running) -> None:
    for stream in (False, True):
        for text, status in (("conflict", 409), ("forbidden", 403), ("busy", 503), ("late", 503)):
            body = {"session_id": "s5", "text": text, "stream": stream}
            async with running.http.post("/v1/chat", json=body) as response:
                told = await response.json(content_type="application/problem+json")
                assert response.status == told["status"] == status
                assert told.keys() >= {"type", "title", "detail"}
                if status == 503:
                    assert int(response.headers["retry-after"]) >= 1


async def test_a_turn_that_breaks_while_it_is_streamed_ends_with_an_error_event(
    running: Running,
) -> None:
    body = {"session_id": "s6", "text": "break", "stream": True}
    async with running.http.post("/v1/chat", json=body) as response:
        events = await events_of(response)
    assert events[-1][0] == "error"
    assert events[-1][1]["status"] == 503


async def test_a_bug_tells_nothing_of_our_inside(running: Running) -> None:
    async with running.http.post("/v1/chat", json={"session_id": "s7", "text": "bug"}) as response:
        told = await response.json(content_type="application/problem+json")
    assert told["status"] == 500
    assert "our inside" not in json.dumps(told)


async def test_a_client_that_leaves_does_not_end_its_turn(running: Running) -> None:
    turns = running.twin.turns
    for stream in (False, True):
        turns.begun.clear()
        turns.gate.clear()
        session = f"leaver-{stream}"
        body = {"session_id": session, "text": "wait for it", "stream": stream}
        asking = asyncio.create_task(_ask(running, body))
        await turns.begun.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        turns.gate.set()
        kept = turns.kept["default", session]
        await until(kept.__len__)
        assert kept[0].said == "收到：wait for it"


async def _ask(running: Running, body: dict[str, Any]) -> None:
    async with running.http.post("/v1/chat", json=body) as response:
        await response.read()


async def test_only_a_service_may_say_who_the_user_is(running: Running) -> None:
    body = {"session_id": "s8", "text": "hi", "user": {"id": "U1", "tier": "vip"}}
    await _ask(running, body)
    caller = running.twin.turns.messages[-1].caller
    assert (caller.user_id, caller.tier, caller.service) == (None, "standard", False)
    async with running.http.post("/v1/chat", json=body, headers=AUTH) as response:
        assert response.status == 200
    caller = running.twin.turns.messages[-1].caller
    assert (caller.tenant, caller.user_id, caller.tier, caller.service) == (
        "shop",
        "U1",
        "vip",
        True,
    )


async def test_a_message_may_consist_of_attachments_only(running: Running) -> None:
    body = {"session_id": "s9", "attachments": [{"kind": "image", "url": "https://x/1.png"}]}
    async with running.http.post("/v1/chat", json=body) as response:
        assert response.status == 200
    assert running.twin.turns.messages[-1].attachments == (
        {"kind": "image", "url": "https://x/1.png"},
    )


async def test_two_thousand_code_points_fit_whatever_their_bytes(running: Running) -> None:
    for text, status in (("😀" * 2000, 200), ("😀" * 2001, 422)):
        async with running.http.post(
            "/v1/chat", json={"session_id": "s", "text": text}
        ) as response:
            assert response.status == status


async def test_the_watch_hears_the_pattern_of_the_route_and_the_status(running: Running) -> None:
    async with running.http.get("/v1/sessions/none") as response:
        assert response.status == 404
    async with running.http.get("/v1/nothing/here") as response:
        assert response.status == 404
    assert [(route, status) for route, status, _ in running.twin.watched] == [
        ("/v1/sessions/{session_id}", 404),
        ("none", 404),
    ]


async def test_a_required_key_is_required(serve: Serve) -> None:
    gate = Gate(keys=Keys({}, required=True), limits=Limits(enabled=False))
    async with serve(gate) as running:
        async with running.http.post("/v1/chat", json={"session_id": "s", "text": "t"}) as response:
            assert response.status == 401
            assert response.headers["www-authenticate"].startswith("Bearer")
        async with running.http.get("/healthz") as response:
            assert response.status == 200


async def test_running_turns_are_finished_before_the_service_ends(serve: Serve) -> None:
    async with serve() as running:
        body = {"session_id": "last", "text": "wait", "stream": True}
        asking = asyncio.create_task(_ask(running, body))
        await running.twin.turns.begun.wait()
        twin = running.twin
        asking.cancel()
    assert twin.turns.kept["default", "last"]


async def test_pages_of_named_origins_may_call_us(serve: Serve) -> None:
    gate = Gate(limits=Limits(enabled=False), origins=("https://shop.example",))
    async with serve(gate) as running:
        headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        async with running.http.options("/v1/chat", headers=headers) as response:
            assert response.headers["access-control-allow-origin"] == "https://shop.example"
        headers["Origin"] = "https://evil.example"
        async with running.http.options("/v1/chat", headers=headers) as response:
            assert "access-control-allow-origin" not in response.headers
