"""What nobody should send: each gets a problem that names the status and the field, never a 500."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
import yarl

from gateway_served import Running, until

CHAT, MASK, UNDERSTAND, FEEDBACK = "/v1/chat", "/v1/mask", "/v1/understand", "/v1/feedback"
OPENAI, SESSION = "/v1/chat/completions", "/v1/sessions/"
DIGITS = b"9" * 5000
M = b'{"model":"m",'
POST = b"POST /v1/chat HTTP/1.1\r\nHost: x\r\n"
NINE = b'"attachments":[' + b",".join([b'{"a":1}'] * 9) + b"]}"
DEEP = b"[" * 30_000 + b"]" * 30_000
S = b'{"session_id":"s",'

BAD: list[tuple[str, str, bytes, int, str | None]] = [
    ("nothing at all", CHAT, b"", 400, None),
    ("not JSON", CHAT, b"hello", 400, None),
    ("a form", CHAT, b"session_id=s&text=t", 400, None),
    ("a cut object", CHAT, b'{"session_id":"s","text":"t"', 400, None),
    ("something behind the object", CHAT, S + b'"text":"t"} x', 400, None),
    ("a byte order mark", CHAT, b"\xef\xbb\xbf" + S + b'"text":"t"}', 400, None),
    ("broken UTF-8", CHAT, S + b'"text":"\xff"}', 400, None),
    ("a surrogate in UTF-8", CHAT, S + b'"text":"\xed\xa0\xbd"}', 400, None),
    ("a high surrogate alone", CHAT, S + b'"text":"\\ud83d"}', 400, None),
    ("a high surrogate before a letter", CHAT, S + b'"text":"\\ud83dabcdef"}', 400, None),
    ("a low surrogate alone", CHAT, S + b'"text":"\\udc00abc"}', 400, None),
    ("a raw NUL", CHAT, S + b'"text":"a\x00b"}', 400, None),
    ("an escaped NUL", CHAT, S + b'"text":"a\\u0000b"}', 422, "text"),
    ("NaN", CHAT, S + b'"text":"t","seq":NaN}', 400, None),
    ("a deep array", CHAT, DEEP, 422, None),
    ("a deep value", CHAT, S + b'"text":' + DEEP + b"}", 422, "text"),
    ("the same key twice", CHAT, S + b'"text":"t","text":"u"}', 400, "text"),
    ("the same key twice, once escaped", CHAT, S + b'"text":"t","te\\u0078t":"u"}', 400, "text"),
    ("the same key twice inside", CHAT, S + b'"text":"t","user":{"id":"a","id":"b"}}', 400, "id"),
    ("an array", CHAT, b"[]", 422, None),
    ("null", CHAT, b"null", 422, None),
    ("no session", CHAT, b'{"text":"t"}', 422, "session_id"),
    ("an empty session", CHAT, b'{"session_id":"","text":"t"}', 422, "session_id"),
    ("a session with a space", CHAT, b'{"session_id":"a b","text":"t"}', 422, "session_id"),
    ("a session with a line break", CHAT, b'{"session_id":"a\\n","text":"t"}', 422, "session_id"),
    ("a session in Chinese", CHAT, '{"session_id":"会话","text":"t"}'.encode(), 422, "session_id"),
    ("a long session", CHAT, b'{"session_id":"' + b"a" * 129 + b'","text":"t"}', 422, "session_id"),
    ("a number for a session", CHAT, b'{"session_id":7,"text":"t"}', 422, "session_id"),
    ("no text", CHAT, b'{"session_id":"s"}', 422, "text"),
    ("an empty text", CHAT, S + b'"text":""}', 422, "text"),
    ("a long text", CHAT, S + b'"text":"' + b"a" * 2001 + b'"}', 422, "text"),
    ("a text that is a list", CHAT, S + b'"text":["t"]}', 422, "text"),
    ("a negative number", CHAT, S + b'"text":"t","seq":-1}', 422, "seq"),
    ("a number of 2^63", CHAT, S + b'"text":"t","seq":9223372036854775808}', 422, "seq"),
    ("a number of 4,000 digits", CHAT, S + b'"text":"t","seq":' + b"9" * 4000 + b"}", 422, "seq"),
    ("a number beyond floats", CHAT, S + b'"text":"t","seq":1e999}', 422, "seq"),
    ("half a number", CHAT, S + b'"text":"t","seq":1.5}', 422, "seq"),
    ("a number as text", CHAT, S + b'"text":"t","seq":"1"}', 422, "seq"),
    ("true for a number", CHAT, S + b'"text":"t","seq":true}', 422, "seq"),
    ("a user that is text", CHAT, S + b'"text":"t","user":"U1"}', 422, "user"),
    ("a user without id", CHAT, S + b'"text":"t","user":{}}', 422, "user.id"),
    ("a tier of their own", CHAT, S + b'"text":"t","user":{"id":"a","tier":"boss"}}', 422, "user.tier"),
    ("a role", CHAT, S + b'"text":"t","user":{"id":"a","role":"admin"}}', 422, "user.role"),
    ("an unknown language", CHAT, S + b'"text":"t","locale":"fr"}', 422, "locale"),
    ("text for a flag", CHAT, S + b'"text":"t","stream":"yes"}', 422, "stream"),
    ("an unknown field", CHAT, S + b'"text":"t","tenant":"x"}', 422, "tenant"),
    ("nine attachments", CHAT, S + NINE, 422, "attachments"),
    ("a nested attachment", CHAT, S + b'"attachments":[{"a":{"b":1}}]}', 422, "attachments.0"),
    ("long digits in an attachment", CHAT, S + b'"attachments":[{"a":' + DIGITS + b"}]}", 422, "attachments.0"),
    ("half a number, digits", CHAT, S + b'"text":"t","seq":1.5,"x":' + DIGITS + b"}", 422, "seq"),
    ("half a number before nonsense", CHAT, S + b'"text":"t","seq":1.5,', 422, "seq"),
    ("NUL in an attachment", CHAT, S + b'"attachments":[{"a":"\\u0000"}]}', 422, "attachments.0"),
    ("no texts", MASK, b"{}", 422, "texts"),
    ("too many texts", MASK, json.dumps({"texts": ["a"] * 257}).encode(), 422, "texts"),
    ("a number among texts", MASK, b'{"texts":["a",1]}', 422, "texts.1"),
    ("NUL among texts", MASK, b'{"texts":["a","\\u0000"]}', 422, "texts.1"),
    ("a text that is too long", MASK, json.dumps({"texts": ["a" * 2001]}).encode(), 422, "texts.0"),
    ("an unknown role", UNDERSTAND, b'{"texts":[],"context":[{"role":"x","text":""}]}', 422, "context.0.role"),
    ("no stars", FEEDBACK, b'{"session_id":"s","csat":0}', 422, "csat"),
    ("six stars", FEEDBACK, b'{"session_id":"s","csat":6}', 422, "csat"),
    ("half a star", FEEDBACK, b'{"session_id":"s","csat":4.5}', 422, "csat"),
    ("no messages", OPENAI, M + b'"messages":[]}', 422, "messages"),
    ("no user message", OPENAI, M + b'"messages":[{"role":"system","content":"x"}]}', 422, "messages"),
    ("an empty user message", OPENAI, M + b'"messages":[{"role":"user"}]}', 422, "messages"),
    ("NUL for OpenAI", OPENAI, M + b'"messages":[{"role":"user","content":"\\u0000"}]}', 422, "messages"),
    ("two choices", OPENAI, M + b'"n":2,"messages":[{"role":"user","content":"x"}]}', 422, "n"),
    ("depth for OpenAI", OPENAI, M + b'"tools":' + DEEP + b"}", 400, None),
]  # fmt: skip


async def told(response: Any) -> dict[str, Any]:
    """A problem, checked for its shape."""
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = await response.json(content_type=None)
    assert problem.keys() >= {"type", "title", "status", "detail"}
    assert problem["status"] == response.status
    return problem


@pytest.mark.parametrize(
    ("path", "body", "status", "field"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
async def test_bad_bodies_are_told_what_is_wrong(
    running: Running, path: str, body: bytes, status: int, field: str | None
) -> None:
    headers = {"content-type": "application/json"}
    async with running.http.post(path, data=body, headers=headers) as response:
        problem = await told(response)
    assert problem["status"] == status, problem
    fields = [error["field"] for error in problem.get("errors", ())]
    assert fields == ([field] if field else []), problem
    assert not running.twin.turns.messages


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/chat", {}, 405),
        ("DELETE", "/v1/mask", {}, 405),
        ("GET", "/v1/none", {}, 404),
        ("POST", "/v1/chat/", {}, 404),
        ("GET", SESSION + "a%20b", {}, 422),
        ("GET", SESSION + "unknown", {}, 404),
        ("POST", CHAT, {"authorization": "Bearer wrong"}, 401),
        ("POST", MASK, {"authorization": "Basic kefu"}, 401),
        ("POST", CHAT, {"content-encoding": "gzip"}, 415),
    ],
)
async def test_bad_heads_are_told_what_is_wrong(
    running: Running, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    url = running.url + path
    async with running.http.request(
        method, yarl.URL(url, encoded=True), headers=headers
    ) as response:
        problem = await told(response)
        assert problem["status"] == status
        if status == 405:
            assert response.headers["allow"]


RAW = [
    ("no HTTP at all", b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
    ("two lengths", POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
    ("length and chunks", POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("a bad chunk", POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ("a negative length", POST + b"Content-Length: -1\r\n\r\n", 400),
    ("a gigabyte announced", POST + b"Content-Length: 1073741824\r\n\r\n{", 413),
    ("a length without end", POST + b"Content-Length: " + b"9" * 19 + b"\r\n\r\n{", 413),
    ("a header of 40 KB", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431),
    ("headers without end", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000, 431),
]  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "status"), [row[1:] for row in RAW], ids=[row[0] for row in RAW]
)
async def test_bad_bytes_get_a_problem_and_no_hung_socket(
    running: Running, request_: bytes, status: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(request_)
    async with asyncio.timeout(5):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        problem = json.loads(await reader.readexactly(length))
    assert f" {status} " in head.split("\r\n")[0]
    assert "application/problem+json" in head
    assert problem["status"] == status
    writer.close()


async def test_a_large_body_in_chunks_is_refused_before_its_end(running: Running) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 4096

    async with running.http.post(CHAT, data=endless()) as response:
        assert (await told(response))["status"] == 413


async def test_a_large_body_that_is_really_sent_still_gets_its_answer(running: Running) -> None:
    async with running.http.post(CHAT, data=io.BytesIO(b" " * 8_000_000)) as response:
        assert (await told(response))["status"] == 413


async def test_a_client_that_hangs_up_in_the_middle_of_its_body_is_forgotten(
    running: Running,
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(POST + b"Content-Length: 50\r\n\r\n{")
    await writer.drain()
    writer.close()
    async with running.http.get("/healthz") as response:
        assert response.status == 200
    await until(lambda: len(running.twin.watched) == 2)
    assert ("/v1/chat", 0) in [(route, status) for route, status, _ in running.twin.watched]


async def test_a_body_that_does_not_come_is_not_waited_for(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kefu.gateway.body.READ_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(POST + b"Content-Length: 50\r\n\r\n{")
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert b" 408 " in answer.split(b"\r\n")[0]
    writer.close()
