"""The parts of a turn, health and metrics over real sockets."""

from __future__ import annotations

import io
import json
from typing import Any

from gateway_served import Running, Serve
from kefu.gateway.asgi import Gate
from kefu.gateway.limits import Bucket, Limits
from kefu.gateway.service import Readiness


async def post(running: Running, path: str, body: Any) -> Any:
    """The JSON of an answer."""
    async with running.http.post(path, json=body) as response:
        assert response.status == 200
        return await response.json()


async def test_each_text_is_understood(running: Running) -> None:
    body = {"texts": ["a", ""], "context": [{"role": "user", "text": "b"}], "locale": "zh"}
    results = (await post(running, "/v1/understand", body))["results"]
    assert len(results) == 2
    assert results[0].keys() == {"intents", "slots", "emotion", "tier", "confidence"}
    assert results[0]["slots"]["phone"] == [{"raw": "13800138000", "value": "13800138000"}]
    assert results[0]["tier"] == "linear"


async def test_each_text_is_masked(running: Running) -> None:
    told = await post(running, "/v1/mask", {"texts": ["13800138000"]})
    found = [{"kind": "phone", "start": 0, "end": 11}]
    assert told == {"results": [{"text": "<PHONE_1>", "findings": found}]}


async def test_each_text_is_judged_and_what_goes_to_a_person_is_allowed(running: Running) -> None:
    told = await post(running, "/v1/moderate", {"texts": ["ok", "bad", "sad"]})
    assert [result["action"] for result in told["results"]] == ["allow", "block", "allow"]
    assert told["results"][1]["findings"] == [{"kind": "abuse", "start": 0, "end": 3}]


async def test_a_batch_of_the_largest_texts_fits(running: Running) -> None:
    body = io.BytesIO(json.dumps({"texts": ["单" * 2000] * 256}).encode())
    async with running.http.post("/v1/mask", data=body) as response:
        assert len((await response.json())["results"]) == 256


async def test_feedback_is_kept(running: Running) -> None:
    body = {"session_id": "s", "turn_id": "t", "csat": 5, "comment": "好"}
    async with running.http.post("/v1/feedback", json=body) as response:
        assert response.status == 204
        assert await response.read() == b""
    assert running.twin.feedback.ratings == [("s", "t", 5, "好")]
    body = {"session_id": "nobody", "csat": 1}
    async with running.http.post("/v1/feedback", json=body) as response:
        assert response.status == 404


async def test_a_conversation_can_be_read(running: Running) -> None:
    await post(running, "/v1/chat", {"session_id": "s", "text": "你好"})
    async with running.http.get("/v1/sessions/s") as response:
        told = await response.json()
    assert told["messages"][0] == {
        "role": "user",
        "text": "你好",
        "at": "2026-01-02T03:04:05.000+00:00",
        "seq": 0,
        "source": None,
        "turn_id": "s-t0",
        "id": None,
    }
    assert [line["role"] for line in told["messages"]] == ["user", "assistant"]
    assert told["state"] == {"slots": {"phone": "13800138000"}, "flow": None, "turns": 1}
    assert (told["mode"], told["handoff"]) == ("bot", False)
    async with running.http.get("/v1/sessions/private") as response:
        assert response.status == 403


async def test_health_is_told_with_its_status(running: Running) -> None:
    async with running.http.get("/healthz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
    async with running.http.get("/readyz") as response:
        told = await response.json()
        assert (response.status, told) == (200, {"status": "ready", "checks": {"sql": "ok"}})
    running.twin.health.alive = False
    running.twin.health.readiness = Readiness(False, {"sql": "down"})
    for path in ("/healthz", "/readyz"):
        async with running.http.get(path) as response:
            assert response.status == 503


async def test_numbers_are_shown(running: Running) -> None:
    async with running.http.get("/metrics") as response:
        assert response.headers["content-type"].startswith("text/plain")
        assert await response.text() == "kefu_turns_total 1\n"
    async with running.http.head("/metrics") as response:
        assert response.status == 200


async def test_parts_are_counted_by_address(serve: Serve) -> None:
    async with serve(Gate(limits=Limits(ip=Bucket(1, 10)))) as running:
        await post(running, "/v1/mask", {"texts": []})
        assert running.twin.tokens.taken == ["rate:ip:127.0.0.1", "rate:tenant:default"]
        running.twin.tokens.waits["rate:ip"] = 1.5
        async with running.http.post("/v1/mask", json={"texts": []}) as response:
            assert (response.status, response.headers["retry-after"]) == (429, "2")
