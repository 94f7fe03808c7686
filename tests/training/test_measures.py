from __future__ import annotations

import pytest

from kefu.training.intervals import wilson
from kefu.training.measures import measured
from verdicts import verdict


def values(*found: object) -> dict[str, float]:
    return {figure.name: figure.value for figure in measured(found)}  # type: ignore[arg-type]


def test_single_and_several_are_told_apart() -> None:
    found = values(
        verdict("a", "a"),
        verdict("a", "b"),
        verdict("a", "a"),
        verdict("a+b", "b+a"),
        verdict("b+a", "b+a"),
    )
    assert found["single_exact"] == pytest.approx(2 / 3)
    assert found["several_exact"] == 0.5
    assert found["exact"] == 0.6
    assert "acceptable" not in found
    assert "mood_f1" not in found


def test_other_acceptable_answers_count_as_acceptable_only() -> None:
    found = values(
        verdict("a", "b", acceptable=("b", "c+d")), verdict("a", "c", acceptable=("c+d",))
    )
    assert (found["exact"], found["acceptable"]) == (0.0, 0.5)


def test_slots_are_counted_by_name_and_words() -> None:
    found = values(
        verdict("a", "a", slots=(("n=两件", "p=鞋"), ("n=两件", "p=跑鞋"))),
        verdict("a", "a", slots=((), ("p=鞋",))),
        verdict("a", "a"),
    )
    # one hit, two false, one missed
    assert found["slot_f1"] == pytest.approx(2 / (2 + 2 + 1))


def test_the_same_value_twice_must_be_found_twice() -> None:
    assert values(verdict("a", "a", slots=(("n=两件", "n=两件"), ("n=两件",))))[
        "slot_f1"
    ] == pytest.approx(2 / 3)


def test_moods_are_a_macro_mean_over_the_moods_meant() -> None:
    found = values(
        verdict("", "a", moods=("negative", "negative")),
        verdict("", "a", moods=("negative", "neutral")),
        verdict("", "a", moods=("neutral", "neutral")),
        verdict("", "a", moods=("neutral", "positive")),
    )
    # negative: 1 hit, 1 missed: 2/3; neutral: 1 hit, 1 false, 1 missed: 1/2; positive is never meant
    assert found == {"mood_f1": pytest.approx((2 / 3 + 1 / 2) / 2)}


def test_sarcasm_has_precision_and_recall() -> None:
    found = values(
        verdict("", "a", moods=("negative!", "negative!")),
        verdict("", "a", moods=("negative!", "neutral")),
        verdict("", "a", moods=("negative!", "neutral")),
        verdict("", "a", moods=("positive", "negative!")),
    )
    assert found["sarcasm_precision"] == 0.5
    assert found["sarcasm_recall"] == pytest.approx(1 / 3)


def test_calibration_is_about_acceptable_answers() -> None:
    found = values(
        verdict("a", "a", confidence=0.95),
        verdict("a", "b", confidence=0.95, acceptable=("b",)),
        verdict("a", "b", confidence=0.35),
    )
    # (2 * |0.95 - 1| + 1 * |0.35 - 0|) / 3
    assert found["calibration_error"] == pytest.approx(0.15)


def test_every_figure_has_its_interval_and_total() -> None:
    verdicts = [verdict("a", "a", slots=(("n=1",), ("n=1",)))] * 8
    verdicts += [verdict("a", "b", slots=(("n=1",), ("n=2",)))] * 2
    figures = {figure.name: figure for figure in measured(verdicts)}
    assert figures["single_exact"].interval == wilson(8, 10)
    assert figures["single_exact"].total == figures["slot_f1"].total == 10
    low, high = figures["slot_f1"].interval
    assert low < figures["slot_f1"].value == 0.8 < high


def test_nothing_gives_no_figures() -> None:
    assert measured([]) == []
