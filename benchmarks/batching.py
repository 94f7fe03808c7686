"""Batching policies beside each other: the same arrivals, the same model, one policy after the other.

    python benchmarks/batching.py [--seconds 1.8] [--rounds 1] [--no-onnx]

Arrivals are Poisson and on schedule (open loop); a latency counts from the time on the schedule, so a stall
cannot hide. 80 % of the texts are short (4-16 pieces), 15 % medium (17-48), 5 % long (49-160). Rates are
multiples of what one by one can just do. Policies: one by one; what is there (kefu.batching, today's group
commit); lanes (kefu.lanes). Models: a sleep of `fixed + each * items * longest`, and a small real graph where
onnxruntime and onnx are installed. What is refused, or not answered when the time is over, is not answered.
Compare within one rate; absolute figures are the machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from kefu.batching import Batcher
from kefu.errors import Overloaded
from kefu.lanes.batcher import LaneBatcher
from kefu.lanes.limits import Limits

WARM_S = 0.3
"""The beginning of each run is not counted: queues and estimates fill."""
WIDTH = 256
RATES = (0.5, 1.0, 2.0)

Model = Callable[[Sequence[int]], None]
"""Runs a batch of texts of so many pieces, padded to the longest; blocks its thread."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a text comes, how many pieces it has, and what it says."""

    at: float
    size: int
    text: int


@dataclass
class Figures:
    """What one policy made of the arrivals."""

    asked: int = 0
    all_s: list[float] = field(default_factory=list)
    short_s: list[float] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Policy:
    """A name, and how one item is submitted once `run` is known."""

    name: str
    open: Callable[[Callable[[list[Arrival]], Awaitable[list[int]]]], Door]


@dataclass(frozen=True, slots=True)
class Door:
    """What a policy offers to callers."""

    submit: Callable[[Arrival], Awaitable[int]]
    close: Callable[[float], Awaitable[None]]


Run = Callable[[list[Arrival]], Awaitable[list[int]]]


def plain(max_batch: int, run: Run) -> Door:
    """The batcher that takes what is there, up to so many."""
    batcher: Batcher[Arrival, int] = Batcher(run, max_batch=max_batch, max_waiting=1024)
    return Door(batcher.submit, batcher.close)


def lanes(limits: Limits, keys: bool, run: Run) -> Door:
    """The batcher with lanes; with `keys` identical texts in flight are run once."""
    batcher: LaneBatcher[Arrival, int] = LaneBatcher(run, limits)

    def submit(arrival: Arrival) -> Awaitable[int]:
        return batcher.submit(arrival, arrival.size, key=arrival.text if keys else None)

    return Door(submit, batcher.close)


POLICIES = [
    Policy("one by one", partial(plain, 1)),
    Policy("what is there", partial(plain, 32)),
    Policy("lanes", partial(lanes, Limits(), False)),
]
ONE_LANE = Policy("one lane", partial(lanes, Limits(bounds=()), False))
NO_WAIT = Policy("one lane, no wait", partial(lanes, Limits(bounds=(), max_wait_s=0), False))
SHARED = Policy("lanes, shared", partial(lanes, Limits(), True))


def sizes(rng: random.Random) -> int:
    """Pieces of a customer's text."""
    share = rng.random()
    if share < 0.8:
        return rng.randint(4, 16)
    return rng.randint(17, 48) if share < 0.95 else rng.randint(49, 160)


def poisson(rate: float, seconds: float, texts: int = 0, seed: int = 1) -> list[Arrival]:
    """Independent callers. With `texts` they say only so many different things, the first ones most often."""
    rng = random.Random(seed)
    said = [sizes(rng) for _ in range(texts)]
    weights = [1 / (rank + 1) for rank in range(texts)]
    at, arrivals = 0.0, list[Arrival]()
    while (at := at + rng.expovariate(rate)) < seconds:
        text = rng.choices(range(texts), weights)[0] if texts else len(arrivals)
        arrivals.append(Arrival(at, said[text] if texts else sizes(rng), text))
    return arrivals


def rushes(rate: float, seconds: float, seed: int = 1) -> list[Arrival]:
    """Five texts 1.5 ms apart, then a pause."""
    rng = random.Random(seed)
    at, arrivals = 0.0, list[Arrival]()
    while (at := at + rng.expovariate(rate / 5)) < seconds:
        arrivals += [Arrival(at + 0.0015 * n, sizes(rng), len(arrivals) + n) for n in range(5)]
    return sorted(arrivals, key=lambda arrival: arrival.at)


def sleeping(fixed: float, each: float) -> Model:
    """A model whose cost is known."""

    def run(batch: Sequence[int]) -> None:
        time.sleep(fixed + each * len(batch) * max(batch))

    return run


