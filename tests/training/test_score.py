from __future__ import annotations

import pytest

from kefu.training.score import Score
from kefu.training.tally import Tally
from verdicts import verdict


def test_tallies_count_precision_and_recall() -> None:
    tally = Tally(hit=3, false=1, missed=2)
    assert (tally.precision, tally.recall, tally.support) == (0.75, 0.6, 5)
    assert tally.f1 == pytest.approx(2 / 3)
    assert Tally().f1 == 0.0


def test_intents_are_counted_once_a_text() -> None:
    score = Score([verdict("a+b", "b+c"), verdict("b", "b"), verdict("", "a")])
    assert score.intents() == {"a": Tally(0, 0, 1), "b": Tally(2, 0, 0), "c": Tally(0, 1, 0)}


def test_slots_and_moods_are_counted_where_somebody_looked() -> None:
    score = Score(
        [
            verdict("a", "a", slots=(("n=1",), ("n=1", "p=鞋")), moods=("negative!", "neutral")),
            verdict("a", "a"),
        ]
    )
    assert score.slots() == {"n": Tally(1, 0, 0), "p": Tally(0, 1, 0)}
    assert score.moods() == {
        "negative": Tally(0, 0, 1),
        "neutral": Tally(0, 1, 0),
        "sarcasm": Tally(0, 0, 1),
    }
    assert Score([verdict("a", "a")]).moods() == {}


def test_confusions_hold_their_texts_the_commonest_first() -> None:
    found = Score(
        [
            verdict("a", "b", text="一"),
            verdict("b", "a", text="二"),
            verdict("a", "b", text="三"),
            verdict("a", "c", acceptable=("c",)),
        ]
    ).confused()
    assert [(pair, [one.meant.text for one in texts]) for pair, texts in found] == [
        (("a", "b"), ["一", "三"]),
        (("b", "a"), ["二"]),
    ]


def test_accuracy_is_told_by_tier_and_by_length() -> None:
    score = Score(
        [
            verdict("a", "a", text="五个字以内"),
            verdict("a", "b", text="六个字的文本"),
            verdict("a", "a", text="长" * 41, tier="encoder"),
            verdict("a", "a", tier="encoder"),
            verdict("a", "a", tier="encoder"),
        ]
    )
    assert score.by_tier() == [("encoder", 3, 3), ("linear", 1, 2)]
    assert score.by_length() == [("1–5", 3, 3), ("6–10", 0, 1), ("41+", 1, 1)]


def test_the_diagram_is_of_texts_with_intents() -> None:
    score = Score([verdict("a", "a", confidence=0.65), verdict("", "a", confidence=0.65)])
    assert [(one.count, one.accuracy) for one in score.diagram() if one.count] == [(1, 1.0)]


def test_metrics_are_rounded_figures() -> None:
    assert (
        Score([verdict("a", "a"), verdict("a", "b"), verdict("b", "b")]).metrics()["exact"]
        == 0.6667
    )
