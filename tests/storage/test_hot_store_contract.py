"""What every hot store promises; see HotStore in storage/base.py."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from kefu.errors import QueueFull
from kefu.storage.base import HotStore, Lease

Eventually = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]
LONG = 30.0


async def _lease(store: HotStore, key: str, ttl_s: float = LONG, wait_s: float = 0.0) -> Lease:
    lease = await store.lease(key, ttl_s, wait_s)
    assert lease is not None
    return lease


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0.002)


async def test_what_is_committed_is_read_by_the_next_lease(store: HotStore, key: str) -> None:
    first = await _lease(store, key)
    assert first.key == key
    assert first.value is None
    assert await store.commit(first, b"\x00\xff one", LONG)
    second = await _lease(store, key)
    assert second.value == b"\x00\xff one"
    assert second.fence > first.fence


async def test_a_held_key_is_refused_at_once_when_nobody_wants_to_wait(
    store: HotStore, key: str
) -> None:
    await _lease(store, key)
    assert await store.lease(key, LONG, 0.0) is None


async def test_a_waiter_gives_up_when_its_time_is_over(store: HotStore, key: str) -> None:
    held = await _lease(store, key)
    assert await store.lease(key, LONG, 0.03) is None
    assert await store.commit(held, b"unharmed", LONG)


async def test_a_waiter_gets_the_lease_and_the_new_value_on_commit(
    store: HotStore, key: str
) -> None:
    held = await _lease(store, key)
    waiter = asyncio.create_task(_lease(store, key, wait_s=LONG))
    await _settle()
    assert await store.commit(held, b"new", LONG)
    assert (await waiter).value == b"new"


async def test_waiters_of_one_process_are_served_in_order_of_arrival(
    store: HotStore, key: str
) -> None:
    served: list[int] = []

    async def turn(n: int) -> None:
        lease = await _lease(store, key, wait_s=LONG)
        served.append(n)
        assert await store.commit(lease, str(n).encode(), LONG)

    held = await _lease(store, key)
    turns = []
    for n in range(10):
        turns.append(asyncio.create_task(turn(n)))
        await asyncio.sleep(0)
    await store.release(held)
    await asyncio.gather(*turns)
    assert served == list(range(10))
    assert await store.get(key) == b"9"


async def test_too_many_waiters_for_one_key_are_refused(store: HotStore, key: str) -> None:
    await _lease(store, key)
    tasks = [asyncio.create_task(store.lease(key, LONG, LONG)) for _ in range(80)]
    done, waiting = await asyncio.wait(tasks, timeout=LONG, return_when="FIRST_EXCEPTION")
    assert all(isinstance(task.exception(), QueueFull) for task in done)
    assert len(waiting) <= 64
    for task in waiting:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_release_keeps_the_old_value(store: HotStore, key: str) -> None:
    await store.put(key, b"old", LONG)
    lease = await _lease(store, key)
    await store.release(lease)
    assert (await _lease(store, key)).value == b"old"


async def test_a_value_is_dirty_when_its_holder_vanished(store: HotStore, key: str) -> None:
    await store.put(key, b"old", LONG)
    gone = await _lease(store, key, ttl_s=0.03)
    assert gone.value == b"old"
    after = await _lease(store, key, wait_s=LONG)
    assert after.value is None
    assert not await store.commit(gone, b"too late", LONG)
    await store.release(gone)
    assert await store.lease(key, LONG, 0.0) is None
    assert await store.commit(after, b"rebuilt", LONG)
    assert await store.get(key) == b"rebuilt"


async def test_a_dirty_value_is_not_read_without_a_lease_either(
    store: HotStore, key: str, eventually: Eventually
) -> None:
    await store.put(key, b"old", LONG)
    await _lease(store, key, ttl_s=0.03)

    async def cold() -> bool:
        return await store.get(key) is None

    await eventually(cold)
    await store.put(key, b"fresh", LONG)
    assert await store.get(key) == b"fresh"
    assert (await _lease(store, key)).value == b"fresh"


async def test_a_lease_that_ended_commits_nothing_even_if_nobody_took_it(
    store: HotStore, key: str, eventually: Eventually
) -> None:
    await store.put(key, b"old", LONG)
    lease = await _lease(store, key, ttl_s=0.03)

    async def cold() -> bool:
        return await store.get(key) is None

    await eventually(cold)
    assert not await store.commit(lease, b"late", LONG)
    assert await store.get(key) is None


async def test_a_lease_that_is_renewed_outlives_its_first_end(store: HotStore, key: str) -> None:
    held = await _lease(store, key, ttl_s=0.25)
    assert await store.renew(held, LONG)
    assert await store.lease(key, LONG, 0.4) is None
    assert await store.commit(held, b"late", LONG)
    assert not await store.renew(held, LONG), "there is nothing left to renew"


async def test_a_lease_is_used_once(store: HotStore, key: str) -> None:
    lease = await _lease(store, key)
    assert await store.commit(lease, b"one", LONG)
    assert not await store.commit(lease, b"two", LONG)
    await store.release(lease)
    assert await store.get(key) == b"one"


async def test_values_expire(store: HotStore, key: str, eventually: Eventually) -> None:
    await store.put(key, b"short", 0.03)
    lease = await _lease(store, f"{key}:leased")
    assert await store.commit(lease, b"short", 0.03)

    async def cold() -> bool:
        return await store.get(key) is None and await store.get(f"{key}:leased") is None

    await eventually(cold)


async def test_a_deleted_key_is_cold_and_its_lease_is_lost(store: HotStore, key: str) -> None:
    await store.put(key, b"old", LONG)
    lease = await _lease(store, key)
    await store.delete(key)
    assert await store.get(key) is None
    assert not await store.commit(lease, b"back again", LONG)
    following = await _lease(store, key)
    assert following.value is None
    assert following.fence > lease.fence


async def test_a_put_while_a_lease_is_held_is_overwritten_by_its_commit(
    store: HotStore, key: str
) -> None:
    lease = await _lease(store, key)
    await store.put(key, b"put", 0.001)
    assert await store.commit(lease, b"committed", LONG)
    assert await store.get(key) == b"committed"


async def test_a_cancelled_waiter_leaves_the_line_in_order(store: HotStore, key: str) -> None:
    held = await _lease(store, key)
    leaver = asyncio.create_task(store.lease(key, LONG, LONG))
    await _settle()
    stayer = asyncio.create_task(_lease(store, key, wait_s=LONG))
    await _settle()
    leaver.cancel()
    await store.release(held)
    assert (await stayer).key == key
    assert leaver.cancelled() or leaver.done()


async def test_nothing_is_lost_when_many_write_one_key(store: HotStore, key: str) -> None:
    async def add() -> None:
        lease = await _lease(store, key, wait_s=LONG)
        assert await store.commit(lease, (lease.value or b"") + b"+", LONG)

    await asyncio.gather(*(add() for _ in range(40)))
    assert await store.get(key) == b"+" * 40


async def test_a_cancel_storm_crosses_no_answers_and_leaks_no_lease(
    store: HotStore, key: str
) -> None:
    async def turn(n: int) -> None:
        mine = f"{key}:{n}"
        for round_ in range(10):
            lease = await store.lease(mine, 0.5, 5.0)
            assert lease is not None
            assert lease.value is None or lease.value.startswith(mine.encode())
            await store.commit(lease, f"{mine}:{round_}".encode(), LONG)
            read = await store.get(mine)
            assert read is None or read.startswith(mine.encode())

    turns = [asyncio.create_task(turn(n)) for n in range(40)]
    for n, task in enumerate(turns):
        await asyncio.sleep(0.0005)
        if n % 2:
            task.cancel()
    results = await asyncio.gather(*turns, return_exceptions=True)
    assert not [error for error in results if isinstance(error, AssertionError)]
    assert [result for n, result in enumerate(results) if not n % 2] == [None] * 20
    for n in range(40):
        lease = await _lease(store, f"{key}:{n}", wait_s=LONG)
        assert lease.value is None or lease.value.startswith(f"{key}:{n}:".encode())


async def test_a_bucket_gives_its_burst_and_then_says_how_long_to_wait(
    store: HotStore, key: str
) -> None:
    assert [await store.take(key, 0.5, 3) for _ in range(3)] == [0.0, 0.0, 0.0]
    wait = await store.take(key, 0.5, 3)
    assert 0 < wait <= 2.0
    assert 0 < await store.take(key, 0.5, 3, cost=2) <= 4.0


async def test_a_bucket_fills_up_again(store: HotStore, key: str, eventually: Eventually) -> None:
    assert await store.take(key, 50.0, 1) == 0.0

    async def again() -> bool:
        return await store.take(key, 50.0, 1) == 0.0

    await eventually(again)


async def test_a_cost_above_the_burst_is_charged_as_the_burst(store: HotStore, key: str) -> None:
    assert await store.take(key, 1.0, 2, cost=50) == 0.0
    assert 0 < await store.take(key, 1.0, 2, cost=50) <= 2.0


async def test_a_bucket_that_is_never_refilled_says_never(store: HotStore, key: str) -> None:
    assert await store.take(key, 0.0, 1) == 0.0
    assert await store.take(key, 0.0, 1) == math.inf


async def test_every_reader_of_a_channel_hears_what_is_published_and_nobody_else(
    store: HotStore, key: str
) -> None:
    async with (
        aclosing(store.subscribe(key)) as one,
        aclosing(store.subscribe(key)) as two,
        aclosing(store.subscribe(f"{key}:other")) as other,
    ):
        await store.publish(key, b"hello")
        await store.publish(f"{key}:other", b"elsewhere")
        assert [await anext(one), await anext(two)] == [b"hello", b"hello"]
        assert await anext(other) == b"elsewhere"


async def test_a_slow_reader_loses_the_oldest(store: HotStore, key: str) -> None:
    async with aclosing(store.subscribe(key)) as reader:
        for n in range(300):
            await store.publish(key, str(n).encode())
        heard = int(await anext(reader))
        assert 0 < heard < 300


async def test_a_closed_reader_hears_the_end(store: HotStore, key: str) -> None:
    reader = store.subscribe(key)
    await reader.aclose()
    await reader.aclose()
    await store.publish(key, b"into the void")
    assert [payload async for payload in reader] == []


async def test_closing_the_store_ends_every_iteration(store: HotStore, key: str) -> None:
    reader = store.subscribe(key)
    waiting = asyncio.create_task(_first(reader))
    await _settle()
    await store.close()
    with pytest.raises(StopAsyncIteration):
        await anext(reader)
    assert await waiting is None


async def _first(reader: object) -> bytes | None:
    assert hasattr(reader, "__anext__")
    try:
        heard: bytes = await reader.__anext__()
    except StopAsyncIteration:
        return None
    return heard


async def test_a_store_that_is_there_answers_a_ping(store: HotStore) -> None:
    await store.ping()
