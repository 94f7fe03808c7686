"""What the hot store in memory promises beyond the contract: its bounds."""

from __future__ import annotations

import asyncio
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.storage.buckets import Buckets
from kefu.storage.leases import Leases
from kefu.storage.memory import MemoryStore

LONG = 30.0


async def test_the_least_recently_used_value_goes_cold_beyond_the_bound() -> None:
    store = MemoryStore(max_entries=2)
    for key in ("a", "b"):
        await store.put(key, key.encode(), LONG)
    assert await store.get("a") == b"a"
    await store.put("c", b"c", LONG)
    assert [await store.get(key) for key in ("a", "b", "c")] == [b"a", None, b"c"]
    assert len(store) == 2


def test_a_forgotten_bucket_is_a_full_one() -> None:
    buckets = Buckets(bound=1)
    assert buckets.take("a", 0.001, 1, 1) == 0.0
    assert buckets.take("a", 0.001, 1, 1) > 0
    assert buckets.take("b", 0.001, 1, 1) == 0.0
    assert buckets.take("a", 0.001, 1, 1) == 0.0


def test_vanished_holders_do_not_pile_up() -> None:
    gone: list[str] = []
    leases = Leases(gone.append)
    for n in range(100):
        assert leases.take(str(n), 0.0) is not None
    assert len(leases) == 1
    assert len(gone) == 99


async def test_a_lease_granted_to_a_caller_in_the_moment_it_leaves_goes_to_the_next() -> None:
    leases = Leases(lambda _: None)
    fence = leases.take("key", LONG)
    assert fence is not None
    leaver = asyncio.create_task(leases.wait("key", LONG, LONG))
    await asyncio.sleep(0)
    stayer = asyncio.create_task(leases.wait("key", LONG, LONG))
    await asyncio.sleep(0)
    assert leases.give_back("key", fence)
    leaver.cancel()
    assert await stayer is not None
    assert leaver.cancelled()


async def test_the_whole_line_is_served_though_every_holder_vanishes() -> None:
    leases = Leases(lambda _: None)
    assert leases.take("key", 0.01) is not None
    line = [asyncio.create_task(leases.wait("key", 0.01, LONG)) for _ in range(3)]
    fences = await asyncio.gather(*line)
    assert [fence is not None for fence in fences] == [True] * 3
    assert sorted(fences, key=lambda fence: fence or 0) == fences


@settings(deadline=None)
@given(
    rate=st.floats(0.1, 1000),
    burst=st.floats(0.1, 100),
    costs=st.lists(st.floats(0.01, 200), max_size=50),
)
def test_a_bucket_never_gives_more_than_burst_and_refill(
    rate: float, burst: float, costs: list[float]
) -> None:
    buckets = Buckets(bound=10)
    started = time.monotonic()
    given_ = sum(min(cost, burst) for cost in costs if buckets.take("key", rate, burst, cost) == 0)
    assert given_ <= burst + (time.monotonic() - started) * rate + 1e-6
