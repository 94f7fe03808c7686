"""Voters, their average, and what is out of scope."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from kefu.training.crowd.ensemble import Ensemble, micro_f1, softmax  # noqa: E402
from kefu.training.crowd.scope import Neighbours, Scope, hints  # noqa: E402
from kefu.training.crowd.voters import Floats, LinearVoter, NetworkVoter, Voter  # noqa: E402

THINGS = ("card", "pin", "statement", "loan", "refund", "transfer", "account", "fee")
ASKED = {
    "where": ("where is my {}", "where can i find my {}", "i cannot find my {}"),
    "cancel": ("cancel my {}", "please cancel the {}", "i want my {} cancelled"),
    "cost": ("how much does a {} cost", "price of a {}", "what does the {} cost me"),
}
TEXTS = [form.format(thing) for forms in ASKED.values() for form in forms for thing in THINGS]
WANTED = np.repeat(np.arange(len(ASKED)), 3 * len(THINGS))
TARGETS = np.eye(len(ASKED), dtype=np.float32)[WANTED]


def nothing() -> None:
    """No progress bar."""


def crew() -> Sequence[Voter]:
    return LinearVoter(), NetworkVoter(epochs=4, size=8, width=32)


@pytest.mark.parametrize("voter", [LinearVoter(), LinearVoter(latin=False), *crew()])
def test_every_voter_learns_what_sets_three_wishes_apart(voter: Voter) -> None:
    voter.learn(TEXTS, TARGETS, False, nothing)
    said = voter.logits(["where is the new card", "cancel this loan", "what does a pin cost"])
    assert said.argmax(1).tolist() == [0, 1, 2]


def test_a_voter_that_has_not_learnt_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match="call learn first"):
        NetworkVoter().logits(["hello"])


def test_the_same_seed_gives_the_same_network() -> None:
    twins = [NetworkVoter(epochs=1, width=16, seed=4) for _ in range(2)]
    for twin in twins:
        twin.learn(TEXTS, TARGETS, False, nothing)
    np.testing.assert_array_equal(twins[0].logits(TEXTS[:5]), twins[1].logits(TEXTS[:5]))


def test_an_ensemble_is_calibrated_and_its_chances_sum_to_one() -> None:
    ensemble = Ensemble(crew)
    ensemble.learn(TEXTS, TARGETS, nothing)
    chances = ensemble.chances(["please cancel that fee"])
    assert len(ensemble.sharpness) == 2
    assert chances.sum() == pytest.approx(1.0, abs=1e-5)
    assert chances.argmax() == 1


def test_soft_answers_can_teach_another_voter() -> None:
    ensemble = Ensemble(crew)
    ensemble.learn(TEXTS, TARGETS, nothing)
    student = NetworkVoter(epochs=4, size=8, width=32, smoothing=0.0)
    student.learn(TEXTS, ensemble.chances(TEXTS), False, nothing)
    assert (student.logits(TEXTS).argmax(1) == WANTED).mean() > 0.9


def test_label_sets_have_several_labels_or_none() -> None:
    texts = [*TEXTS, *(f"{TEXTS[at]} and {TEXTS[24 + at]}" for at in range(24)), *["thanks"] * 8]
    both = np.array([[1, 1, 0]] * 24 + [[0, 0, 0]] * 8, np.float32)
    ensemble = Ensemble(lambda: [LinearVoter(price=3)], many=True, holdouts=8)
    ensemble.learn(texts, np.concatenate([TARGETS, both]), nothing)
    chances = ensemble.chances(["where is my card and cancel my loan", "thanks", "price of a pin"])
    assert ensemble.sets(chances) == [{0, 1}, set(), {2}]


def test_a_label_that_no_training_text_has_is_never_said() -> None:
    wider = np.concatenate([TARGETS, np.zeros((len(TEXTS), 1), np.float32)], 1)
    ensemble = Ensemble(lambda: [LinearVoter()])
    ensemble.learn(TEXTS, wider, nothing)
    assert ensemble.chances(TEXTS)[:, 3].max() < 0.2


def test_micro_f1_counts_all_labels_together() -> None:
    found = np.array([[True, True], [False, False]])
    wanted = np.array([[1, 0], [0, 1]], np.float32)
    assert micro_f1(found, wanted) == pytest.approx(0.5)


def scoped() -> tuple[Scope, Floats]:
    rng = np.random.default_rng(1)
    inside = softmax(rng.normal(0, 3, (400, 5)).astype(np.float32))
    outside = softmax(rng.normal(0, 0.5, (100, 5)).astype(np.float32))
    near = np.concatenate([np.full((400, 2), 0.6), np.full((100, 2), 0.2)]).astype(np.float32)
    seen = hints(np.concatenate([inside, outside]), near)
    scope = Scope(0.05)
    scope.learn(seen, np.arange(500) < 400)
    return scope, seen


def test_no_more_in_scope_is_turned_away_than_was_allowed() -> None:
    scope, seen = scoped()
    kept = scope.inside(seen)
    assert (~kept[:400]).mean() <= 0.05
    assert (~kept[400:]).mean() > 0.9


def test_a_known_text_is_nearest_to_itself() -> None:
    near = Neighbours(TEXTS).nearness([TEXTS[0], "写一首诗"])
    assert near[0, 0] == pytest.approx(1.0, abs=1e-5)
    assert near[1].max() == 0.0
