"""The measured cost of a batch: found again under noise, and only used once it is known."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.lanes.cost import TICK_S, Cost

SECONDS = st.floats(1e-4, 1e-1)
EACH = st.floats(1e-6, 1e-3)


def _cost(fixed: float, each: float, batches: int = 64, seed: int = 1) -> Cost:
    """A cost that saw batches of all sizes."""
    rng = random.Random(seed)
    cost = Cost()
    for _ in range(batches):
        items, longest = rng.randint(1, 32), rng.randint(1, 160)
        cost.measured(items, longest, fixed + each * items * longest)
    return cost


@given(fixed=SECONDS, each=EACH)
def test_the_line_is_found_exactly_when_nothing_disturbs(fixed: float, each: float) -> None:
    cost = _cost(fixed, each)
    assert cost.known
    assert cost.fixed == pytest.approx(fixed, rel=1e-6)
    assert cost.each == pytest.approx(each, rel=1e-6)
    assert cost.of(4, 10) == pytest.approx(fixed + 40 * each)


@given(seed=st.integers(0, 1000))
def test_runs_that_the_machine_interrupted_do_not_bend_it(seed: int) -> None:
    rng = random.Random(seed)
    cost = Cost()
    cost.measured(1, 1, 3.0)  # The first run warms the caches.
    for _ in range(63):
        work = rng.randint(1, 32), rng.randint(1, 160)
        stall = rng.choice([0.05, 0.2]) if rng.random() < 0.1 else 0.0
        cost.measured(*work, 0.002 + 1e-4 * work[0] * work[1] + stall)
    assert cost.each == pytest.approx(1e-4, rel=0.15)
    assert cost.fixed == pytest.approx(0.002, abs=0.006)


def test_a_machine_that_slows_down_is_followed() -> None:
    cost = _cost(0.002, 1e-4)
    for items in [1, 2, 4, 8, 16, 32, 3, 5] * 8:
        cost.measured(items, 10, 2 * (0.002 + 1e-4 * items * 10))
    assert cost.fixed == pytest.approx(0.004)
    assert cost.each == pytest.approx(2e-4)


def test_batches_of_equal_work_tell_no_fixed_cost() -> None:
    cost = Cost()
    for _ in range(100):
        cost.measured(1, 12, 0.003)
    assert not cost.known
    assert cost.fixed == 0
    assert cost.of(2, 12) == pytest.approx(0.006)


@given(fixed=SECONDS, each=EACH, seed=st.integers(0, 99))
def test_nothing_measured_gives_a_negative_cost(fixed: float, each: float, seed: int) -> None:
    rng = random.Random(seed)
    cost = Cost()
    for _ in range(40):
        items, longest = rng.randint(1, 32), rng.randint(1, 160)
        cost.measured(items, longest, rng.random() * (fixed + each * items * longest))
        assert cost.fixed >= 0
        assert cost.each >= 0


def test_what_is_not_known_is_tried() -> None:
    assert Cost().joining_pays(5, 10, 10, behind=1)


def test_where_the_work_alone_costs_a_batch_does_not_pay() -> None:
    cost = _cost(1e-9, 1e-4)
    assert not cost.joining_pays(1, 10, 10, behind=30)


@given(fixed=SECONDS, each=EACH, items=st.integers(1, 31), size=st.integers(1, 160))
def test_an_item_of_the_same_size_joins_once_enough_wait(
    fixed: float, each: float, items: int, size: int
) -> None:
    cost = _cost(fixed, each)
    needed = items * each * size / fixed
    assert cost.joining_pays(items, size, size, behind=needed * 1.01)
    assert not cost.joining_pays(items, size, size, behind=needed * 0.99)


def test_an_item_that_would_pad_the_others_far_runs_on_its_own() -> None:
    cost = _cost(0.002, 2e-5)
    assert cost.joining_pays(8, 10, 12, behind=32)
    assert not cost.joining_pays(8, 10, 160, behind=32)


def test_a_lone_caller_does_not_wait_for_what_comes_late() -> None:
    assert _cost(0.008, 1e-6).worth_waiting(1, 10, [0.05, 0.1, 1.0]) == 0


def test_a_rush_is_worth_waiting_for() -> None:
    wait = _cost(0.008, 1e-6).worth_waiting(1, 10, [0.002, 0.002, 0.002, 0.5])
    assert wait == pytest.approx(0.002)


def test_a_small_gain_is_not_worth_a_wait() -> None:
    cost = _cost(0.008, 1e-6)
    assert cost.worth_waiting(1, 10, [0.001, 0.001, 0.1, 0.1]) > 0
    assert cost.worth_waiting(1, 10, [0.001, 0.1, 0.1, 0.1]) == 0


@given(
    fixed=st.floats(2 * TICK_S, 0.1),
    items=st.integers(1, 32),
    ahead=st.lists(st.floats(0, 0.2), max_size=16).map(sorted),
)
def test_no_wait_is_longer_than_what_it_can_save(
    fixed: float, items: int, ahead: list[float]
) -> None:
    assert _cost(fixed, 1e-9).worth_waiting(items, 1, ahead) <= fixed * 1.001
