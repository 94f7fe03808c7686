"""Every metric of kefu, in one file. Labels hold names from packs and settings, never from customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from kefu.messages import Emotion, Turn
from kefu.observing.calls import ModelCall
from kefu.observing.redacting import veil
from kefu.observing.tallies import CounterTally, HistogramTally

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STEP_SECONDS = (0.0001, 0.00025, 0.0005, *SECONDS[:-2])
ENTRIES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The numbers of one engine, in a registry of its own, so that two engines in one process never clash."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns()
        self._meanings()
        self._guards()
        self._models()
        self._mechanisms()
        self.experiment_turns: CounterTally | None = None

    def _turns(self) -> None:
        """How many, how fast, and how well."""
        self.turns = self._counter("turns", "Turns answered, by who wrote the reply", "source")
        self.turn_seconds = self._histogram(
            "turn_seconds", "Time from accepted to durable", SECONDS, "source"
        )
        self.step_seconds = self._histogram(
            "step_seconds", "Time in each step of a turn", STEP_SECONDS, "step", "source"
        )
        self.degraded = self._counter("degraded", "Lesser answers", "step", "reason")
        self.handoffs = Counter(
            "kefu_handoffs", "Turns in which a person was asked for", registry=self.registry
        )
        self.in_flight = Gauge("kefu_in_flight", "Turns under way", registry=self.registry)

    def _meanings(self) -> None:
        """What customers want, and how they feel."""
        self.intents = self._counter("intents", "Wishes understood", "intent", "tier")
        self.emotions = self._counter("emotions", "Moods", "label", "sarcasm")

    def _guards(self) -> None:
        """What was kept out."""
        self.masked = self._counter("masked", "Personal data replaced, by kind", "kind")
        self.moderated = self._counter("moderated", "Messages that moderation acted on", "action")

    def _models(self) -> None:
        """What language models do, and what they cost."""
        self.model_calls = self._counter("model_calls", "Calls", "model", "outcome")
        self.model_seconds = self._histogram(
            "model_seconds", "Whole calls that worked", SECONDS, "model"
        )
        self.model_first_seconds = self._histogram(
            "model_first_token_seconds", "Time to the first token", SECONDS, "model"
        )
        self.model_tokens = self._counter("model_tokens", "Tokens", "model", "kind")
        self.model_cost = self._counter("model_cost", "Cost, in your currency", "model")

    def _mechanisms(self) -> None:
        """Doors, log, and what broke."""
        self.requests = self._counter("http_requests", "HTTP requests", "route", "status")
        self.request_seconds = self._histogram(
            "http_request_seconds", "Time to the end of the response", SECONDS, "route"
        )
        self.errors = self._counter("errors", "What broke, by place and kind", "where", "error")
        self.commit_seconds = Histogram(
            "kefu_log_commit_seconds",
            "One commit of the log",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.commit_entries = Histogram(
            "kefu_log_commit_entries",
            "Entries in one commit of the log",
            buckets=ENTRIES,
            registry=self.registry,
        )

    def turn(self, turn: Turn) -> None:
        """Count a finished turn."""
        source = turn.source.value
        self.turns.inc((source,))
        for step, spent_ms in turn.timings.items():
            if step == "total":
                self.turn_seconds.observe((source,), spent_ms / 1000)
            else:
                self.step_seconds.observe((step, source), spent_ms / 1000)
        for intent in turn.meaning.intents:
            self.intents.inc((intent.name, turn.meaning.tier))
        self._mood(turn.meaning.emotion)
        if turn.handoff and not turn.decision.silent:
            self.handoffs.inc()
        if turn.degraded is not None:
            self.degraded.inc((turn.degraded.step, veil(turn.degraded.reason)))
        for kind, number in turn.personal.items():
            self.masked.inc((kind,), number)
        if turn.verdict != "allow":
            self.moderated.inc((turn.verdict,))
        if self.experiment_turns is not None:
            self.experiment_turns.inc((turn.variant or "off", source))

    def model_call(self, call: ModelCall) -> None:
        """Count a call to a language model."""
        self.model_calls.inc((call.model, call.outcome))
        if call.first_s is not None:
            self.model_first_seconds.observe((call.model,), call.first_s)
        if call.outcome == "ok":
            self.model_seconds.observe((call.model,), call.seconds)
            self.model_tokens.inc((call.model, "prompt"), call.usage.prompt_tokens)
            self.model_tokens.inc((call.model, "completion"), call.usage.completion_tokens)
            self.model_cost.inc((call.model,), call.usage.cost)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count an HTTP request; `route` is the pattern."""
        self.requests.inc((route, str(status)))
        self.request_seconds.observe((route,), seconds)

    def commit(self, entries: int, seconds: float) -> None:
        """Count one commit of the log."""
        self.commit_seconds.observe(seconds)
        self.commit_entries.observe(entries)

    def watch_experiments(self) -> None:
        """From now on, count turns by variant as well; "off" are those that no experiment changed."""
        self.experiment_turns = self._counter(
            "experiment_turns",
            "Turns answered, by variant and who wrote the reply",
            "variant",
            "source",
        )

    def watch_in_flight(self, count: Callable[[], float]) -> None:
        """Ask `count` for the turns under way, each time somebody looks."""
        self.in_flight.set_function(count)

    def render(self) -> tuple[bytes, str]:
        """Prometheus' text format, and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4

    def _mood(self, emotion: Emotion) -> None:
        self.emotions.inc((emotion.label, "yes" if emotion.sarcasm else "no"))

    def _counter(self, name: str, about: str, *labels: str) -> CounterTally:
        tally = CounterTally(f"kefu_{name}", about, labels)
        self.registry.register(tally)
        return tally

    def _histogram(
        self, name: str, about: str, bounds: Sequence[float], *labels: str
    ) -> HistogramTally:
        tally = HistogramTally(f"kefu_{name}", about, labels, bounds)
        self.registry.register(tally)
        return tally
