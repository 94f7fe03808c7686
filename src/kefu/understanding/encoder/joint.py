"""What the joint heads said of one text, read: wishes in their places, slot spans, mood.

Every neural tier ends in the same five tensors, so this is the one place where they become a guess.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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
_MOST = 4
_SARCASM = 3


class Weighing(msgspec.Struct, frozen=True):
    """How scores become decisions; all of it measured on held-out texts.

    Logits times `sharpness` are calibrated (temperature scaling, Guo et al. 2017). `begin` is the least chance
    of a further wish, `sure` the least confidence of one among several, `known` that of any before it is out
    of scope, `sarcasm` the least chance of sarcasm. `belief` is in the list of wishes as a whole.
    """

    sharpness: float = 1.0
    begin: float = 0.5
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
    bounds, certain = _bounds(said.places[:, _BEGINS], weighing.begin)
    found: list[Wanted] = []
    for first, last in pairwise(bounds):
        chances = _chances(said, first, last, weighing.sharpness)
        best = int(chances.argmax())
        wish = Wanted(
            labels[best], float(chances[best]), int(said.starts[first]), int(said.ends[last - 1])
        )
        if found and found[-1].name == wish.name:
            wish = Wanted(
                wish.name, max(found[-1].confidence, wish.confidence), found.pop().start, wish.end
            )
        found.append(wish)
    kept = tidy(found, weighing.sure, weighing.known)
    return tuple(kept), certain * min(wish.confidence for wish in kept)


def _bounds(begins: Floats, least: float) -> tuple[list[int], float]:
    """Where wishes begin and the last one ends, and how certain the doubtful places are."""
    chances = 1.0 / (1.0 + np.exp(-begins[1:]))
    places = np.flatnonzero(chances > least) + 1
    if len(places) > _MOST - 1:
        places = np.sort(places[np.argsort(-chances[places - 1], kind="stable")[: _MOST - 1]])
    doubt = np.minimum(chances, 1.0 - chances).max(initial=0.0)
    return [0, *places.tolist(), len(begins)], 1.0 - float(doubt)


def _chances(said: Said, first: int, last: int, sharpness: float) -> Floats:
    """(intents,) of the pieces [first, last) together."""
    counts = said.places[first:last, _COUNTS]
    weights = np.exp(counts - counts.max())
    logits = (weights / weights.sum()) @ said.intents[first:last] * np.float32(sharpness)
    powers = np.exp(logits - logits.max())
    chances: Floats = powers / powers.sum()
    return chances


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
