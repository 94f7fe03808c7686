"""What the batcher with lanes promises under any arrivals, departures, failures and closes."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

import virtual_time
from kefu.deadline import Deadline
from kefu.errors import DeadlineExceeded, Overloaded, QueueFull
from kefu.lanes.batcher import LaneBatcher
from kefu.lanes.limits import Limits

BOUNDS = (16, 48)
STARTUP_S = 1e-9


@dataclass(frozen=True)
class Ask:
    """One caller: when it comes, what it wants, and when it leaves."""

    after_s: float
    size: int
    vip: bool
    key: int | None
    within_s: float | None
    leaves_s: float | None
    bad: bool


@dataclass(frozen=True)
class World:
    """What a batch costs here, which of them break, and the bounds."""

    fixed: float
    each: float
    broken: frozenset[int]
    max_batch: int
    max_waiting: int
    max_wait_s: float
    closes_s: float
    patience_s: float


SOON = st.sampled_from([0.0, 0.0, 0.0, 1e-4, 1e-3, 5e-3, 0.05])
ASKS = st.lists(
    st.builds(
        Ask,
        after_s=SOON,
        size=st.one_of(st.integers(1, 16), st.integers(17, 48), st.integers(49, 160)),
        vip=st.booleans(),
        key=st.sampled_from([None, None, 0, 1, 2]),
        within_s=st.sampled_from([None, None, None, 0.0, 1e-3, 0.01, 1.0]),
        leaves_s=st.sampled_from([None, None, None, 0.0, 1e-3, 0.01]),
        bad=st.sampled_from([False, False, False, True]),
    ),
    min_size=1,
    max_size=80,
)
WORLDS = st.builds(
    World,
    fixed=st.sampled_from([1e-5, 1e-3, 8e-3]),
    each=st.sampled_from([0.0, 1e-6, 1e-4]),
    broken=st.frozensets(st.integers(0, 20), max_size=4),
    max_batch=st.integers(1, 32),
    max_waiting=st.sampled_from([1, 4, 1000]),
    max_wait_s=st.sampled_from([0.0, 5e-3]),
    closes_s=st.sampled_from([0.0, 0.01, 10.0]),
    patience_s=st.sampled_from([0.0, 0.01, 100.0]),
)


@dataclass
class Scene:
    """Plays the asks and keeps what happened."""

    world: World
    batches: list[list[int]] = field(default_factory=list)
    asks: dict[int, Ask] = field(default_factory=dict)
    outcomes: dict[int, object] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    running: set[int] = field(default_factory=set)
    came: dict[int, float] = field(default_factory=dict)
    idle_since: float = 0.0
    longest_idle: float = 0.0
    passed_over: list[tuple[int, int]] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    closed: bool = False

    async def run(self, items: list[int]) -> Sequence[int | Exception]:
        """The model: an item is the number of its ask, its answer ten times that."""
        started = time.monotonic()
        self.batches.append(items)
        waited_since = max(self.idle_since, min(self.came[item] for item in items))
        self.longest_idle = max(self.longest_idle, started - waited_since)
        self._note(set(items))
        longest = max(self.asks[item].size for item in items)
        await asyncio.sleep(self.world.fixed + self.world.each * len(items) * longest)
        self.running -= set(items)
        self.idle_since = time.monotonic()
        if len(self.batches) - 1 in self.world.broken:
            raise OSError("broken")
        return [ValueError(str(i)) if self.asks[i].bad else 10 * i for i in items]

    def _note(self, items: set[int]) -> None:
        """Who starts now, who is left behind by one of lower priority, which key runs twice at once."""
        self.waiting -= items
        for item in items:
            for other in self.waiting:
                same = _lane(self.asks[item]) == _lane(self.asks[other])
                if same and self.asks[other].vip and not self.asks[item].vip:
                    self.passed_over.append((other, item))
        self.running |= items
        keys = Counter(self.asks[item].key for item in self.running)
        self.twice += [key for key, times in keys.items() if key is not None and times > 1]

    async def play(self, asks: Sequence[Ask]) -> None:
        world = self.world
        limits = Limits(BOUNDS, world.max_batch, world.max_waiting, world.max_wait_s)
        batcher: LaneBatcher[int, int] = LaneBatcher(self.run, limits)
        tasks = []
        for number, ask in enumerate(asks):
            if ask.after_s:
                await asyncio.sleep(ask.after_s)
            self.asks[number] = ask
            tasks.append(asyncio.create_task(self._caller(batcher, number, ask)))
            assert len(batcher) <= (len(BOUNDS) + 1) * world.max_waiting
        await asyncio.sleep(world.closes_s)
        self.closed = True
        await batcher.close(within_s=world.patience_s)
        await asyncio.gather(*tasks)
        assert len(batcher) == 0
        assert not batcher._flying

    async def _caller(self, batcher: LaneBatcher[int, int], number: int, ask: Ask) -> None:
        task = asyncio.create_task(self._submit(batcher, number, ask))
        if ask.leaves_s is not None:
            asyncio.get_running_loop().call_later(ask.leaves_s, task.cancel)
        done = await asyncio.gather(task, return_exceptions=True)
        assert number not in self.outcomes
        self.outcomes[number] = done[0]

    async def _submit(self, batcher: LaneBatcher[int, int], number: int, ask: Ask) -> int:
        deadline = None if ask.within_s is None else Deadline.after(ask.within_s)
        self.came[number] = time.monotonic()
        self.waiting.add(number)
        try:
            return await batcher.submit(number, ask.size, ask.vip, key=ask.key, deadline=deadline)
        finally:
            self.waiting.discard(number)


def _lane(ask: Ask) -> int:
    return bisect_left(BOUNDS, ask.size)


def _play(world: World, asks: Sequence[Ask]) -> Scene:
    scene = Scene(world)
    virtual_time.run(scene.play(asks))
    return scene


def _expected(scene: Scene, number: int) -> tuple[type, ...]:
    """The errors that this caller may meet, by what it asked for and what happened."""
    ask, world = scene.asks[number], scene.world
    kinds: list[type] = [ValueError, OSError, Overloaded]
    if ask.within_s is not None:
        kinds.append(DeadlineExceeded)
    if ask.leaves_s is not None:
        kinds.append(asyncio.CancelledError)
    if world.max_waiting < len(scene.asks):
        kinds.append(QueueFull)
    return tuple(kinds)


@settings(deadline=None, max_examples=150)
@given(world=WORLDS, asks=ASKS)
def test_every_caller_gets_exactly_one_result_or_error_of_its_own(
    world: World, asks: list[Ask]
) -> None:
    scene = _play(world, asks)
    ran = {item for batch in scene.batches for item in batch}
    assert set(scene.outcomes) == set(range(len(asks)))
    for number, outcome in scene.outcomes.items():
        if isinstance(outcome, int):
            source = outcome // 10
            assert source in ran
            assert not asks[source].bad
            assert source == number or asks[number].key is not None
            assert asks[source].key == asks[number].key
        else:
            assert isinstance(outcome, _expected(scene, number)), outcome
            if isinstance(outcome, ValueError):
                assert asks[int(str(outcome))].bad


@settings(deadline=None, max_examples=150)
@given(world=WORLDS, asks=ASKS)
def test_no_batch_is_too_large_mixes_lanes_or_is_out_of_order(
    world: World, asks: list[Ask]
) -> None:
    for batch in _play(world, asks).batches:
        assert 1 <= len(batch) <= world.max_batch
        assert len({_lane(asks[item]) for item in batch}) == 1
        assert [asks[item].size for item in batch] == sorted(asks[item].size for item in batch)


@settings(deadline=None, max_examples=150)
@given(world=WORLDS, asks=ASKS)
def test_nobody_runs_twice_and_no_key_runs_twice_at_once(world: World, asks: list[Ask]) -> None:
    scene = _play(world, asks)
    ran = [item for batch in scene.batches for item in batch]
    assert len(ran) == len(set(ran))
    assert scene.twice == []


@settings(deadline=None, max_examples=150)
@given(world=WORLDS, asks=ASKS.map(lambda asks: [_alone(ask) for ask in asks]))
def test_no_vip_stays_behind_while_a_standard_item_of_its_lane_runs(
    world: World, asks: list[Ask]
) -> None:
    assert _play(world, asks).passed_over == []


@settings(deadline=None, max_examples=150)
@given(world=WORLDS, asks=ASKS.map(lambda asks: [_alone(ask) for ask in asks]))
def test_an_idle_worker_never_lets_anyone_wait_longer_than_it_may(
    world: World, asks: list[Ask]
) -> None:
    assert _play(world, asks).longest_idle <= world.max_wait_s + STARTUP_S


@settings(deadline=None, max_examples=60)
@given(asks=ASKS, cost=st.sampled_from([1e-5, 8e-3]))
def test_when_nobody_fails_leaves_or_is_late_everybody_is_answered(
    asks: list[Ask], cost: float
) -> None:
    world = World(cost, 1e-6, frozenset(), 32, 1000, 0.005, 10.0, 100.0)
    calm = [Ask(ask.after_s, ask.size, ask.vip, None, None, None, False) for ask in asks]
    assert _play(world, calm).outcomes == {n: 10 * n for n in range(len(asks))}


def _alone(ask: Ask) -> Ask:
    """The same without a key: nobody else's priority or arrival moves it."""
    return Ask(ask.after_s, ask.size, ask.vip, None, ask.within_s, ask.leaves_s, ask.bad)
