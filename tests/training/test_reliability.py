from __future__ import annotations

import pytest

from kefu.training.reliability import Bin, bins, error, place


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    assert [place(x) for x in (0.0, 0.05, 0.1, 0.1001, 0.3, 0.95, 1.0)] == [0, 0, 0, 1, 2, 9, 9]


def test_bins_hold_means_of_confidence_and_accuracy() -> None:
    found = bins([0.95, 0.91, 0.99, 0.55], [True, True, False, False])
    assert found[9] == Bin(0.9, 1.0, 3, 0.95, 2 / 3)
    assert found[5] == Bin(0.5, 0.6, 1, 0.55, 0.0)
    assert found[0] == Bin(0.0, 0.1, 0, 0.0, 0.0)
    assert sum(one.count for one in found) == 4


def test_the_error_is_the_mean_gap_weighted_by_answers() -> None:
    # (3 * |0.95 - 2/3| + 1 * |0.55 - 0|) / 4 = (0.85 + 0.55) / 4
    found = bins([0.95, 0.91, 0.99, 0.55], [True, True, False, False])
    assert error(found) == pytest.approx(0.35)


def test_true_confidences_have_no_error() -> None:
    found = bins([0.8] * 5 + [0.2] * 5, [True] * 4 + [False] + [True] + [False] * 4)
    assert error(found) == pytest.approx(0.0)
    assert error(bins([], [])) == 0.0


def test_certainty_that_is_always_wrong_is_the_worst() -> None:
    assert error(bins([1.0, 1.0], [False, False])) == 1.0


@pytest.mark.parametrize("odd", [-0.1, 1.1, float("nan")])
def test_what_is_no_confidence_is_refused(odd: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        bins([odd], [True])
