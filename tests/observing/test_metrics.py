"""The metrics, read back from their text."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from kefu.messages import Decision, Degraded, Usage
from kefu.observing.calls import ModelCall
from kefu.observing.metrics import Metrics
from kefu.observing.tallies import CounterTally, HistogramTally
from turns import TIMINGS, a_turn


def numbers(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and sorted label values."""
    body, kind = metrics.render()
    assert kind.startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def test_a_turn_is_counted_in_every_way() -> None:
    metrics = Metrics()
    metrics.turn(a_turn(handoff=True, degraded=Degraded("timeout", "llm"), verdict="mask"))
    read = numbers(metrics)
    assert read["kefu_turns_total", "flow"] == 1
    assert read["kefu_turn_seconds_sum", "flow"] == TIMINGS["total"] / 1000
    assert read["kefu_step_seconds_count", "flow", "understand"] == 1
    assert read["kefu_intents_total", "order_modify_address", "linear"] == 1
    assert read["kefu_emotions_total", "negative", "yes"] == 1
    assert read["kefu_masked_total", "phone"] == 2
    assert read["kefu_moderated_total", "mask"] == 1
    assert read["kefu_degraded_total", "timeout", "llm"] == 1
    assert read["kefu_handoffs_total",] == 1


def test_variants_are_counted_only_while_there_is_an_experiment() -> None:
    metrics = Metrics()
    metrics.turn(a_turn(variant="shy:on"))
    assert b"kefu_experiment" not in metrics.render()[0]
    metrics.watch_experiments()
    metrics.turn(a_turn(variant="shy:on"))
    metrics.turn(a_turn())
    read = numbers(metrics)
    assert read["kefu_experiment_turns_total", "flow", "shy:on"] == 1
    assert read["kefu_experiment_turns_total", "flow", "off"] == 1


def test_a_turn_that_an_agent_has_taken_is_no_new_hand_off() -> None:
    metrics = Metrics()
    metrics.turn(a_turn(handoff=True, decision=Decision((), "taken", silent=True)))
    assert numbers(metrics)["kefu_handoffs_total",] == 0


def test_no_metric_holds_what_the_customer_wrote() -> None:
    metrics = Metrics()
    metrics.turn(a_turn())
    body = metrics.render()[0].decode()
    assert "canary" not in body
    assert "13800138000" not in body


def test_model_calls_count_tokens_and_cost_only_where_they_worked() -> None:
    metrics = Metrics()
    metrics.model_call(ModelCall("m", "ok", 1.5, 0.2, Usage(10, 20, 0.5)))
    metrics.model_call(ModelCall("m", "ModelTimeout", 3.0))
    read = numbers(metrics)
    assert read["kefu_model_calls_total", "m", "ModelTimeout"] == 1
    assert read["kefu_model_first_token_seconds_count", "m"] == 1
    assert read["kefu_model_seconds_sum", "m"] == 1.5
    assert read["kefu_model_tokens_total", "completion", "m"] == 20
    assert read["kefu_model_cost_total", "m"] == 0.5


def test_requests_commits_and_what_is_under_way_are_counted() -> None:
    metrics = Metrics()
    metrics.request("/v1/chat", 200, 0.01)
    metrics.commit(7, 0.002)
    metrics.watch_in_flight(lambda: 5)
    read = numbers(metrics)
    assert read["kefu_http_requests_total", "/v1/chat", "200"] == 1
    assert read["kefu_log_commit_entries_sum",] == 7
    assert read["kefu_in_flight",] == 5


def test_a_label_without_bound_is_bounded() -> None:
    counter = CounterTally("kefu_x", "x", ("a", "b"), most=2)
    histogram = HistogramTally("kefu_y", "y", ("a",), (1.0,), most=2)
    for number in range(5):
        counter.inc((str(number), "b"))
        histogram.observe((str(number),), 0.5)
    assert values(counter)["kefu_x_total", "other", "other"] == 3
    assert values(histogram)["kefu_y_count", "other"] == 3


def test_buckets_are_cumulative_and_hold_their_bound() -> None:
    histogram = HistogramTally("kefu_y", "y", (), (1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.observe((), value)
    read = values(histogram)
    assert [read["kefu_y_bucket", bound] for bound in ("1.0", "2.0", "+Inf")] == [2, 3, 4]
    assert (read["kefu_y_count",], read["kefu_y_sum",]) == (4, 12.0)


def values(collector: Collector) -> dict[tuple[str, ...], float]:
    """Every sample of one collector."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in collector.collect()
        for sample in family.samples
    }
