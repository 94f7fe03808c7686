"""How good a model is on what it has not seen: k folds, or any labelled texts."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path

from kefu.training.chance import dice
from kefu.training.data import TrainingData
from kefu.training.export import ready
from kefu.training.fit import Weighing, fit
from kefu.training.labelled import Labelled, of_pack
from kefu.training.leaks import families
from kefu.training.score import Score
from kefu.training.verdict import NOW, verdicts
from kefu.understanding.cascade import Cascade
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.tiers import open_reader

__all__ = ["FOLDS", "NOW", "Score", "cross_validate", "measure", "split"]

FOLDS = 3
Tick = Callable[[], None]


def measure(model: Path, texts: Sequence[Labelled]) -> Score:
    """Read texts with every tier of a model folder, as it is."""

    async def read() -> Score:
        reader = await open_reader(model)
        try:
            return Score(await verdicts(reader, texts))
        finally:
            await reader.close()

    return asyncio.run(read())


def cross_validate(data: TrainingData, folds: int, weighing: Weighing, tick: Tick) -> Score:
    """Train the linear tier `folds` times without one part each, and read that part."""
    found = []
    for train, test in split(data, folds):
        reader = Reader(Cascade(LinearTier(ready(fit(train, tick, weighing)))))
        found += asyncio.run(verdicts(reader, of_pack(test)))
    return Score(found)


def split(data: TrainingData, folds: int) -> Iterator[tuple[TrainingData, TrainingData]]:
    """(train, test) pairs; the same every time. Near-duplicates are always in the same part."""
    texts = [
        *(one.text for one in (*data.examples, *data.several)),
        *(mood.text for mood in data.moods),
    ]
    sizes = (len(data.examples), len(data.several), len(data.moods))
    kinds = [kind for kind, size in enumerate(sizes) for _ in range(size)]
    parts = shared_out(families(texts), kinds, folds)
    first, second = sizes[0], sizes[0] + sizes[1]
    at = (parts[:first], parts[first:second], parts[second:])
    for fold in range(folds):
        learnt = [[part != fold for part in one] for one in at]
        tested = [[part == fold for part in one] for one in at]
        yield _part(data, learnt), _part(data, tested)


def _part(data: TrainingData, kept: Sequence[Sequence[bool]]) -> TrainingData:
    """The data with only those examples, several and moods."""
    return replace(
        data,
        examples=tuple(compress(data.examples, kept[0])),
        several=tuple(compress(data.several, kept[1])),
        moods=tuple(compress(data.moods, kept[2])),
    )


def shared_out(family: Sequence[int], kinds: Sequence[int], folds: int) -> list[int]:
    """The fold of each text: families stay together, and each kind is spread evenly over the folds."""
    members: defaultdict[int, list[int]] = defaultdict(list)
    for at, head in enumerate(family):
        members[head].append(at)
    order = list(members.values())
    dice(17).shuffle(order)
    order.sort(key=len, reverse=True)
    load = [[0] * (max(kinds, default=0) + 1) for _ in range(folds)]
    found = [0] * len(family)
    for together in order:
        meant = [kinds[at] for at in together]
        fold = min(range(folds), key=lambda one: (sum(load[one][kind] for kind in meant), one))
        for at, kind in zip(together, meant, strict=True):
            found[at] = fold
            load[fold][kind] += 1
    return found
