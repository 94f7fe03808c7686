"""GET /v1/ws over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from gateway_served import AUTH, OPEN, Running, Serve
from gateway_served import until as eventually
from gateway_twin import Twin
from kefu.errors import StoreUnavailable
from kefu.gateway.asgi import Gate
from kefu.gateway.limits import Bucket, Limits
from kefu.gateway.service import Notice

Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def opened(running: Running, **options: Any) -> AsyncIterator[Socket]:
    """An open socket."""
    async with running.http.ws_connect("/v1/ws", **options) as socket:
        yield socket


async def say(socket: Socket, text: str, session: str = "w", **fields: Any) -> None:
    """Send one message."""
    await socket.send_str(json.dumps({"session_id": session, "text": text, **fields}))


async def next_frame(socket: Socket) -> dict[str, Any]:
    """The next frame."""
    frame: dict[str, Any] = await socket.receive_json(timeout=5)
    return frame


async def until(socket: Socket, kind: str) -> list[dict[str, Any]]:
    """Frames up to the first of a kind."""
    frames = [await next_frame(socket)]
    while frames[-1]["type"] != kind:
        frames.append(await next_frame(socket))
    return frames


async def test_a_message_is_answered_in_frames_that_add_up(running: Running) -> None:
    async with opened(running) as socket:
        await say(socket, "查一下快递", seq=3)
        frames = await until(socket, "done")
    assert [frame["type"] for frame in frames] == ["meta", *["delta"] * (len(frames) - 2), "done"]
    assert {frame["seq"] for frame in frames} == {3}
    assert "".join(f["text"] for f in frames if f["type"] == "delta") == frames[-1]["reply"]
    assert frames[-1]["session_id"] == "w"


async def test_a_repeated_message_is_answered_from_the_record(running: Running) -> None:
    async with opened(running) as socket:
        await say(socket, "再说一遍", seq=1)
        first = (await until(socket, "done"))[-1]
        await say(socket, "再说一遍", seq=1)
        frames = await until(socket, "done")
    assert [frame["type"] for frame in frames] == ["meta", "delta", "done"]
    assert frames[-1]["turn_id"] == first["turn_id"]


async def test_all_sockets_of_a_session_see_its_turns_and_what_was_said(running: Running) -> None:
    async with opened(running) as one, opened(running) as two:
        await say(one, "第一句")
        await until(one, "done")
        await say(two, "第二句")
        own = await until(two, "done")
        seen = await until(one, "done")
    assert seen[0] == {"type": "notice", "kind": "user_message", "seq": 1, "text": "第二句"}
    assert seen[1:] == own


async def test_a_turn_that_came_by_http_reaches_the_sockets(running: Running) -> None:
    async with opened(running) as socket:
        await say(socket, "你好")
        await until(socket, "done")
        body = {"session_id": "w", "text": "从别处来"}
        async with running.http.post("/v1/chat", json=body) as response:
            answer = await response.json()
        frames = await until(socket, "done")
    assert frames[0]["kind"] == "user_message"
    assert frames[-1] == {"type": "done", **answer}


async def test_frames_of_other_processes_and_of_the_desk_arrive_but_our_own_do_not_twice(
    running: Running,
) -> None:
    turns = running.twin.turns
    async with opened(running) as socket:
        await say(socket, "转人工")
        await until(socket, "done")
        for queue in turns.bus["w"]:
            queue.put_nowait(b'{"origin":"0123456789abcdef","type":"done","seq":9}')
            queue.put_nowait(b'{"type":"notice","kind":"agent_message","text":"hi","seq":9}')
        assert await next_frame(socket) == {"type": "done", "seq": 9}
        assert (await next_frame(socket))["kind"] == "agent_message"
    assert len(turns.published) == 1


async def test_a_client_that_reconnects_gets_what_it_missed(running: Running) -> None:
    running.twin.turns.notices["w"].append(Notice("agent_message", "我是小王", 2))
    async with opened(running) as socket:
        await say(socket, "零")
        await until(socket, "done")
    for text in ("一", "二"):
        async with running.http.post("/v1/chat", json={"session_id": "w", "text": text}):
            pass
    async with opened(running) as socket:
        await socket.send_str('{"type":"resume","session_id":"w","last_seq":0}')
        frames = [await next_frame(socket) for _ in range(3)]
        assert [(f["type"], f["seq"]) for f in frames] == [("done", 1), ("done", 2), ("notice", 2)]
        assert frames[0]["reply"] == "收到：一"
        assert (await until(socket, "notice"))[-1]["kind"] in ("agent_message", "resumed")
        await say(socket, "三")
        assert (await until(socket, "done"))[-1]["seq"] == 3


async def test_a_client_that_comes_back_in_mid_turn_hears_it_from_its_beginning(
    running: Running,
) -> None:
    turns = running.twin.turns
    turns.pieces = 3
    async with opened(running) as socket:
        await say(socket, "你好")
        await until(socket, "done")
        await say(socket, "wait a moment")
        await until(socket, "delta")
    async with opened(running) as socket:
        await socket.send_str('{"type":"resume","session_id":"w","last_seq":0}')
        await until(socket, "delta")
        turns.gate.set()
        frames = await until(socket, "done")
    assert frames[-1]["reply"] == "收到：wait a moment"
    assert turns.kept["default", "w"][1].said == "收到：wait a moment"


async def test_nobody_listens_to_a_conversation_that_is_not_theirs(running: Running) -> None:
    async with opened(running) as socket:
        await socket.send_str('{"type":"resume","session_id":"private","last_seq":-1}')
        frame = await next_frame(socket)
        assert (frame["type"], frame["status"]) == ("error", 403)
        assert not running.twin.turns.bus["private"]


async def test_resuming_what_has_not_begun_is_no_error_and_opens_no_room(running: Running) -> None:
    async with opened(running) as socket:
        await socket.send_str('{"type":"resume","session_id":"fresh"}')
        assert await next_frame(socket) == {"type": "notice", "kind": "resumed", "seq": -1}
        assert not running.twin.turns.bus["fresh"]


async def test_one_socket_carries_one_session(running: Running) -> None:
    async with opened(running) as socket:
        await say(socket, "hi")
        await until(socket, "done")
        await say(socket, "hi", session="other", seq=7)
        frame = await next_frame(socket)
    assert (frame["type"], frame["status"], frame["seq"]) == ("error", 422, 7)
    assert frame["errors"][0]["field"] == "session_id"


@pytest.mark.parametrize(
    ("text", "status", "field"),
    [
        ("hello", 400, None),
        ("[]", 422, None),
        ('{"session_id":"w","text":"\\ud83d"}', 400, None),
        ('{"session_id":"w","text":"a\\u0000"}', 422, "text"),
        ('{"session_id":"w","text":"t","x":1}', 422, "x"),
        ('{"type":"nonsense","session_id":"w","text":"t"}', 422, "type"),
        ('{"type":7}', 422, "type"),
        ('{"type":"resume","session_id":"w","last_seq":-2}', 422, "last_seq"),
        ('{"type":"message","session_id":"w","text":"conflict"}', 409, None),
        ('{"session_id":"w","text":"bug"}', 500, None),
    ],
)
async def test_a_bad_frame_is_told_and_the_socket_stays_open(
    running: Running, text: str, status: int, field: str | None
) -> None:
    async with opened(running) as socket:
        await socket.send_str(text)
        frame = await next_frame(socket)
        assert (frame["type"], frame["status"]) == ("error", status)
        assert [error["field"] for error in frame["errors"]] == ([field] if field else [])
        assert frame["problem"]["status"] == status
        await socket.send_str('{"type":"ping"}')
        assert await next_frame(socket) == {"type": "notice", "kind": "pong"}


async def test_binary_frames_are_refused(running: Running) -> None:
    async with opened(running) as socket:
        await socket.send_bytes(b"{}")
        assert (await next_frame(socket))["status"] == 400


async def test_frames_that_are_too_large_close_the_socket(running: Running) -> None:
    async with opened(running) as socket:
        await socket.send_str("x" * 70_000)
        closed = await socket.receive(timeout=5)
        assert closed.type is aiohttp.WSMsgType.CLOSE
        assert closed.data == 1009


async def test_bad_keys_and_pages_of_other_origins_are_told_before_the_upgrade(
    running: Running,
) -> None:
    for headers, status in (
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Origin": "https://evil.example"}, 403),
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with opened(running, headers=headers):
                pass
        assert refused.value.status == status
    async with opened(running, headers={"Origin": running.url, **AUTH}) as socket:
        await say(socket, "hi", user={"id": "U9", "tier": "vip"})
        await until(socket, "done")
    assert running.twin.turns.messages[-1].caller.user_id == "U9"


async def test_a_flood_is_warned_then_refused_then_hung_up_on(serve: Serve) -> None:
    gate = Gate(limits=Limits(socket=Bucket(0.001, 2.0)))
    async with serve(gate) as running, opened(running) as socket:
        for seq in range(30):
            await say(socket, "hi", seq=seq)
        frames = []
        while (message := await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            frames.append(json.loads(message.data))
        assert message.data == 1008
    notices = [frame["kind"] for frame in frames if frame["type"] == "notice"]
    refused = [frame["seq"] for frame in frames if frame["type"] == "error"]
    assert notices == ["slow_down"]
    assert refused == list(range(2, 22))


async def test_too_many_unanswered_messages_are_refused(running: Running) -> None:
    async with opened(running) as socket:
        for seq in range(17):
            await say(socket, "wait", seq=seq)
        frames = await until(socket, "error")
        assert (frames[-1]["status"], frames[-1]["seq"]) == (429, 16)


async def test_a_slow_reader_is_let_go_and_its_turn_is_finished(running: Running) -> None:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", running.port))
    upgrade = (
        b"GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await loop.sock_sendall(client, upgrade)
    await loop.sock_recv(client, 4096)
    await loop.sock_sendall(client, _masked(b'{"session_id":"slow","text":"hi"}'))
    turns = running.twin.turns
    async with asyncio.timeout(10):
        await eventually(lambda: turns.bus["slow"])
        while turns.bus["slow"]:
            for queue in turns.bus["slow"]:
                queue.put_nowait(b'{"type":"notice","text":"' + b"x" * 60_000 + b'"}')
            await asyncio.sleep(0.001)
    client.close()
    assert len(turns.kept["default", "slow"]) == 1


def _masked(payload: bytes) -> bytes:
    """A client's text frame, masked with zeros."""
    return bytes([0x81, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


async def test_a_bus_that_is_away_is_tried_again(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kefu.gateway.rooms.RETRY_S", 0.0)
    twin = Twin()
    listen, away = twin.turns.subscribe, [StoreUnavailable("away")]

    async def subscribe(session: Any, caller: Any) -> AsyncIterator[bytes]:
        if away:
            raise away.pop()
        async for frame in listen(session, caller):
            yield frame

    async def publish(*_: Any) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(twin.turns, "subscribe", subscribe)
    monkeypatch.setattr(twin.turns, "publish", publish)
    async with serve(OPEN, twin) as running, opened(running) as socket:
        await say(socket, "hi")
        await until(socket, "done")
        await eventually(lambda: twin.turns.bus["w"])
        for queue in twin.turns.bus["w"]:
            queue.put_nowait(b'{"type":"notice","kind":"back"}')
        assert (await next_frame(socket))["kind"] == "back"


async def test_an_empty_room_is_closed(running: Running) -> None:
    async with opened(running) as socket:
        await say(socket, "hi")
        await until(socket, "done")
    await eventually(lambda: not running.twin.turns.bus["w"])


async def test_an_open_socket_is_told_that_the_service_goes(serve: Serve) -> None:
    async with serve() as running:
        socket = await running.http.ws_connect("/v1/ws")
        await say(socket, "hi")
        await until(socket, "done")
        running.server.should_exit = True
        closed = asyncio.create_task(socket.receive(timeout=5))
        await asyncio.sleep(0)
        for connection in list(running.server.server_state.connections):
            connection.shutdown()
        assert (await closed).data == 1012
