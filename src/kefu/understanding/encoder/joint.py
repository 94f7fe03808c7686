"""What the joint heads said of one text, read: wishes in their places, slot spans, mood.

Every neural tier ends in the same five tensors, so this is the one place where they become a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
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
_VALUE = re.compile(r"\D{0,4}[a-z]{0,4}-?[\d-]{4,}\W*")
"""A number, and at most a word that says of what."""
_BONUS = 1.0
"""The network tells codes apart better than the linear tagger: the first code slot gets little in advance."""


class Weighing(msgspec.Struct, frozen=True):
    """How scores become decisions; all of it measured on held-out texts.

    Logits times `sharpness` are calibrated (temperature scaling, Guo et al. 2017). A further wish is worth
    `lean` times the log-odds of its beginning, plus `gain`. The linear model's log-chances count `second` times
    as much as the network's own: two that err differently err less together. `sure` is the least confidence of
    one wish among several, `known` that of any before it is out of scope, `sarcasm` the least chance of
    sarcasm. `belief` is in the list of wishes as a whole.
    """

    sharpness: float = 1.0
    second: float = 0.0
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


Opinion = Callable[[Sequence[int]], Floats]
"""(bounds, bounds, intents) log-chances of the stretches between places in the text: the linear model's."""


def wishes(
    said: Said,
    labels: Sequence[str],
    weighing: Weighing,
    opinion: Opinion | None = None,
    text: str = "",
) -> tuple[tuple[Wanted, ...], float]:
    """The wishes in the order said, and the raw confidence that this list is right.

    `text` is the flat text: a number in front of a wish is no wish of its own.
    """
    bounds, begins = _bounds(said.places[:, _BEGINS])
    if len(bounds) > 2 and _VALUE.fullmatch(text[: int(said.starts[bounds[1]])]):
        del bounds[1]
        begins = begins[1:]
    logs = _logs(said, bounds, weighing.sharpness)
    if opinion is not None and weighing.second:
        places = [*said.starts[bounds[:-1]].tolist(), int(said.ends[-1])]
        logs = _normal((logs + weighing.second * opinion(places)).astype(np.float32))
    found: list[Wanted] = []
    for first, last, label, confidence in _grouped(logs, begins, weighing):
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
    chances = np.asarray(1.0 / (1.0 + np.exp(-begins[1:])), np.float32)
    places = np.flatnonzero(chances > _DOUBTFUL) + 1
    if len(places) > _MOST:
        places = np.sort(places[np.argsort(-chances[places - 1], kind="stable")[:_MOST]])
    return [0, *places.tolist(), len(begins)], chances[places - 1]


def _grouped(logs: Floats, begins: Floats, weighing: Weighing) -> list[tuple[int, int, int, float]]:
    """(first bound, last bound, label, confidence) of the stretches that together are worth most."""
    runs = len(logs) - 1
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
    # Doubles: stretches are differences of running sums, and one may count very little beside another.
    weights = np.exp((counts - counts.max()).astype(np.float64))[:, None]
    sums = np.zeros((len(bounds), said.intents.shape[1] + 1))
    np.cumsum(
        np.add.reduceat(np.hstack([weights * said.intents, weights]), bounds[:-1], axis=0),
        axis=0,
        out=sums[1:],
    )
    between = sums[None, :] - sums[:, None]
    return _normal(between[..., :-1] / np.maximum(between[..., -1:], 1e-9) * np.float32(sharpness))


def _normal(logits: Floats) -> Floats:
    """Log-chances."""
    logits = logits - logits.max(axis=-1, keepdims=True)
    logs: Floats = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return logs


def tagging(said: Said, characters: int) -> Tagging:
    """The slot spans that are likeliest together, and how likely each slot begins at each character."""
    begins = np.full((characters, said.slots.shape[1] // 2), -20.0, np.float32)
    begins[said.starts] = said.slots[:, 1::2]
    tags = said.slots.argmax(axis=1)
    if tags.any():
        tags = np.array(_likeliest(said.slots))
    spans: list[tuple[int, int, int]] = []
    for at, tag in enumerate(tags.tolist()):
        slot, start, end = (tag - 1) // 2, int(said.starts[at]), int(said.ends[at])
        if tag % 2:
            spans.append((slot, start, end))
        elif tag:
            spans[-1] = (slot, spans[-1][1], end)
    return Tagging(tuple(spans), begins, bonus=_BONUS)


def _likeliest(scores: Floats) -> list[int]:
    """The best tag of each piece where a slot only goes on after it began (Viterbi 1967).

    Only going on is bound to what stood before, so one step costs as much as there are tags.
    """
    first = scores[0].copy()
    first[2::2] = -np.inf
    path: list[Floats] = [first]
    for emitted in scores[1:]:
        before = path[-1]
        total = emitted + before.max()
        total[2::2] = emitted[2::2] + np.maximum(before[1::2], before[2::2])
        path.append(total)
    tag = int(path[-1].argmax())
    tags = [tag]
    for before in reversed(path[:-1]):
        if tag and tag % 2 == 0:
            tag = tag - 1 if before[tag - 1] >= before[tag] else tag
        else:
            tag = int(before.argmax())
        tags.append(tag)
    return tags[::-1]


def emotion(said: Said, least: float) -> Emotion:
    """The mood; sarcasm is always negative."""
    powers = np.exp(said.mood[:_SARCASM] - said.mood[:_SARCASM].max())
    chances = (powers / powers.sum()).tolist()
    ironic = 1.0 / (1.0 + math.exp(-float(said.mood[_SARCASM])))
    if ironic >= least:
        return Emotion("negative", round(max(ironic, chances[0]), 3), sarcasm=True)
    best = max(range(len(MOODS)), key=chances.__getitem__)
    return Emotion(MOODS[best], round(chances[best], 3))
