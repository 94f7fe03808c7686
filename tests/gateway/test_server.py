"""Connections that cannot be held."""

from __future__ import annotations

import asyncio

import pytest

from gateway_served import Running, Serve
from kefu.gateway.server import StrictHttp, StrictWebSocket


async def closed(running: Running, *pieces: bytes) -> bytes:
    """All that a connection says until the server closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    try:
        async with asyncio.timeout(5):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that waits for headers 0.2 s."""
    monkeypatch.setattr(StrictHttp, "headers_s", 0.2)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "pieces",
    [(), (b"GET /heal",), (b"GET /healthz HTTP/1.1\r\n", b"Host: x\r\n", b"X: y\r\n")],
    ids=["a silent connection", "half a line", "trickled headers"],
)
async def test_headers_have_a_deadline(serve: Serve, pieces: tuple[bytes, ...]) -> None:
    async with serve() as running:
        assert await closed(running, *pieces) == b""


@pytest.mark.usefixtures("hasty")
async def test_a_second_request_has_the_deadline_again(serve: Serve) -> None:
    async with serve() as running:
        said = await closed(running, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /heal")
    assert said.startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("hasty")
async def test_empty_lines_between_requests_do_not_keep_a_connection_open(serve: Serve) -> None:
    async with serve() as running:
        said = await closed(running, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n", b"\r\n")
    assert said.startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("hasty")
async def test_a_turn_may_take_longer_than_headers_may(serve: Serve) -> None:
    async with serve() as running:
        body = b'{"session_id":"s","text":"wait"}'
        head = (
            b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        )
        asking = asyncio.create_task(closed(running, head % len(body) + body))
        await running.twin.turns.begun.wait()
        await asyncio.sleep(0.3)
        running.twin.turns.gate.set()
        assert (await asking).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("hasty")
async def test_a_socket_is_not_closed_by_the_deadline_of_headers(serve: Serve) -> None:
    async with serve() as running, running.http.ws_connect("/v1/ws") as socket:
        await asyncio.sleep(0.3)
        await socket.send_str('{"type":"ping"}')
        assert (await socket.receive_json(timeout=5))["kind"] == "pong"


async def test_headers_in_pieces_are_fine(running: Running) -> None:
    request = (b"GET /heal", b"thz HTTP/1.1\r\nHo", b"st: x\r\nConnection: close\r\n", b"\r\n")
    assert (await closed(running, *request)).startswith(b"HTTP/1.1 200")


async def test_what_follows_a_refused_request_is_not_read(running: Running) -> None:
    said = await closed(running, b"GET / HTTP/9.9\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n")
    assert said.count(b"HTTP/1.1") == 1


async def test_an_idle_connection_is_closed(serve: Serve) -> None:
    async with serve() as running:
        running.server.config.timeout_keep_alive = 0
        said = await closed(running, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200")


UPGRADE = (
    b"GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
PING = b"\x89\x80\0\0\0\0"


async def test_a_peer_that_answers_no_ping_is_cut(serve: Serve) -> None:
    async with serve() as running:
        running.server.config.ws_ping_interval = 0.05
        running.server.config.ws_ping_timeout = 0.05
        assert (await closed(running, UPGRADE)).startswith(b"HTTP/1.1 101")


async def test_a_flood_of_pings_by_a_peer_that_reads_nothing_is_cut(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve() as running:
        assert b"\x8a\x00" in await _answers(running)
        monkeypatch.setattr("kefu.gateway.server.MOST_UNSENT", -1)
        assert b"\x8a\x00" not in await closed(running, UPGRADE, PING)


async def _answers(running: Running) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(UPGRADE)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(PING)
    answer = await asyncio.wait_for(reader.readexactly(2), 5)
    writer.close()
    return answer


def test_sockets_are_uvicorns_own_apart_from_that() -> None:
    assert StrictWebSocket.__mro__[1].__name__ == "WebSocketsSansIOProtocol"
