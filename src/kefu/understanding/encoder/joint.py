"""What the joint heads said of one text, read: wishes in their places, slot spans, mood.

Every neural tier ends in the same five tensors, so this is the one place where they become a guess.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from kefu.messages import Emotion
from kefu.understanding.belief import Belief
from kefu.understanding.moods import MOODS
from kefu.understanding.slots.finder import Tagging
from kefu.understanding.wishes import Wanted, tidy

Floats = npt.NDArray[np.float32]
NAMES = ("intents", "places", "slots", "mood", "vector")
"""The tensors, in the order the network gives them."""
_COUNTS, _BEGINS = 0, 1
_MOST = 6
"""Places that may begin a wish, of which at most so many are weighed."""
_DOUBTFUL = 0.08
_SARCASM = 3


class Weighing(msgspec.Struct, frozen=True):
    """How scores become decisions; all of it measured on held-out texts.

    Logits times `sharpness` are calibrated (temperature scaling, Guo et al. 2017). A further wish is worth
    `lean` times the log-odds of its beginning, plus `gain`. `sure` is the least confidence of one wish among
    several, `known` that of any before it is out of scope, `sarcasm` the least chance of sarcasm. `belief` is
    in the list of wishes as a whole.
    """

    sharpness: float = 1.0
    lean: float = 0.5
    gain: float = 0.0
    sure: float = 0.3
    known: float = 0.1
    sarcasm: float = 0.5
    belief: Belief = Belief()


@dataclass(frozen=True, slots=True)
class Said:
    """One text's share of the tensors, without padding; `starts` and `ends` are places in the flat text."""

    starts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    intents: Floats
    places: Floats
    slots: Floats
    mood: Floats
    vector: Floats


def wishes(
    said: Said, labels: Sequence[str], weighing: Weighing
) -> tuple[tuple[Wanted, ...], float]:
    """The wishes in the order said, and the raw confidence that this list is right."""
    bounds, begins = _bounds(said.places[:, _BEGINS])
    found: list[Wanted] = []
    for first, last, label, confidence in _grouped(said, bounds, begins, weighing):
        start, end = int(said.starts[bounds[first]]), int(said.ends[bounds[last] - 1])
        if found and found[-1].name == labels[label]:
            before = found.pop()
            start, confidence = before.start, max(before.confidence, confidence)
        found.append(Wanted(labels[label], confidence, start, end))
    kept = tidy(found, weighing.sure, weighing.known)
    # A place that might begin a wish makes the list doubtful, whether it was taken for one or not.
    doubt = float(np.minimum(begins, 1.0 - begins).max(initial=0.0))
    return tuple(kept), (1.0 - doubt) * min(wish.confidence for wish in kept)


def _bounds(begins: Floats) -> tuple[list[int], Floats]:
    """Where wishes may begin, with the first piece and the end; and the chance of each place between."""
    chances = 1.0 / (1.0 + np.exp(-begins[1:]))
    places = np.flatnonzero(chances > _DOUBTFUL) + 1
    if len(places) > _MOST:
        places = np.sort(places[np.argsort(-chances[places - 1], kind="stable")[:_MOST]])
    likely: Floats = chances[places - 1]
    return [0, *places.tolist(), len(begins)], likely


def _grouped(
    said: Said, bounds: Sequence[int], begins: Floats, weighing: Weighing
) -> list[tuple[int, int, int, float]]:
    """(first bound, last bound, label, confidence) of the stretches that together are worth most."""
    runs = len(bounds) - 1
    logs = _logs(said, bounds, weighing.sharpness)
    labels = logs.argmax(axis=2)
    worth = logs.max(axis=2)
    price = weighing.lean * np.log(begins / (1.0 - begins + 1e-6) + 1e-6) + weighing.gain
    value = [0.0] + [-math.inf] * runs
    back = [0] * (runs + 1)
    for last in range(1, runs + 1):
        for first in range(last):
            total = value[first] + float(worth[first, last])
            total += float(price[first - 1]) if first else 0.0
            if total > value[last]:
                value[last], back[last] = total, first
    path: list[tuple[int, int, int, float]] = []
    last = runs
    while last:
        first = back[last]
        path.append((first, last, int(labels[first, last]), math.exp(worth[first, last])))
        last = first
    return path[::-1]


def _logs(said: Said, bounds: Sequence[int], sharpness: float) -> Floats:
    """(bounds, bounds, intents) log-chances of the stretch from one bound to a later one.

    Attention over a stretch is a quotient of sums over its pieces, so running sums give all stretches at once.
    """
    counts = said.places[:, _COUNTS]
    weights = np.exp(counts - counts.max())[:, None]
    sums = np.zeros((len(bounds), said.intents.shape[1] + 1), np.float32)
    np.cumsum(
        np.add.reduceat(np.hstack([weights * said.intents, weights]), bounds[:-1], axis=0),
        axis=0,
        out=sums[1:],
    )
    between = sums[None, :] - sums[:, None]
    logits = between[..., :-1] / np.maximum(between[..., -1:], 1e-9) * np.float32(sharpness)
    logits -= logits.max(axis=2, keepdims=True)
    logs: Floats = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    return logs


def tagging(said: Said, characters: int) -> Tagging:
    """The slot spans by greedy decoding, and where each slot may begin, per character."""
    begins = np.full((characters, said.slots.shape[1] // 2), -20.0, np.float32)
    begins[said.starts] = said.slots[:, 1::2]
    spans: list[tuple[int, int, int]] = []
    open_slot = -1
    for at, tag in enumerate(said.slots.argmax(axis=1).tolist()):
        slot = (tag - 1) // 2
        start, end = int(said.starts[at]), int(said.ends[at])
        if tag and tag % 2 == 0 and slot == open_slot:
            spans[-1] = (slot, spans[-1][1], end)
        elif tag:
            spans.append((slot, start, end))
        open_slot = slot if tag else -1
    return Tagging(tuple(spans), begins)


def emotion(said: Said, least: float) -> Emotion:
    """The mood; sarcasm is always negative."""
    powers = np.exp(said.mood[:_SARCASM] - said.mood[:_SARCASM].max())
    chances = (powers / powers.sum()).tolist()
    ironic = 1.0 / (1.0 + math.exp(-float(said.mood[_SARCASM])))
    if ironic >= least:
        return Emotion("negative", round(max(ironic, chances[0]), 3), sarcasm=True)
    best = max(range(len(MOODS)), key=chances.__getitem__)
    return Emotion(MOODS[best], round(chances[best], 3))
