from __future__ import annotations

import math

import numpy as np
import pytest

from kefu.training.intervals import mcnemar, middle_95, resampled, wilson


def test_wilson_s_interval_is_that_of_the_literature() -> None:
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    for right, total, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 5)[1] == 1.0


def test_mcnemar_s_p_is_binomial() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(3, 3) == 1.0
    assert mcnemar(0, 5) == mcnemar(5, 0) == 2 / 32
    assert mcnemar(1, 5) == pytest.approx(2 * (1 + 6) / 64)
    assert 0.0 < mcnemar(400, 1000) < 1e-9


def test_resampling_keeps_the_number_of_texts_and_is_repeatable() -> None:
    columns = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    rounds = resampled(columns, 200)
    assert rounds.shape == (200, 2)
    assert set(rounds[:, 0]) == {4.0}
    assert rounds[:, 1].mean() == pytest.approx(2.0, abs=0.3)
    assert np.array_equal(rounds, resampled(columns, 200))


def test_the_middle_leaves_out_what_is_not_there() -> None:
    assert middle_95(np.array([1.0, math.nan, 1.0])) == (1.0, 1.0)
    assert all(math.isnan(bound) for bound in middle_95(np.array([math.nan])))
