"""Bounds that make no sense are refused where they are written."""

from __future__ import annotations

import pytest

from kefu.lanes.limits import Limits


@pytest.mark.parametrize("bounds", [(48, 16), (16, 16), (0, 16), (-1,)])
def test_bounds_must_grow(bounds: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="growing sizes above 0"):
        Limits(bounds=bounds)


@pytest.mark.parametrize("wrong", [{"max_batch": 0}, {"max_waiting": 0}])
def test_something_must_get_through(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Limits(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"max_wait_s": -1}, {"max_run_s": -0.1}])
def test_time_does_not_run_backwards(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Limits(**wrong)  # type: ignore[arg-type]


def test_no_bound_at_all_makes_one_lane() -> None:
    assert Limits(bounds=()).bounds == ()
