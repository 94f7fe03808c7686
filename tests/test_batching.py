"""The generic batcher: whole batches, own results, bounded, cancel-proof."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.batching import Batcher
from kefu.errors import Overloaded, QueueFull


class Gate:
    """A `run` that keeps what it got, and waits at a gate when told to."""

    def __init__(self, answer: Callable[[int], int | Exception] = lambda item: item * 10) -> None:
        self.batches: list[list[int]] = []
        self.answer = answer
        self.open = asyncio.Event()
        self.entered = asyncio.Event()
        self.open.set()

    async def __call__(self, items: list[int]) -> Sequence[int | Exception]:
        self.batches.append(items)
        self.entered.set()
        await self.open.wait()
        return [self.answer(item) for item in items]


async def _busy(gate: Gate, batcher: Batcher[int, int]) -> asyncio.Task[int]:
    """Shut the gate with item 0 inside it, so that whatever comes next has to wait."""
    gate.open.clear()
    first = asyncio.create_task(batcher.submit(0))
    await gate.entered.wait()
    return first


async def _settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@settings(deadline=None, max_examples=60)
@given(
    items=st.lists(st.integers(), max_size=60),
    max_batch=st.integers(1, 8),
    bad=st.sets(st.integers(0, 59)),
    cancelled=st.sets(st.integers(0, 59)),
    busy=st.booleans(),
)
def test_every_caller_gets_its_own_result_whoever_fails_or_leaves(
    items: list[int], max_batch: int, bad: set[int], cancelled: set[int], busy: bool
) -> None:
    async def scene() -> None:
        sizes: list[int] = []

        async def run(batch: list[tuple[int, int]]) -> Sequence[int | Exception]:
            sizes.append(len(batch))
            await asyncio.sleep(0)
            return [ValueError(str(n)) if n in bad else item + n for n, item in batch]

        batcher: Batcher[tuple[int, int], int] = Batcher(run, max_batch=max_batch)
        tasks = [asyncio.create_task(batcher.submit(pair)) for pair in enumerate(items)]
        if busy:
            await _settle()
        left = {n for n in cancelled if n < len(tasks) and tasks[n].cancel()}
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for n, (item, result) in enumerate(zip(items, results, strict=True)):
            if n in left:
                assert isinstance(result, asyncio.CancelledError)
            elif n in bad:
                assert isinstance(result, ValueError)
                assert str(result) == str(n)
            else:
                assert result == item + n
        assert all(1 <= size <= max_batch for size in sizes)
        assert len(batcher) == 0
        await batcher.close()

    asyncio.run(scene())


@settings(deadline=None, max_examples=60)
@given(priorities=st.lists(st.integers(-3, 3), max_size=40), max_batch=st.integers(1, 5))
def test_a_higher_priority_goes_first_and_equals_keep_their_order(
    priorities: list[int], max_batch: int
) -> None:
    async def scene() -> None:
        gate = Gate()
        batcher: Batcher[int, int] = Batcher(gate, max_batch=max_batch)
        first = await _busy(gate, batcher)
        tasks = [
            asyncio.create_task(batcher.submit(n + 1, priority))
            for n, priority in enumerate(priorities)
        ]
        await _settle()
        gate.open.set()
        await asyncio.gather(first, *tasks)
        ran = [item - 1 for batch in gate.batches[1:] for item in batch]
        assert ran == sorted(range(len(priorities)), key=lambda n: (-priorities[n], n))
        await batcher.close()

    asyncio.run(scene())


async def test_a_lone_caller_is_served_at_once_in_a_batch_of_one() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate)
    assert await batcher.submit(4) == 40
    assert gate.batches == [[4]]
    await batcher.close()


async def test_what_arrives_while_a_batch_runs_is_the_next_batch() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate)
    first = await _busy(gate, batcher)
    rest = [asyncio.create_task(batcher.submit(n)) for n in (1, 2, 3)]
    await _settle()
    gate.open.set()
    assert list(await asyncio.gather(first, *rest)) == [0, 10, 20, 30]
    assert gate.batches == [[0], [1, 2, 3]]
    await batcher.close()


async def test_a_cancelled_caller_does_not_delay_its_batch_mates() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate)
    gate.open.clear()
    leaver, stayer = (asyncio.create_task(batcher.submit(n)) for n in (1, 2))
    await gate.entered.wait()
    leaver.cancel()
    gate.open.set()
    assert await stayer == 20
    assert leaver.cancelled()
    await batcher.close()


async def test_a_caller_who_leaves_the_queue_makes_room_and_is_never_run() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate, max_waiting=1)
    first = await _busy(gate, batcher)
    for _ in range(200):
        leaver = asyncio.create_task(batcher.submit(7))
        await _settle()
        leaver.cancel()
        await _settle()
    stayer = asyncio.create_task(batcher.submit(8))
    await _settle()
    gate.open.set()
    assert list(await asyncio.gather(first, stayer)) == [0, 80]
    assert gate.batches == [[0], [8]]
    await batcher.close()


async def test_a_full_queue_refuses_instead_of_growing() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate, max_waiting=2)
    first = await _busy(gate, batcher)
    waiting = [asyncio.create_task(batcher.submit(n)) for n in (1, 2)]
    await _settle()
    with pytest.raises(QueueFull):
        await batcher.submit(3)
    gate.open.set()
    await asyncio.gather(first, *waiting)
    await batcher.close()


async def test_an_error_of_the_run_reaches_every_caller_and_the_next_batch_runs() -> None:
    async def run(items: list[int]) -> Sequence[int | Exception]:
        if 1 in items:
            raise OSError("broken")
        return items

    batcher: Batcher[int, int] = Batcher(run)
    results = await asyncio.gather(batcher.submit(1), batcher.submit(2), return_exceptions=True)
    assert [type(result) for result in results] == [OSError, OSError]
    assert await batcher.submit(3) == 3
    await batcher.close()


async def test_a_run_that_loses_results_is_an_error_and_not_a_mix_up() -> None:
    async def run(items: list[int]) -> Sequence[int | Exception]:
        return items[1:]

    batcher: Batcher[int, int] = Batcher(run)
    with pytest.raises(RuntimeError, match="1 items gave 0 results"):
        await batcher.submit(1)
    await batcher.close()


async def test_a_run_whose_own_work_was_cancelled_does_not_stop_the_worker() -> None:
    async def run(items: list[int]) -> Sequence[int | Exception]:
        if items == [1]:
            raise asyncio.CancelledError
        return items

    batcher: Batcher[int, int] = Batcher(run)
    with pytest.raises(Overloaded):
        await batcher.submit(1)
    assert await batcher.submit(2) == 2
    await batcher.close()


async def test_closing_finishes_what_waits_and_refuses_what_comes() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate)
    first = await _busy(gate, batcher)
    second = asyncio.create_task(batcher.submit(1))
    await _settle()
    closing = asyncio.create_task(batcher.close())
    await _settle()
    with pytest.raises(Overloaded):
        await batcher.submit(2)
    gate.open.set()
    assert list(await asyncio.gather(first, second)) == [0, 10]
    await closing


async def test_closing_gives_up_at_its_deadline_and_tells_all_who_wait() -> None:
    gate = Gate()
    batcher: Batcher[int, int] = Batcher(gate)
    first = await _busy(gate, batcher)
    second = asyncio.create_task(batcher.submit(1))
    await _settle()
    await batcher.close(within_s=0.01)
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(result) for result in results] == [Overloaded, Overloaded]


async def test_closing_an_unused_batcher_is_nothing() -> None:
    await Batcher[int, int](Gate()).close()


async def test_posted_items_run_and_their_errors_are_dropped() -> None:
    gate = Gate(lambda item: ValueError("nobody hears this") if item == 1 else item)
    batcher: Batcher[int, int] = Batcher(gate)
    batcher.post(1)
    assert await batcher.submit(2) == 2
    assert gate.batches == [[1, 2]]
    await batcher.close()


async def test_each_batch_is_reported_with_its_size_and_times() -> None:
    seen: list[tuple[int, float, float]] = []
    batcher: Batcher[int, int] = Batcher(Gate(), observe=lambda *report: seen.append(report))
    await asyncio.gather(batcher.submit(1), batcher.submit(2))
    await batcher.close()
    [(size, waited, ran)] = seen
    assert size == 2
    assert waited >= 0
    assert ran >= 0
