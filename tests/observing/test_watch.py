"""The watch and its sinks: what they hold, and that no canary ever gets into one."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import structlog

from kefu.errors import ModelBroken, SettingsError
from kefu.messages import Degraded, Usage
from kefu.observing.calls import ModelCall
from kefu.observing.logs import configure
from kefu.observing.redacting import alias, redacted, veil
from kefu.observing.traces import Traces, trace
from kefu.observing.watch import Watch
from turns import TIMINGS, a_turn


class Sink:
    """Where the log goes."""

    def __init__(self) -> None:
        self.bytes = io.BytesIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log, read back."""
        return [json.loads(line) for line in self.bytes.getvalue().splitlines()]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A configured log, put back to what it was at the end."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    sink = Sink()
    configure("info", sink.bytes)
    yield sink
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_turn_is_one_line_one_trace_and_some_numbers(sink: Sink) -> None:
    watch = Watch()
    watch.turn(a_turn(model="m", usage=Usage(5, 9, 0.25), handoff=True))
    [line] = sink.lines
    assert line["event"] == "turn"
    assert line["level"] == "info"
    assert line["turn_id"] == "0f" * 16
    assert line["intents"] == ["order_status", "order_modify_address"]
    assert (line["model"], line["tokens"], line["cost"]) == ("m", 9, 0.25)
    assert line["ms"] == TIMINGS["total"]
    assert watch.traces.last()[0].why == "order_status: flow order_status owns this intent"
    assert b'kefu_turns_total{source="flow"} 1.0' in watch.metrics.render()[0]


def test_no_sink_holds_a_canary(sink: Sink) -> None:
    watch = Watch()
    watch.turn(a_turn(degraded=Degraded("call 13800138000", "llm")))
    try:
        raise ValueError("canary-error 13800138000")
    except ValueError as exc:
        watch.error("answer", exc)
        structlog.get_logger().exception("oops", text="canary-field", note="13800138000")
        logging.getLogger("a.library").exception("failed for %s", "canary-argument")
    logging.getLogger("asyncio").error("never retrieved\nexception=ValueError('canary-future')")
    held = sink.bytes.getvalue() + msgspec.json.encode(watch.traces.last())
    held += watch.metrics.render()[0]
    assert b"canary" not in held
    assert b"13800138000" not in held
    assert b"SF1630294857712" not in held
    assert [line["event"] for line in sink.lines][1:] == [
        "broke",
        "oops",
        "failed for %s",
        "never retrieved",
    ]
    assert sink.lines[1]["where"].startswith("test_watch.py:")
    assert sink.lines[2]["error"] == "ValueError"


def test_turns_can_be_kept_out_of_the_log(sink: Sink) -> None:
    watch = Watch(log_turns=False)
    watch.turn(a_turn())
    assert sink.lines == []
    assert len(watch.traces.last()) == 1


def test_what_fails_is_logged_and_what_works_is_only_counted(sink: Sink) -> None:
    watch = Watch()
    watch.model_call(ModelCall("m", "ok", 1.0, 0.1))
    watch.model_call(ModelCall("m", "ModelBroken", 1.0))
    watch.request("/v1/chat", 200, 0.01)
    watch.commit(3, 0.01)
    watch.error("commit", ModelBroken("x"))
    assert [line["event"] for line in sink.lines] == ["model_call", "broke"]
    assert b'kefu_errors_total{error="ModelBroken",where="commit"} 1.0' in watch.metrics.render()[0]


def test_a_level_that_is_none_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match=r"log\.level"):
        configure("loud")


def test_a_level_keeps_lines_out(sink: Sink) -> None:
    configure("error", sink.bytes)
    structlog.get_logger().info("turn")
    logging.getLogger("x").warning("careful")
    assert sink.lines == []


def test_a_lone_surrogate_is_no_reason_to_fail(sink: Sink) -> None:
    structlog.get_logger().info("x", odd="\ud800")
    assert sink.lines[0]["event"] == "not_utf8"


def test_the_second_net_drops_texts_and_stars_digits_at_any_depth() -> None:
    event = {
        "reply": "x",
        "deep": {"text": "x", "ok": [1, 13800138000, "1380013 8000", None, True, 0.5]},
        "odd": object(),
        "turn_id": "1234567890",
        "gone": ModelBroken,
    }
    assert redacted(event) == {
        "deep": {"ok": [1, "*", "*" * 12, None, True, 0.5]},
        "odd": "object",
        "turn_id": "1234567890",
        "gone": "type",
    }
    assert veil("12345 6") == "12345 6"
    assert veil("138-0013-8000") == "*" * 13


def test_a_session_has_a_stable_alias() -> None:
    assert alias("s") == alias("s") != alias("t")


def test_traces_are_found_by_turn_and_by_session_until_they_are_too_many() -> None:
    traces = Traces(kept=3)
    for number in range(5):
        traces.add(trace(a_turn(turn_id=f"t{number}", session=f"s{number % 2}")))
    assert traces.find("t0") is None
    found = traces.find("t3")
    assert found is not None
    assert found.understood.slots[1] == ("order_id", "SF" + "*" * 13)
    assert [one.turn_id for one in traces.of("s0")] == ["t4", "t2"]
    assert [one.turn_id for one in traces.last(2)] == ["t4", "t3"]
