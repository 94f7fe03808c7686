"""A raw HTTP/1.1 keep-alive client: cheap enough not to be the thing that is measured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Request = Callable[[int, int], bytes]
"""(connection, number) -> the bytes of one whole request."""


@dataclass
class Load:
    """What a run saw: latencies in ms, statuses, seconds."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Latency in ms below which `share` of the requests lie."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, host: str, port: int) -> Connection:
        """Connect."""
        return cls(*await asyncio.open_connection(host, port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send one request; its status and body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        at = lowered.index(b"content-length:") + 15
        length = int(lowered[at : lowered.index(b"\r\n", at)])
        return int(head[9:12]), await self._reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def post(path: str, body: bytes) -> bytes:
    """The bytes of a JSON POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def closed_loop(
    address: tuple[str, int], request: Request, connections: int, seconds: float
) -> Load:
    """Each connection asks again as soon as it is answered."""
    load = Load()
    began = time.perf_counter()
    end = began + seconds

    async def one(number: int) -> None:
        connection = await Connection.open(*address)
        count = 0
        while (sent := time.perf_counter()) < end:
            status, _ = await connection.ask(request(number, count))
            load.latencies.append((time.perf_counter() - sent) * 1000)
            load.errors += status != 200
            count += 1
        connection.close()

    await asyncio.gather(*(one(number) for number in range(connections)))
    load.seconds = time.perf_counter() - began
    return load


async def open_loop(
    address: tuple[str, int], request: Request, rate: float, seconds: float, connections: int = 256
) -> Load:
    """Requests leave on schedule, whether or not earlier ones are answered.

    Latency counts from the scheduled time, so that a stalled server cannot hide its stall
    (coordinated omission).
    """
    load = Load()
    idle: asyncio.Queue[tuple[int, Connection]] = asyncio.Queue()
    for number in range(connections):
        idle.put_nowait((number, await Connection.open(*address)))
    counts = [0] * connections
    began = time.perf_counter()

    async def one(due: float) -> None:
        number, connection = await idle.get()
        status, _ = await connection.ask(request(number, counts[number]))
        counts[number] += 1
        load.latencies.append((time.perf_counter() - due) * 1000)
        load.errors += status != 200
        idle.put_nowait((number, connection))

    async with asyncio.TaskGroup() as group:
        for index in range(int(rate * seconds)):
            due = began + index / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            group.create_task(one(due))
    load.seconds = time.perf_counter() - began
    while not idle.empty():
        idle.get_nowait()[1].close()
    return load


def spread(values: Sequence[float]) -> str:
    """Median with minimum and maximum."""
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.0f} ({ordered[0]:.0f}–{ordered[-1]:.0f})"
