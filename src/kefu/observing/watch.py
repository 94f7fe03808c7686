"""The one who is told: of turns, requests, model calls, commits and errors. Never raises, never waits."""

from __future__ import annotations

from typing import Any

import structlog

from kefu.messages import Turn
from kefu.observing.calls import ModelCall
from kefu.observing.logs import place
from kefu.observing.metrics import Metrics
from kefu.observing.traces import Trace, Traces, trace


class Watch:
    """Turns each event into metrics, and a turn into one log line and a trace as well."""

    def __init__(
        self, log_turns: bool = True, metrics: Metrics | None = None, traces: Traces | None = None
    ) -> None:
        self.metrics = metrics or Metrics()
        self.traces = traces or Traces()
        self._log_turns = log_turns
        self._log = structlog.get_logger().bind()

    def turn(self, turn: Turn) -> None:
        """A turn is finished, and durable."""
        self.metrics.turn(turn)
        one = trace(turn)
        self.traces.add(one)
        if self._log_turns:
            self._log.info("turn", **_line(one))

    def request(self, route: str, status: int, seconds: float) -> None:
        """An HTTP request was answered; `route` is the pattern, never the path."""
        self.metrics.request(route, status, seconds)

    def model_call(self, call: ModelCall) -> None:
        """A call to a language model ended."""
        self.metrics.model_call(call)
        if call.outcome not in {"ok", "CancelledError"}:
            self._log.warning("model_call", model=call.model, outcome=call.outcome)

    def commit(self, entries: int, seconds: float) -> None:
        """The log was written."""
        self.metrics.commit(entries, seconds)

    def tier_failed(self, tier: str, exc: Exception) -> None:
        """A tier of the understanding is broken, down or late; the tier below answers in its place."""
        self.metrics.errors.inc((f"understanding.{tier}", type(exc).__name__))
        self._log.warning("tier_failed", tier=tier, reason=str(exc))

    def error(self, where: str, exc: BaseException) -> None:
        """Something broke that nobody expected; `where` names the step or the part."""
        self.metrics.errors.inc((where, type(exc).__name__))
        self._log.error("broke", part=where, **place(exc))


def _line(one: Trace) -> dict[str, Any]:
    """A trace as one log line."""
    line: dict[str, Any] = {
        "turn_id": one.turn_id,
        "session": one.session,
        "seq": one.seq,
        "source": one.source,
        "intents": [intent for intent, _ in one.understood.intents],
        "emotion": one.understood.emotion.label,
        "ms": round(one.timings.get("total", 0.0), 2),
    }
    if one.handoff:
        line["handoff"] = True
    if one.degraded is not None:
        line["degraded"] = f"{one.degraded.step}: {one.degraded.reason}"
    if one.model is not None:
        line |= {"model": one.model, "tokens": one.usage.completion_tokens, "cost": one.usage.cost}
    return line
