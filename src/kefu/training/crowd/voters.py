"""The voters: each learns texts with targets and then gives logits.

Targets are (texts, labels) chances: one-hot where a text has one label, several ones for label sets, soft
where a teacher gave them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from kefu.errors import MissingExtra
from kefu.training.crowd.grams import Bags, Grams
from kefu.training.crowd.network import BagNetwork, collate

try:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC
except ImportError as exc:  # pragma: no cover  # the base install has no scikit-learn
    raise MissingExtra("scikit-learn", "train") from exc

Floats = npt.NDArray[np.float32]
Tick = Callable[[], None]
_WORD = r"[a-z0-9']+|[^\sa-z0-9]"


class Voter(Protocol):
    """Learns once, then gives (texts, labels) logits."""

    def learn(self, texts: Sequence[str], targets: Floats, many: bool, tick: Tick) -> None: ...

    def logits(self, texts: Sequence[str]) -> Floats: ...


@dataclass(slots=True)
class LinearVoter:
    """A linear model over TF-IDF n-grams: of words and characters, or of characters alone (`latin` False).

    `price` is the C of scikit-learn; `logistic` takes logistic regression instead of the margin.
    """

    latin: bool = True
    price: float = 1.0
    logistic: bool = False
    _model: object = field(default=None, init=False)
    _columns: npt.NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp), init=False)
    _labels: int = field(default=0, init=False)

    def learn(self, texts: Sequence[str], targets: Floats, many: bool, tick: Tick) -> None:
        self._labels = targets.shape[1]
        kind = (
            LogisticRegression(C=self.price, max_iter=300)
            if self.logistic
            else LinearSVC(C=self.price)
        )
        if many:
            self._columns = np.flatnonzero(targets.any(0) & ~targets.all(0))
            wanted: npt.NDArray[np.generic] = targets[:, self._columns] > 0.5
            kind = OneVsRestClassifier(kind)
        else:
            self._columns, wanted = np.unique(targets.argmax(1), return_inverse=True)
        self._model = make_pipeline(self._features(), kind).fit(texts, wanted)
        tick()

    def logits(self, texts: Sequence[str]) -> Floats:
        said = np.full((len(texts), self._labels), -3.0, np.float32)
        said[:, self._columns] = self._model.decision_function(texts)  # type: ignore[attr-defined]
        return said

    def _features(self) -> object:
        if not self.latin:
            return TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
        return make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
            TfidfVectorizer(analyzer="char", ngram_range=(2, 6), sublinear_tf=True, min_df=2),
        )


@dataclass(slots=True)
class NetworkVoter:
    """The network of `network.py`; `rate` is the peak of a one-cycle schedule."""

    epochs: int = 15
    size: int = 64
    rate: float = 3e-3
    smoothing: float = 0.1
    forget: float = 0.1
    least: int = 2
    width: int = 192
    seed: int = 1
    _grams: Grams | None = field(default=None, init=False)
    _network: BagNetwork | None = field(default=None, init=False)

    def learn(self, texts: Sequence[str], targets: Floats, many: bool, tick: Tick) -> None:
        torch.manual_seed(self.seed)
        self._grams = grams = Grams(texts, self.least)
        self._network = network = BagNetwork(len(grams), targets.shape[1], self.width)
        course = _Course(network, self.rate, self.epochs * -(-len(texts) // self.size))
        bags = [grams.bags(text) for text in texts]
        wanted = torch.from_numpy(_smooth(targets, self.smoothing, many))
        noise = np.random.default_rng(self.seed)
        rng = random.Random(self.seed)  # noqa: S311 - for training, not for secrets
        network.train()
        for _ in range(self.epochs):
            for group in _groups(bags, self.size, rng):
                batch = collate([bags[at] for at in group], self.forget, noise)
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    said = network(batch)
                course.step(_loss(said.float(), wanted[group], many))
            tick()
        network.eval()

    def logits(self, texts: Sequence[str]) -> Floats:
        if self._grams is None or self._network is None:
            raise RuntimeError("this voter has not learnt yet; call learn first")
        bags = [self._grams.bags(text) for text in texts]
        said = np.zeros((len(texts), self._network.labels), np.float32)
        order = np.argsort([len(found.sizes) for found in bags], kind="stable")
        with torch.inference_mode():
            for start in range(0, len(order), 256):
                group = order[start : start + 256]
                said[group] = self._network(collate([bags[at] for at in group])).numpy()
        return said


class _Course:
    """Steps both optimisers: rows of the table that a batch does not touch cost nothing."""

    def __init__(self, network: BagNetwork, rate: float, steps: int) -> None:
        self._dense = [p for name, p in network.named_parameters() if not name.startswith("table")]
        table = torch.optim.SparseAdam([network.table.weight], lr=rate, betas=(0.9, 0.98))
        rest = torch.optim.AdamW(self._dense, lr=rate, weight_decay=0.02, betas=(0.9, 0.98))
        self._optimisers: tuple[torch.optim.Optimizer, ...] = (table, rest)
        self._schedules = [
            torch.optim.lr_scheduler.OneCycleLR(
                optimiser, rate, total_steps=steps + 1, pct_start=0.15, cycle_momentum=False
            )
            for optimiser in self._optimisers
        ]

    def step(self, loss: torch.Tensor) -> None:
        for optimiser in self._optimisers:
            optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._dense, 1.0)
        for optimiser in self._optimisers:
            optimiser.step()
        for schedule in self._schedules:
            schedule.step()


def _groups(bags: Sequence[Bags], size: int, rng: random.Random) -> list[list[int]]:
    """Batches of texts of like length, in random order."""
    order = sorted(range(len(bags)), key=lambda at: len(bags[at].sizes) + rng.random() * 8)
    groups = [order[at : at + size] for at in range(0, len(order), size)]
    rng.shuffle(groups)
    return groups


def _smooth(targets: Floats, smoothing: float, many: bool) -> Floats:
    """Label smoothing (Szegedy et al. 2016); label sets are left sharp."""
    if many:
        return targets
    smoothed: Floats = targets * (1 - smoothing) + np.float32(smoothing / targets.shape[1])
    return smoothed


def _loss(said: torch.Tensor, wanted: torch.Tensor, many: bool) -> torch.Tensor:
    loss: torch.Tensor
    if many:
        loss = functional.binary_cross_entropy_with_logits(said, wanted) * wanted.shape[1] ** 0.5
    else:
        loss = functional.cross_entropy(said, wanted)
    return loss
