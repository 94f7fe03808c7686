"""The batcher with lanes: own results, one lane a batch, cancel-proof, and no wait that does not pay."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

import virtual_time
from kefu.deadline import Deadline
from kefu.errors import DeadlineExceeded, Overloaded, QueueFull
from kefu.lanes.batcher import LaneBatcher, Served
from kefu.lanes.limits import Limits

SHORT, MEDIUM, LONG = 10, 30, 100
Item = tuple[str, int]
"""A name and a size."""


class Model:
    """A `run` that takes `fixed + each · items · longest` seconds and keeps what it got, and when."""

    def __init__(self, fixed: float = 0.002, each: float = 2e-5) -> None:
        self.fixed = fixed
        self.each = each
        self.batches: list[list[str]] = []
        self.spans: list[tuple[float, float]] = []
        self.bad: set[str] = set()

    async def __call__(self, items: list[Item]) -> Sequence[str | Exception]:
        self.batches.append([name for name, _ in items])
        started = time.monotonic()
        await asyncio.sleep(self.seconds(len(items), max(size for _, size in items)))
        self.spans.append((started, time.monotonic()))
        if "break" in self.batches[-1]:
            raise OSError("broken")
        return [ValueError(name) if name in self.bad else name.upper() for name, _ in items]

    def seconds(self, items: int, longest: int) -> float:
        return self.fixed + self.each * items * longest


Batcher = LaneBatcher[Item, str]


def _ask(
    batcher: Batcher,
    name: str,
    size: int = SHORT,
    priority: float = 0,
    key: str | None = None,
    within_s: float | None = None,
) -> asyncio.Task[str]:
    deadline = None if within_s is None else Deadline.after(within_s)
    asked = batcher.submit((name, size), size, priority, key=key, deadline=deadline)
    return asyncio.create_task(asked)


async def _settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def _busy(batcher: Batcher) -> asyncio.Task[str]:
    """Let one item run, so that whatever comes next has to wait."""
    first = _ask(batcher, "first")
    await _settle()
    return first


async def _warm(batcher: Batcher) -> None:
    """Let it see batches of all sizes in all lanes, so that it knows what they cost."""
    for _ in range(8):
        for count in (1, 2, 4, 8, 16, 32):
            for size in (SHORT, MEDIUM, LONG):
                await asyncio.gather(*(_ask(batcher, "warm", size) for _ in range(count)))
    await asyncio.sleep(10)


def test_a_lone_caller_is_served_at_once_and_alone() -> None:
    async def scene() -> None:
        model = Model()
        batcher = Batcher(model)
        for n in range(50):
            before = time.monotonic()
            assert await batcher.submit((f"a{n}", SHORT), SHORT) == f"A{n}"
            assert time.monotonic() - before == pytest.approx(model.seconds(1, SHORT))
            await asyncio.sleep(0.02)
        assert {len(batch) for batch in model.batches} == {1}
        await batcher.close()

    virtual_time.run(scene())


def test_batches_grow_with_the_load() -> None:
    async def mean(gap_s: float) -> float:
        model = Model()
        batcher = Batcher(model)
        tasks = []
        for n in range(400):
            tasks.append(_ask(batcher, str(n)))
            await asyncio.sleep(gap_s)
        await asyncio.gather(*tasks)
        await batcher.close()
        return len(tasks) / len(model.batches)

    sizes = [virtual_time.run(mean(gap)) for gap in (0.01, 0.001, 0.0005, 0.0003)]
    assert sizes[0] == 1
    assert sizes == sorted(sizes)
    assert sizes[-1] > 8


def test_a_worker_knows_how_busy_it_is() -> None:
    async def scene() -> None:
        batcher = Batcher(Model())
        await asyncio.gather(*(_ask(batcher, "rush", LONG) for _ in range(1000)))
        assert batcher._load.pressure == 32
        for _ in range(100):
            await batcher.submit(("lone", SHORT), SHORT)
            await asyncio.sleep(1)
        assert batcher._load.pressure < 1.01
        await batcher.close()

    virtual_time.run(scene())


def test_a_batch_holds_one_lane_shortest_first() -> None:
    async def scene() -> None:
        model = Model(fixed=0.1)
        batcher = Batcher(model)
        await _warm(batcher)
        model.batches.clear()
        first = await _busy(batcher)
        sizes = [100, 12, 30, 10, 120, 25, 16, 17]
        await asyncio.gather(first, *(_ask(batcher, str(size), size) for size in sizes))
        assert model.batches[0] == ["first"]
        assert sorted(model.batches[1:]) == [["10", "12", "16"], ["100", "120"], ["17", "25", "30"]]
        await batcher.close()

    virtual_time.run(scene())


def test_a_short_request_waits_for_one_long_batch_at_most() -> None:
    async def scene() -> None:
        model = Model()
        batcher = Batcher(model)
        await _warm(batcher)
        flood = [_ask(batcher, "long", LONG) for _ in range(500)]
        worst = 0.0
        while len(batcher) > 50:
            before = time.monotonic()
            await batcher.submit(("short", SHORT), SHORT)
            worst = max(worst, time.monotonic() - before)
            await asyncio.sleep(0.0137)
        assert worst <= model.fixed + Limits().max_run_s + model.seconds(1, SHORT) + 1e-9
        await asyncio.gather(*flood)
        await batcher.close()

    virtual_time.run(scene())


def test_a_long_request_is_served_under_a_flood_of_short_ones() -> None:
    async def scene() -> None:
        model = Model()
        batcher = Batcher(model)
        await _warm(batcher)

        async def flood() -> None:
            while not long.done():
                await batcher.submit(("short", SHORT), SHORT)

        long = _ask(batcher, "long", LONG)
        callers = [asyncio.create_task(flood()) for _ in range(64)]
        before = time.monotonic()
        await long
        # As long as the short ones take for what the long one costs, and a batch to end before it starts.
        bound = 2.25 * model.seconds(1, LONG) + 2 * model.seconds(32, SHORT)
        assert time.monotonic() - before < bound
        await asyncio.gather(*callers)
        await batcher.close()

    virtual_time.run(scene())


def test_vip_goes_first_in_its_lane() -> None:
    async def scene() -> None:
        model = Model()
        batcher = Batcher(model, Limits(max_batch=1))
        first = await _busy(batcher)
        tasks = [_ask(batcher, name, priority=name.startswith("vip")) for name in ("a", "b", "vip")]
        await asyncio.gather(first, *tasks)
        assert model.batches == [["first"], ["vip"], ["a"], ["b"]]
        await batcher.close()

    virtual_time.run(scene())


def test_a_rush_is_gathered_once_it_is_known_to_come_in_rushes() -> None:
    async def rushes(max_wait_s: float) -> list[int]:
        model = Model(fixed=0.008, each=1e-6)
        batcher = Batcher(model, Limits(max_wait_s=max_wait_s))
        await _warm(batcher)
        model.batches.clear()
        for _ in range(20):
            tasks = []
            for n in range(5):
                tasks.append(_ask(batcher, str(n)))
                await asyncio.sleep(0.0005)
            await asyncio.gather(*tasks)
            await asyncio.sleep(1)
        await batcher.close()
        return [len(batch) for batch in model.batches[-5:]]

    assert virtual_time.run(rushes(0.0)) == [4, 1, 4, 1, 4]
    assert virtual_time.run(rushes(0.005)) == [5, 5, 5, 5, 5]


def test_nobody_waits_for_company_while_another_lane_waits() -> None:
    async def scene() -> None:
        model = Model(fixed=0.008, each=1e-6)
        batcher = Batcher(model)
        await _warm(batcher)
        batcher._lanes[0].pause = lambda *_: 0.005  # type: ignore[method-assign]
        short = _ask(batcher, "short")
        await asyncio.sleep(0.001)
        before = time.monotonic()
        await asyncio.gather(short, _ask(batcher, "long", LONG))
        assert time.monotonic() - before == pytest.approx(2 * 0.008, rel=0.1)
        await batcher.close()

    virtual_time.run(scene())


async def test_a_cancelled_caller_does_not_delay_its_batch_mates() -> None:
    model = Model()
    batcher = Batcher(model, Limits(bounds=()))
    first = await _busy(batcher)
    leaver, stayer = _ask(batcher, "leaver"), _ask(batcher, "stayer")
    await first
    await _settle()
    assert model.batches[-1] == ["leaver", "stayer"]
    leaver.cancel()
    assert await stayer == "STAYER"
    assert leaver.cancelled()
    await batcher.close()


async def test_a_caller_who_leaves_as_the_batch_ends_harms_nobody() -> None:
    async def run(items: list[Item]) -> Sequence[str | Exception]:
        await asyncio.sleep(0)
        leaver.cancel()
        return [name.upper() for name, _ in items]

    batcher: Batcher = LaneBatcher(run, Limits(bounds=()))
    leaver, stayer = _ask(batcher, "same", key="same"), _ask(batcher, "same", key="same")
    assert await stayer == "SAME"
    assert leaver.cancelled()
    assert await _ask(batcher, "next") == "NEXT"
    await batcher.close()


async def test_a_caller_who_leaves_the_queue_makes_room_and_is_never_run() -> None:
    model = Model()
    batcher = Batcher(model, Limits(max_waiting=1))
    first = await _busy(batcher)
    leaver = _ask(batcher, "leaver")
    await _settle()
    with pytest.raises(QueueFull):
        await batcher.submit(("refused", SHORT), SHORT)
    other_lane = _ask(batcher, "long", LONG)
    leaver.cancel()
    await _settle()
    stayer = _ask(batcher, "stayer")
    await asyncio.gather(first, stayer, other_lane)
    assert sorted(name for batch in model.batches for name in batch) == ["first", "long", "stayer"]
    await batcher.close()


async def test_an_error_belongs_to_its_item_and_a_broken_batch_to_all_of_it() -> None:
    model = Model()
    model.bad = {"bad"}
    batcher = Batcher(model)
    first = await _busy(batcher)
    results = await asyncio.gather(
        *[first, _ask(batcher, "bad"), _ask(batcher, "good")], return_exceptions=True
    )
    assert [str(result) for result in results] == ["FIRST", "bad", "GOOD"]
    first = await _busy(batcher)
    results = await asyncio.gather(
        *[first, _ask(batcher, "break"), _ask(batcher, "mate")], return_exceptions=True
    )
    assert [type(result) for result in results] == [str, OSError, OSError]
    assert await batcher.submit(("next", SHORT), SHORT) == "NEXT"
    await batcher.close()


async def test_identical_items_in_flight_are_computed_once() -> None:
    model = Model()
    batcher = Batcher(model)
    first = await _busy(batcher)
    waiting = [_ask(batcher, "same", key="same") for _ in range(4)]
    await first
    await _settle()
    running = [_ask(batcher, "same", key="same") for _ in range(4)]
    results = await asyncio.gather(*waiting, *running)
    assert results == ["SAME"] * 8
    assert model.batches == [["first"], ["same"]]
    assert await _ask(batcher, "same", key="same") == "SAME"
    assert len(model.batches) == 3
    await batcher.close()


async def test_whoever_shares_an_item_may_leave_and_the_last_one_takes_it_along() -> None:
    model = Model()
    batcher = Batcher(model)
    first = await _busy(batcher)
    stayed = [_ask(batcher, "stayed", key="stayed") for _ in range(2)]
    left = [_ask(batcher, "left", key="left") for _ in range(2)]
    await _settle()
    for leaver in (stayed[0], *left):
        leaver.cancel()
    assert await stayed[1] == "STAYED"
    await first
    assert model.batches == [["first"], ["stayed"]]
    await batcher.close()


async def test_an_item_that_everybody_left_while_it_runs_serves_who_comes_back() -> None:
    model = Model()
    batcher = Batcher(model)
    leaver = _ask(batcher, "same", key="same")
    await _settle()
    leaver.cancel()
    await _settle()
    assert await _ask(batcher, "same", key="same") == "SAME"
    assert model.batches == [["same"]]
    await batcher.close()


async def test_a_vip_who_joins_brings_the_item_forward() -> None:
    model = Model()
    batcher = Batcher(model, Limits(max_batch=1))
    first = await _busy(batcher)
    tasks = [_ask(batcher, name, key=name) for name in ("a", "b", "c")]
    tasks.append(_ask(batcher, "c", priority=1, key="c"))
    await asyncio.gather(first, *tasks)
    assert model.batches == [["first"], ["c"], ["a"], ["b"]]
    await batcher.close()


async def test_a_shared_failure_is_told_to_all_and_kept_for_nobody() -> None:
    model = Model()
    model.bad = {"same"}
    batcher = Batcher(model)
    tasks = [_ask(batcher, "same", key="same") for _ in range(3)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(result) for result in results] == ["same"] * 3
    model.bad.clear()
    assert await _ask(batcher, "same", key="same") == "SAME"
    await batcher.close()


async def test_what_is_too_late_is_refused_before_anything_else() -> None:
    model = Model()
    batcher = Batcher(model)
    with pytest.raises(DeadlineExceeded):
        await _ask(batcher, "late", within_s=0)
    assert model.batches == []
    await batcher.close()


def test_a_deadline_that_passes_in_the_queue_is_told_at_once_and_the_item_never_runs() -> None:
    async def scene() -> None:
        model = Model(fixed=1.0)
        batcher = Batcher(model)
        first = await _busy(batcher)
        before = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            await _ask(batcher, "late", within_s=0.25)
        assert time.monotonic() - before == pytest.approx(0.25)
        assert len(batcher) == 0
        await first
        await batcher.close()
        assert model.batches == [["first"]]

    virtual_time.run(scene())


def test_who_shares_an_item_has_a_deadline_of_his_own() -> None:
    async def scene() -> None:
        model = Model(fixed=1.0)
        batcher = Batcher(model)
        hurried = _ask(batcher, "same", key="same", within_s=0.5)
        patient = _ask(batcher, "same", key="same", within_s=5.0)
        results = await asyncio.gather(hurried, patient, return_exceptions=True)
        assert [type(result) for result in results] == [DeadlineExceeded, str]
        await batcher.close()

    virtual_time.run(scene())


async def test_a_late_item_is_not_run_even_when_the_loop_was_too_busy_to_say_so() -> None:
    model = Model()
    batcher = Batcher(model)
    late = _ask(batcher, "late", key="late", within_s=0.01)
    mate = _ask(batcher, "mate")
    await asyncio.sleep(0)
    time.sleep(0.02)  # noqa: ASYNC251 - a loop that is too busy is what this is about
    with pytest.raises(DeadlineExceeded):
        await late
    assert await mate == "MATE"
    assert model.batches == [["mate"]]
    await batcher.close()


async def test_closing_finishes_what_waits_and_refuses_what_comes() -> None:
    model = Model()
    batcher = Batcher(model)
    tasks = [await _busy(batcher), _ask(batcher, "a"), _ask(batcher, "b", LONG)]
    await _settle()
    closing = asyncio.create_task(batcher.close())
    await _settle()
    with pytest.raises(Overloaded):
        await batcher.submit(("late", SHORT), SHORT)
    assert await asyncio.gather(*tasks) == ["FIRST", "A", "B"]
    await closing


async def test_a_batcher_that_closes_waits_for_no_company() -> None:
    batcher = Batcher(Model())
    batcher._lanes[0].pause = lambda *_: 60.0  # type: ignore[method-assign]
    waiting = _ask(batcher, "a")
    await _settle()
    await batcher.close()
    assert await waiting == "A"


async def test_closing_gives_up_at_its_deadline_and_tells_all_who_wait() -> None:
    model = Model(fixed=60.0)
    batcher = Batcher(model)
    tasks = [await _busy(batcher), _ask(batcher, "a", key="a"), _ask(batcher, "b", LONG)]
    await _settle()
    await batcher.close(within_s=0.01)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Overloaded] * 3


async def test_closing_an_unused_batcher_is_nothing() -> None:
    await Batcher(Model()).close()


async def test_a_size_below_one_is_refused() -> None:
    batcher = Batcher(Model())
    with pytest.raises(ValueError, match="1 or more"):
        await batcher.submit(("nothing", 0), 0)
    await batcher.close()


async def test_each_batch_is_reported_and_an_observer_that_breaks_breaks_nothing() -> None:
    seen: list[Served] = []
    complaints: list[object] = []

    def observe(served: Served) -> None:
        seen.append(served)
        raise RuntimeError("nobody should mind")

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context["exception"]))
    batcher = Batcher(Model(), observe=observe)
    first = await _busy(batcher)
    await asyncio.gather(first, _ask(batcher, "a", MEDIUM), _ask(batcher, "b", 20))
    await batcher.close()
    assert [(s.lane, s.items, s.longest) for s in seen] == [(0, 1, 10), (1, 1, 30), (1, 1, 20)]
    assert all(served.waited_s >= 0 and served.ran_s > 0 for served in seen)
    assert len(complaints) == 3
