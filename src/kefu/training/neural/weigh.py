"""How a network's scores become decisions: every threshold measured on texts that it was not taught."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import torch

from kefu.errors import MissingExtra
from kefu.training.data import Example, MoodExample
from kefu.training.neural.network import Joint
from kefu.understanding.belief import Belief
from kefu.understanding.encoder import joint
from kefu.understanding.encoder.joint import NAMES, Said, Weighing
from kefu.understanding.encoder.pieces import Cutter
from kefu.understanding.encoder.tier import share
from kefu.understanding.text import flatten

try:
    from sklearn.isotonic import IsotonicRegression
except ImportError as exc:  # pragma: no cover  # the base install has no scikit-learn
    raise MissingExtra("scikit-learn", "train") from exc

_AT_ONCE = 128
_PRECISION = 0.85
"""Sarcasm is only believed so that at least this share of it is true."""
_NEVER = 0.5
"""Believed where no lower threshold is that precise."""
_POINTS = 24
_GAINS = tuple(round(0.2 * step, 1) for step in range(-5, 6))
_CHOICES: list[list[dict[str, float]]] = [
    [{"second": second} for second in (0.0, 0.2, 0.35, 0.5, 0.75, 1.0)],
    [{"lean": lean, "gain": gain} for lean in (0.3, 0.5, 0.8) for gain in _GAINS],
    [{"sure": sure} for sure in (0.2, 0.3, 0.4, 0.5, 0.6)],
]
"""What is chosen together; one after the other, twice."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A held-out text with what the network said of it."""

    example: Example
    said: Said
    opinion: joint.Opinion | None = None
    """What a linear model says that was not taught the text either."""


def hear(network: Joint, cutter: Cutter, texts: Sequence[str]) -> list[Said]:
    """What the network says of masked texts."""
    found: list[Said] = []
    network.eval()
    for first in range(0, len(texts), _AT_ONCE):
        pieces = cutter.cut([flatten(text).text for text in texts[first : first + _AT_ONCE]])
        with torch.inference_mode():
            tensors = network(torch.from_numpy(pieces.rows))
        named = {name: tensor.numpy() for name, tensor in zip(NAMES, tensors, strict=True)}
        found += [share(pieces, named, at) for at in range(len(pieces.sizes))]
    return found


def weigh(
    heard: Sequence[Heard], moods: Iterable[tuple[MoodExample, Said]], labels: Sequence[str]
) -> Weighing:
    """The weighing that does best on what was held out."""
    weighing = Weighing(sharpness=_sharpness(heard, labels))
    for choices in _CHOICES * 2:
        weighing = max(
            (msgspec.structs.replace(weighing, **choice) for choice in choices),
            key=lambda each: right(heard, labels, each).mean(),
        )
    raw = np.array([joint.wishes(one.said, labels, weighing, one.opinion)[1] for one in heard])
    return msgspec.structs.replace(
        weighing,
        sarcasm=_irony(moods),
        belief=believe(raw, right(heard, labels, weighing)),
    )


def right(
    heard: Sequence[Heard], labels: Sequence[str], weighing: Weighing
) -> npt.NDArray[np.bool_]:
    """Which lists of wishes are exactly right."""
    return np.array(
        [
            tuple(wish.name for wish in joint.wishes(one.said, labels, weighing, one.opinion)[0])
            == one.example.intents
            for one in heard
        ]
    )


def believe(said: npt.NDArray[np.float64], true: npt.NDArray[np.bool_]) -> Belief:
    """The rising line through what was said and what was true, in a few points."""
    if len(said) < _POINTS:
        return Belief()
    line = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(said, true)
    # Points by rank: where many readings lie, the line is known well. Shrunk a little towards the middle,
    # for a bin of nothing but hits is no proof of certainty.
    places = np.unique(np.quantile(said, np.linspace(0.0, 1.0, _POINTS)))
    each = len(said) / _POINTS
    values = (line.predict(places) * each + 0.5) / (each + 1.0)
    return Belief(
        tuple(round(float(place), 5) for place in places),
        tuple(round(float(value), 5) for value in np.maximum.accumulate(values)),
    )


def _sharpness(heard: Sequence[Heard], labels: Sequence[str]) -> float:
    """What scores are multiplied with so that chances are true (Guo et al. 2017)."""
    singles = [one for one in heard if len(one.example.intents) == 1]
    if not singles:
        return 1.0
    logits = np.stack([_whole(one.said) for one in singles])
    wanted = [labels.index(one.example.intents[0]) for one in singles]

    def loss(sharpness: float) -> float:
        scaled = logits * sharpness
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        log = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float(-log[np.arange(len(wanted)), wanted].mean())

    return float(min(np.arange(0.5, 2.5, 0.05), key=loss).round(2))


def _whole(said: Said) -> npt.NDArray[np.float32]:
    counts = np.exp(said.places[:, 0] - said.places[:, 0].max())
    logits: npt.NDArray[np.float32] = (counts / counts.sum()) @ said.intents
    return logits


def _irony(moods: Iterable[tuple[MoodExample, Said]]) -> float:
    """The lowest threshold at which sarcasm is still mostly true."""
    heard = [(1.0 / (1.0 + float(np.exp(-said.mood[3]))), mood.sarcasm) for mood, said in moods]
    best = _NEVER
    for least in np.arange(0.9, 0.1, -0.05):
        found = [ironic for chance, ironic in heard if chance >= least]
        if found and sum(found) / len(found) >= _PRECISION:
            best = float(least.round(2))
    return best
