"""Lanes that share one worker: equal in time, the cheap one first, nobody starved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kefu.lanes.fair import FairShare

COSTS = st.lists(st.tuples(*[st.floats(0.001, 1.0)] * 3), min_size=1, max_size=200)


@given(COSTS)
def test_lanes_that_always_wait_stay_one_batch_apart(rounds: list[tuple[float, ...]]) -> None:
    share, used = FairShare(3), [0.0, 0.0, 0.0]
    for costs in rounds:
        lane = share.next(dict(enumerate(costs)))
        share.charge(lane, costs[lane])
        used[lane] += costs[lane] * 1.25**lane
        assert max(used) - min(used) <= 1.25**2 + 1e-9


@given(st.lists(st.sampled_from([0.001, 0.002, 0.004]), min_size=600, max_size=600))
def test_a_long_batch_runs_once_the_short_ones_had_as_much_time(shorts: list[float]) -> None:
    share, before = FairShare(2), 0.0
    for cost in shorts:
        if share.next({0: cost, 1: 0.5}) == 1:
            break
        share.charge(0, cost)
        before += cost
    assert 0.5 <= before <= 0.5 * 1.25 + 0.004


def test_a_cheap_batch_goes_before_a_dear_one() -> None:
    share = FairShare(2)
    assert share.next({0: 0.001, 1: 0.05}) == 0
    assert share.next({1: 0.05}) == 1


def test_a_lane_saves_nothing_up_while_it_is_empty() -> None:
    share = FairShare(2)
    for _ in range(100):
        share.next({0: 1.0})
        share.charge(0, 1.0)
    share.woke(1)
    served = 0
    while share.next({0: 1.0, 1: 1.0}) == 1:
        share.charge(1, 1.0)
        served += 1
    assert served <= 1


def test_what_a_lane_used_is_forgotten_once_all_are_empty() -> None:
    share = FairShare(2)
    share.next({0: 1.0})
    share.charge(0, 1.0)
    share.rest()
    share.woke(1)
    share.woke(0)
    assert share.next({0: 1.0, 1: 1.0}) == 0
