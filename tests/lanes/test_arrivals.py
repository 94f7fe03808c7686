"""What the last gaps say about the next arrival."""

from __future__ import annotations

import pytest

from kefu.lanes.arrivals import Arrivals


def test_nothing_is_foreseen_from_a_few() -> None:
    arrivals = Arrivals()
    assert arrivals.ahead(0.0) == []
    for n in range(8):
        arrivals.came(n * 1.0)
    assert arrivals.ahead(7.0) == []


def test_gaps_that_are_over_are_no_hope() -> None:
    arrivals = Arrivals()
    now = 0.0
    for gap in [0, 0.1, 0.1, 5, 0.1, 0.1, 5, 0.1, 0.1]:
        now += gap
        arrivals.came(now)
    assert arrivals.ahead(now) == pytest.approx([0.1] * 6 + [5] * 2)
    assert arrivals.ahead(now + 1) == pytest.approx([4] * 2)
    assert arrivals.ahead(now + 9) == []


def test_only_the_last_gaps_count() -> None:
    arrivals = Arrivals()
    for n in range(100):
        arrivals.came(n * 1.0)
    for n in range(16):
        arrivals.came(99.0 + (n + 1) * 0.25)
    assert arrivals.ahead(103.0) == [0.25] * 16