def graph() -> Model | None:
    """Four layers of matrix products on one thread in ONNX Runtime; None where it is not installed."""
    try:
        import onnx
        import onnxruntime
        from onnx import helper, numpy_helper
    except ImportError:
        return None
    rng, nodes, weights, last = np.random.default_rng(1), [], [], "x"
    for layer in range(4):
        shape = (WIDTH, 4 * WIDTH) if layer % 2 == 0 else (4 * WIDTH, WIDTH)
        weight = (rng.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)
        weights.append(numpy_helper.from_array(weight, f"w{layer}"))
        nodes.append(helper.make_node("MatMul", [last, f"w{layer}"], [f"m{layer}"]))
        nodes.append(helper.make_node("Relu", [f"m{layer}"], [last := f"h{layer}"]))
    value = partial(helper.make_tensor_value_info, elem_type=onnx.TensorProto.FLOAT)
    places: list[str | int | None] = ["texts", "pieces", WIDTH]
    made = helper.make_graph(
        nodes, "small", [value("x", shape=places)], [value(last, shape=places)], weights
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    opset = [helper.make_opsetid("", 17)]
    session = onnxruntime.InferenceSession(
        helper.make_model(made, opset_imports=opset, ir_version=9).SerializeToString(),
        options,
        providers=["CPUExecutionProvider"],
    )

    def run(batch: Sequence[int]) -> None:
        session.run(None, {"x": np.zeros((len(batch), max(batch), WIDTH), np.float32)})

    return run


def alone_per_second(model: Model) -> float:
    """Texts per second one by one, called directly."""
    rng = random.Random(2)
    model([8])
    texts = [sizes(rng) for _ in range(200)]
    started = time.perf_counter()
    for size in texts:
        model([size])
    return len(texts) / (time.perf_counter() - started)


async def play(
    policy: Policy, model: Model, arrivals: Sequence[Arrival], seconds: float
) -> Figures:
    """Let the arrivals come on schedule, and count what is answered within the time."""
    figures = Figures()
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:

        async def run(batch: list[Arrival]) -> list[int]:
            figures.batches.append(len(batch))
            await loop.run_in_executor(thread, model, [arrival.size for arrival in batch])
            return [arrival.text for arrival in batch]

        door = policy.open(run)
        start = loop.time()

        async def ask(arrival: Arrival) -> None:
            with suppress(Overloaded):
                assert await door.submit(arrival) == arrival.text
                if arrival.at >= WARM_S:
                    latency = loop.time() - start - arrival.at
                    figures.all_s.append(latency)
                    if arrival.size <= 16:
                        figures.short_s.append(latency)

        tasks = []
        for arrival in arrivals:
            figures.asked += arrival.at >= WARM_S
            if (early := start + arrival.at - loop.time()) > 0:
                await asyncio.sleep(early)
            tasks.append(asyncio.create_task(ask(arrival)))
        await asyncio.sleep(max(0.0, start + seconds - loop.time()))
        await door.close(0.1)
        await asyncio.gather(*tasks)
    return figures


def milliseconds(rounds: Sequence[Sequence[float]], share: float) -> str:
    """The median over the rounds of a quantile; a dash when nothing was answered."""
    if not all(rounds):
        return "-"
    return f"{1000 * statistics.median(float(np.quantile(one, share)) for one in rounds):.1f}"


def row(name: str, rounds: Sequence[Figures], seconds: float) -> list[str]:
    """The medians over the rounds."""
    whole, short = [one.all_s for one in rounds], [one.short_s for one in rounds]
    answered = statistics.median(map(len, whole))
    batch = statistics.median(statistics.fmean(one.batches) for one in rounds)
    return [
        name,
        f"{answered / (seconds - WARM_S):.0f}",
        f"{100 * answered / rounds[0].asked:.0f}",
        f"{batch:.1f}",
        *[milliseconds(some, share) for some in (whole, short) for share in (0.5, 0.99)],
    ]


@dataclass(frozen=True, slots=True)
class Case:
    """One block of a table."""

    title: str
    model: Model
    arrivals: Callable[[float], list[Arrival]]
    policies: Sequence[Policy]


def cases(onnx: bool) -> Iterator[Case]:
    """Everything that is measured."""
    priced = sleeping(0.002, 2e-5)
    models = [("sleep 2 ms + 20 µs a piece", priced)]
    if onnx and (real := graph()) is not None:
        models.append(("ONNX graph", real))
    for name, model in models:
        alone = alone_per_second(model)
        for times in RATES:
            title = f"{name}, {times * alone:.0f}/s = {times} x alone"
            yield Case(title, model, partial(poisson, times * alone), POLICIES)
    alone = alone_per_second(priced)
    title = f"sleep, {2.5 * alone:.0f}/s, 200 different texts"
    yield Case(title, priced, partial(poisson, 2.5 * alone, texts=200), [POLICIES[2], SHARED])
    flat = sleeping(0.008, 5e-6)
    policies = [POLICIES[1], POLICIES[2], NO_WAIT, ONE_LANE]
    yield Case("sleep 8 ms + 5 µs a piece, 200/s", flat, partial(poisson, 200.0), policies)
    yield Case("the same, in rushes of five", flat, partial(rushes, 200.0), policies)


def measure(seconds: float, rounds: int, onnx: bool) -> Table:
    """Play every case with every policy, interleaved by rounds."""
    table = Table(
        *["policy", "answered/s", "%", "batch", "P50 ms", "P99 ms", "short P50", "short P99"]
    )
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        for case in cases(onnx):
            arrivals = case.arrivals(seconds)
            played: dict[str, list[Figures]] = {policy.name: [] for policy in case.policies}
            work = [policy for _ in range(rounds) for policy in case.policies]
            for policy in progress.track(work, description=case.title):
                made = asyncio.run(play(policy, case.model, arrivals, seconds))
                played[policy.name].append(made)
            table.add_section()
            table.add_row(f"[bold]{case.title}")
            for name, figures in played.items():
                table.add_row(*row(name, figures, seconds))
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=1.8, help="length of each run")
    parser.add_argument(
        "--rounds", type=int, default=1, help="runs of each policy; medians are shown"
    )
    parser.add_argument("--no-onnx", action="store_true", help="the sleeping models only")
    given = parser.parse_args()
    Console().print(measure(given.seconds, given.rounds, not given.no_onnx))
