"""A load generator in asyncio: a closed loop of busy customers, or an open one with a rate of its own."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp
import msgspec

from kefu.cli.figures import Tally

TURNS = 8
"""Messages of one conversation, after which a new one is begun."""

PAUSE_S = 0.1
"""How long a customer of a closed loop waits after an error: a service that is down needs no flood."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do. `rate` is turns per second of an open loop, 0.0 asks for a closed one.

    `concurrency` is the number of customers of a closed loop, and the most requests in flight of an open one.
    """

    url: str
    texts: Sequence[str]
    duration_s: float = 10.0
    rate: float = 0.0
    concurrency: int = 32
    timeout_s: float = 30.0
    key: str = ""
    seed: int = 1


class _Reply(msgspec.Struct):
    source: str = "?"


class Load:
    """One run of a plan; `tally` can be watched while it goes on.

    In an open loop a latency counts from the moment at which the request was due, so a service that stalls
    cannot hide it by keeping the generator waiting.
    A request that finds no room in flight is an error, "not sent".
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tally = Tally()
        self._dice = random.Random(plan.seed)  # noqa: S311 -- the same run twice, no secret
        self._run = secrets.token_hex(3)
        self._begun = 0
        self._free: deque[tuple[str, int]] = deque()

    async def run(self, tick: Callable[[float], None] = lambda _share: None) -> Tally:
        """Carry the plan out; `tick` hears the share of time that is over."""
        plan = self.plan
        headers = {"Authorization": f"Bearer {plan.key}"} if plan.key else None
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=plan.timeout_s)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=headers
        ) as http:
            began, cpu = time.monotonic(), time.process_time()
            ticking = asyncio.create_task(self._tick(began, tick))
            await (self._open(http, began) if plan.rate else self._closed(http, began))
            self.tally.wall_s = time.monotonic() - began
            self.tally.cpu_s = time.process_time() - cpu
            ticking.cancel()
        return self.tally

    async def _closed(self, http: aiohttp.ClientSession, began: float) -> None:
        async def customer() -> None:
            while time.monotonic() - began < self.plan.duration_s:
                if not await self._ask(http, time.monotonic()):
                    await asyncio.sleep(PAUSE_S)

        await asyncio.gather(*(customer() for _ in range(self.plan.concurrency)))

    async def _open(self, http: aiohttp.ClientSession, began: float) -> None:
        flying: set[asyncio.Task[bool]] = set()
        due = began + self._dice.expovariate(self.plan.rate)
        while due - began < self.plan.duration_s:
            await asyncio.sleep(due - time.monotonic())
            if len(flying) < self.plan.concurrency:
                task = asyncio.create_task(self._ask(http, due))
                flying.add(task)
                task.add_done_callback(flying.discard)
            else:
                self.tally.errors["not sent"] += 1
            due += self._dice.expovariate(self.plan.rate)
        await asyncio.gather(*flying)

    async def _ask(self, http: aiohttp.ClientSession, due: float) -> bool:
        """One turn of a conversation that nobody else is in; false when it got no answer."""
        session, turns = self._free.popleft() if self._free else self._new()
        body = {"session_id": session, "text": self._dice.choice(self.plan.texts)}
        try:
            async with http.post(f"{self.plan.url}/v1/chat", json=body) as response:
                content = await response.read()
                if response.status != 200:
                    self.tally.errors[f"HTTP {response.status}"] += 1
                    return False
            source = msgspec.json.decode(content, type=_Reply).source
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as exc:
            self.tally.errors[type(exc).__name__] += 1
            return False
        finally:
            if turns + 1 < TURNS:
                self._free.append((session, turns + 1))
        self.tally.answered(source, (time.monotonic() - due) * 1000.0)
        return True

    def _new(self) -> tuple[str, int]:
        self._begun += 1
        return f"bench-{self._run}-{self._begun}", 0

    async def _tick(self, began: float, tick: Callable[[float], None]) -> None:
        while True:
            tick(min(1.0, (time.monotonic() - began) / self.plan.duration_s))
            await asyncio.sleep(0.2)
