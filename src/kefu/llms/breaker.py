"""A circuit breaker: a model that keeps failing is left alone for a while.

closed ──5 failures in a row──▶ open ──30 s──▶ one probe ──works──▶ closed
                                 ▲                │
                                 └────fails───────┘
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kefu.deadline import Deadline
from kefu.errors import ModelBroken, ModelRefused, ModelTimeout
from kefu.llms.base import Completion, LanguageModel, Prompt, SendText

State = Literal["closed", "open", "probing"]


@dataclass(frozen=True, slots=True)
class Fuse:
    """When to open, and for how many seconds. A time-out counts only where the model had `fair_s` seconds."""

    failures: int = 5
    open_s: float = 30.0
    fair_s: float = 1.0


class Circuit:
    """The state alone; `clock` is monotonic, in seconds.

    Every change of state begins a new era, and a call's ticket is the era it was admitted in: what a call
    from an earlier era reports says nothing about now, and is ignored.
    """

    def __init__(self, fuse: Fuse, clock: Callable[[], float] = time.monotonic) -> None:
        self.state: State = "closed"
        self._fuse = fuse
        self._clock = clock
        self._era = 0
        self._failures = 0
        self._until = 0.0

    @property
    def away(self) -> float:
        """Seconds until a probe may go ahead; 0.0 when one may, or when the circuit is closed."""
        return max(0.0, self._until - self._clock()) if self.state == "open" else 0.0

    def admit(self) -> int | None:
        """A ticket, with which the call must be ended; None while calls are refused."""
        if self.state == "probing" or self.away:
            return None
        if self.state == "open":
            self._become("probing")
        return self._era

    def succeeded(self, ticket: int) -> None:
        """End a call that worked."""
        if ticket == self._era:
            self._failures = 0
            if self.state == "probing":
                self._become("closed")

    def failed(self, ticket: int) -> None:
        """End a call that failed."""
        if ticket != self._era:
            return
        self._failures += 1
        if self.state == "probing" or self._failures >= self._fuse.failures:
            self._until = self._clock() + self._fuse.open_s
            self._become("open")

    def told_nothing(self, ticket: int) -> None:
        """End a call that was cancelled or refused: after a probe like that, the next call probes."""
        if ticket == self._era and self.state == "probing":
            self._become("open")

    def _become(self, state: State) -> None:
        self.state = state
        self._era += 1


class Breaker:
    """Refuses at once while the circuit is open.

    A refusal (key, quota, content) neither counts as a failure nor as a success: the server is alive.
    """

    def __init__(
        self,
        model: LanguageModel,
        fuse: Fuse | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = model.name
        self._model = model
        self._fuse = fuse or Fuse()
        self.circuit = Circuit(self._fuse, clock)

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Complete, and keep count. Raises ModelRefused while the circuit is open."""
        ticket = self.circuit.admit()
        if ticket is None:
            raise ModelRefused(f"{self.name}: circuit open", retry_after=self.circuit.away or 1.0)
        fair = deadline.remaining() >= self._fuse.fair_s
        try:
            completion = await self._model.complete(prompt, send, deadline)
        except BaseException as exc:
            if isinstance(exc, ModelBroken) or (fair and isinstance(exc, ModelTimeout)):
                self.circuit.failed(ticket)
            else:
                self.circuit.told_nothing(ticket)
            raise
        self.circuit.succeeded(ticket)
        return completion
