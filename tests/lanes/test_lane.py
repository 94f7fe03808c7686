"""One lane: bounded, who is first goes first, and who does not pay for a place is passed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.deadline import Deadline
from kefu.errors import QueueFull
from kefu.lanes.job import Job
from kefu.lanes.lane import Lane
from kefu.lanes.limits import Limits

_ORDER = count()


def _job(size: int = 1, priority: float = 0) -> Job[int, int]:
    order = next(_ORDER)
    return Job(order, size, None, priority, order, float(order))


def _lane(jobs: Sequence[Job[int, int]], limits: Limits | None = None) -> Lane[int, int]:
    lane: Lane[int, int] = Lane(limits or Limits())
    lane.cost.most = 32
    for job in jobs:
        lane.push(job)
    return lane


def _learn(lane: Lane[int, int], fixed: float, each: float) -> None:
    for items in range(1, 33):
        lane.cost.measured(items, 20, fixed + each * items * 20)


def _drain(lane: Lane[int, int], pressure: float = 1.0) -> list[list[Job[int, int]]]:
    batches = []
    while lane:
        batches.append(lane.take(pressure))
    assert lane.take(pressure) == []
    return batches


@given(
    jobs=st.lists(st.tuples(st.integers(1, 160), st.integers(0, 2)), max_size=100),
    each=st.sampled_from([None, 1e-7, 1e-5, 1e-4, 1e-2]),
    max_batch=st.integers(1, 32),
    pressure=st.floats(1, 32),
)
def test_every_job_is_taken_once_and_nobody_before_one_of_higher_priority(
    jobs: list[tuple[int, int]], each: float | None, max_batch: int, pressure: float
) -> None:
    waiting = [_job(size, priority) for size, priority in jobs]
    lane = _lane(waiting, Limits(max_batch=max_batch))
    if each is not None:
        _learn(lane, 0.002, each)
    first = sorted(waiting, key=lambda job: (-job.priority, job.order))
    for batch in _drain(lane, pressure):
        assert 1 <= len(batch) <= max_batch
        assert [job.size for job in batch] == sorted(job.size for job in batch)
        assert first[0] in batch
        first = [job for job in first if job not in batch]
        highest = max((job.priority for job in first), default=-1)
        assert all(job.priority >= highest for job in batch)
    assert first == []


@given(
    priorities=st.lists(st.integers(0, 2), min_size=1, max_size=60),
    dropped=st.sets(st.integers(0, 59)),
    promoted=st.dictionaries(st.integers(0, 59), st.integers(0, 4)),
)
def test_dropped_jobs_never_run_and_promoted_ones_go_by_their_new_priority(
    priorities: list[int], dropped: set[int], promoted: dict[int, int]
) -> None:
    jobs = [_job(priority=priority) for priority in priorities]
    lane = _lane(jobs, Limits(max_batch=1))
    for n, priority in promoted.items():
        if n < len(jobs):
            lane.promote(jobs[n], priority)
            assert jobs[n].priority == max(priority, priorities[n])
    for n in dropped & set(range(len(jobs))):
        lane.drop(jobs[n])
        lane.drop(jobs[n])
    left = [job for n, job in enumerate(jobs) if n not in dropped]
    assert len(lane) == len(left)
    taken = [job for batch in _drain(lane) for job in batch]
    assert taken == sorted(left, key=lambda job: (-job.priority, job.order))


def test_the_dead_are_swept_out() -> None:
    lane = _lane([_job()])
    for _ in range(1000):
        job = _job()
        lane.push(job)
        lane.drop(job)
    assert len(lane._heap) < 100


def test_a_full_lane_says_when_to_come_back() -> None:
    lane = _lane([_job(20) for _ in range(64)], Limits(max_waiting=64))
    with pytest.raises(QueueFull) as unmeasured:
        lane.push(_job())
    assert unmeasured.value.retry_after == 1
    _learn(lane, 0.1, 0.001)
    with pytest.raises(QueueFull) as measured:
        lane.push(_job())
    assert measured.value.retry_after == pytest.approx(2 * 0.1 + 64 * 20 * 0.001)


def test_batches_at_most_double_what_was_measured() -> None:
    lane: Lane[int, int] = Lane(Limits())
    for _ in range(63):
        lane.push(_job())
    sizes = []
    while lane:
        batch = lane.take(1.0)
        lane.cost.measured(len(batch), 1, 0.001)
        sizes.append(len(batch))
    assert sizes == [1, 2, 4, 8, 16, 32]


def test_a_batch_takes_all_where_the_fixed_cost_is_everything() -> None:
    lane = _lane([_job(20) for _ in range(32)])
    _learn(lane, 0.01, 1e-7)
    assert len(lane.take(1.0)) == 32


def test_a_batch_takes_one_where_a_batch_saves_nothing() -> None:
    lane = _lane([_job(20) for _ in range(32)])
    _learn(lane, 1e-7, 1e-4)
    assert len(lane.take(32.0)) == 1


def test_a_busy_worker_takes_larger_batches() -> None:
    idle, busy = (_lane([_job(20) for _ in range(8)]) for _ in range(2))
    for lane in (idle, busy):
        _learn(lane, 0.002, 1e-4)
    assert len(idle.take(1.0)) < len(busy.take(32.0)) == 8


def test_no_batch_holds_the_others_up_for_longer_than_it_may() -> None:
    lane = _lane([_job(100) for _ in range(32)], Limits(max_run_s=0.05))
    _learn(lane, 0.2, 1e-4)
    assert len(lane.take(32.0)) == 5


def test_one_that_is_too_long_alone_still_runs() -> None:
    lane = _lane([_job(160)], Limits(max_run_s=0.0))
    _learn(lane, 0.002, 1e-2)
    assert len(lane.take(1.0)) == 1


def test_a_long_one_is_passed_until_it_is_first() -> None:
    sizes = [10, 160, 11, 160, 12]
    lane = _lane([_job(size) for size in sizes])
    _learn(lane, 0.002, 1e-5)
    batches = [[job.size for job in batch] for batch in _drain(lane, pressure=32.0)]
    assert batches == [[10, 11, 12], [160, 160]]


def test_closing_a_lane_gives_all_that_wait() -> None:
    jobs = [_job() for _ in range(5)]
    lane = _lane(jobs)
    lane.promote(jobs[3], 2)
    lane.drop(jobs[1])
    assert {job.item for job in lane.empty()} == {jobs[n].item for n in (0, 2, 3, 4)}
    assert len(lane) == 0


def _pause(deadline: Deadline | None, limits: Limits | None = None) -> float:
    """After a rush of ten, two milliseconds apart, of which the last one still waits."""
    lane = _lane([], limits)
    _learn(lane, 0.02, 1e-6)
    jobs = [Job[int, int](n, 10, None, 0, n, 100 + 0.002 * n) for n in range(10)]
    for job in jobs:
        lane.push(job)
    for job in jobs[:-1]:
        lane.drop(job)
    jobs[-1].add(deadline)
    return lane.pause(free_since=0.0, now=100.018)


async def test_nobody_waits_for_company_that_would_make_him_late() -> None:
    assert _pause(None) == pytest.approx(0.002)
    assert _pause(Deadline(100.041)) == pytest.approx(0.002)
    assert _pause(Deadline(100.039)) == 0


async def test_nobody_waits_for_company_that_would_come_too_late() -> None:
    assert _pause(None, Limits(max_wait_s=0.0021)) == pytest.approx(0.002)
    assert _pause(None, Limits(max_wait_s=0.0019)) == 0
