"""Several voters as one: each made calm on held-out texts, then averaged.

Averaged members are better than the best of them (Lakshminarayanan et al. 2017), and their soft answers are
what a small student learns best from (Hinton et al. 2015): `Ensemble.chances` are targets for any voter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kefu.training.crowd.voters import Floats, Tick, Voter

_SHARPNESS = np.geomspace(0.4, 24.0, 28)
_THRESHOLDS = np.arange(0.2, 0.65, 0.02)
_PARTS = 8
"""Texts are held out in parts of this many, to calibrate on."""
_TINY = 1e-6

Rows = npt.NDArray[np.int64]
Crew = Callable[[], Sequence[Voter]]


@dataclass(slots=True)
class Ensemble:
    """`crew` makes fresh voters. `many`: a text has a set of labels, not one.

    `sharpness` (voters,) and `threshold` are learnt from texts that the voters had not seen: from `holdouts`
    of eight parts, each held out in turn. One is enough for thousands of texts; take all eight for a hundred.
    """

    crew: Crew
    many: bool = False
    holdouts: int = 1
    sharpness: tuple[float, ...] = ()
    threshold: float = 0.5
    _voters: Sequence[Voter] = field(default=(), init=False)

    def learn(self, texts: Sequence[str], targets: Floats, tick: Tick, seed: int = 1) -> None:
        """Learn; `targets` is (texts, labels). Without given sharpness it is calibrated first."""
        if not self.sharpness:
            self._calibrate(texts, targets, tick, seed)
        self._voters = _taught(self.crew, texts, targets, self.many, tick)

    def chances(self, texts: Sequence[str]) -> Floats:
        """(texts, labels): of each label; over all labels they sum to one unless `many`."""
        return self.mixed([voter.logits(texts) for voter in self._voters])

    def mixed(self, logits: Sequence[Floats]) -> Floats:
        """The voters' logits as chances: each sharpened, then the geometric mean."""
        calm = [
            _log_chances(said * sharp, self.many)
            for said, sharp in zip(logits, self.sharpness, strict=True)
        ]
        mean = np.mean(calm, axis=0)
        if self.many:
            both: Floats = softmax(np.moveaxis(mean, 0, -1))
            return both[..., 0]
        return softmax(mean[0])

    def sets(self, chances: Floats) -> list[set[int]]:
        """The labels of each text, for label sets."""
        return [set(np.flatnonzero(row >= self.threshold).tolist()) for row in chances]

    def _calibrate(self, texts: Sequence[str], targets: Floats, tick: Tick, seed: int) -> None:
        order = np.random.default_rng(seed).permutation(len(texts))
        parts = [order[start::_PARTS] for start in range(self.holdouts)]
        said = [self._unseen(texts, targets, held, tick) for held in parts]
        logits = [np.concatenate(of) for of in zip(*said, strict=True)]
        wanted = targets[np.concatenate(parts)]
        self.sharpness = tuple(_sharpest(of, wanted, self.many) for of in logits)
        if self.many:
            chances = self.mixed(logits)
            self.threshold = float(max(_THRESHOLDS, key=lambda at: micro_f1(chances >= at, wanted)))

    def _unseen(
        self, texts: Sequence[str], targets: Floats, held: Rows, tick: Tick
    ) -> list[Floats]:
        """What fresh voters that learnt all but `held` say of `held`."""
        rest = np.setdiff1d(np.arange(len(texts)), held)
        voters = _taught(self.crew, [texts[at] for at in rest], targets[rest], self.many, tick)
        return [voter.logits([texts[at] for at in held]) for voter in voters]


def softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    chances: Floats = (raised / raised.sum(-1, keepdims=True)).astype(np.float32)
    return chances


def micro_f1(found: npt.NDArray[np.bool_], wanted: Floats) -> float:
    """Hits of all labels together; (texts, labels) both."""
    hits = float((found & (wanted > 0.5)).sum())
    return 2 * hits / max(1.0, float(found.sum()) + float((wanted > 0.5).sum()))


def _taught(
    crew: Crew, texts: Sequence[str], targets: Floats, many: bool, tick: Tick
) -> Sequence[Voter]:
    voters = crew()
    for voter in voters:
        voter.learn(texts, targets, many, tick)
    return voters


def _log_chances(logits: Floats, many: bool) -> Floats:
    """(1 or 2, texts, labels) logarithms: of the label, and for label sets also of its absence."""
    if not many:
        single: Floats = np.log(softmax(logits) + _TINY)[None]
        return single
    logs: Floats = -np.logaddexp(0, np.stack([-logits, logits])).astype(np.float32)
    return logs


def _sharpest(logits: Floats, wanted: Floats, many: bool) -> float:
    """Temperature scaling (Guo et al. 2017): the sharpness that makes held-out chances truest."""

    def surprise(sharp: float) -> float:
        logs = _log_chances(logits * np.float32(sharp), many)
        missed = wanted * logs[0]
        return -float((missed + (1 - wanted) * logs[1] if many else missed).mean())

    return float(min(_SHARPNESS, key=surprise))
