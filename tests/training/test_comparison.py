from __future__ import annotations

import pytest

from kefu.training.comparison import Comparison
from kefu.training.intervals import mcnemar
from kefu.training.verdict import Verdict
from verdicts import verdict


def reading(*intents: str) -> list[Verdict]:
    return [verdict("a", one, text=str(at)) for at, one in enumerate(intents)]


def test_the_second_model_s_gain_is_told_with_its_interval() -> None:
    first = reading(*("a",) * 60, *("b",) * 40)
    second = reading(*("a",) * 90, *("b",) * 10)
    comparison = Comparison(first, second)
    row = next(row for row in comparison.differences() if row.name == "single_exact")
    assert (row.first, row.second, round(row.difference, 6)) == (0.6, 0.9, 0.3)
    assert 0.2 < row.interval[0] < 0.3 < row.interval[1] < 0.4
    assert row.certain
    assert comparison.only_right == (0, 30)
    assert comparison.p == mcnemar(0, 30)


def test_a_gain_on_few_texts_is_not_certain() -> None:
    comparison = Comparison(reading("a", "b", "a", "a"), reading("a", "a", "b", "a"))
    row = next(row for row in comparison.differences() if row.name == "exact")
    assert row.difference == 0.0
    assert not row.certain
    assert comparison.only_right == (1, 1)
    assert comparison.p == 1.0


def test_every_figure_that_labels_allow_is_compared() -> None:
    first = [verdict("a", "a", slots=(("n=1",), ()), moods=("neutral", "neutral"))]
    second = [verdict("a", "a", slots=(("n=1",), ("n=1",)), moods=("neutral", "neutral"))]
    found = {row.name: row.difference for row in Comparison(first, second).differences()}
    assert found == {
        "single_exact": 0.0,
        "exact": 0.0,
        "slot_f1": 1.0,
        "mood_f1": 0.0,
        "calibration_error": 0.0,
    }


def test_disagreements_come_with_those_first_of_which_one_is_right() -> None:
    comparison = Comparison(reading("b", "a", "a", "b"), reading("c", "b", "a", "a"))
    found = [(one.first.meant.text, one.better) for one in comparison.disagreements()]
    assert found == [("1", -1), ("3", 1), ("0", 0)]


def test_only_the_same_texts_can_be_compared() -> None:
    with pytest.raises(ValueError, match="same texts"):
        Comparison(reading("a"), reading("a", "a"))
