"""Teaches the sentence vector: questions of one FAQ entry lie together, whatever else lies apart.

Only the linear head learns, and what it reads is computed once; no other tensor is touched. It starts where
the questions of an entry differ least beside how entries differ (Fisher's discriminant), and goes on with the
supervised contrastive loss (Khosla et al. 2020). Texts that share an intent and no entry attract too, weakly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from kefu.training import augment
from kefu.training.data import TrainingData
from kefu.training.neural.network import Joint
from kefu.understanding.encoder.pieces import Cutter
from kefu.understanding.text import flatten

_AT_ONCE = 128
_FEWEST = 2
"""Entries with several questions below which there is nothing to tell apart."""
_RIDGE = 0.1
"""Added to how questions of an entry differ, as a share of the mean: few questions tell that badly."""
_ALONE = -1


@dataclass(frozen=True, slots=True)
class Drill:
    """How the head learns: `others` are examples of intents beside `entries` FAQ entries in each step.

    `heat` is the temperature of the loss, `kinship` what a shared intent counts beside a shared entry.
    """

    steps: int = 60
    entries: int = 96
    others: int = 256
    rate: float = 3e-3
    heat: float = 0.1
    kinship: float = 0.1
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Features:
    """What the head reads, (texts, width), with the entry (or -1) and the intent (or -1) of each text."""

    pooled: Tensor
    entry: Tensor
    intent: Tensor

    def some(self, which: Tensor) -> Features:
        """Those texts."""
        return Features(self.pooled[which], self.entry[which], self.intent[which])


def teach_vectors(
    network: Joint, data: TrainingData, cutter: Cutter, drill: Drill | None = None
) -> bool:
    """Teach `network.heads.vector` in place; False, and nothing is changed, where the FAQ is too small.

    The same network and data always give the same head.
    """
    if sum(len(questions) > 1 for questions in data.faq) < _FEWEST:
        return False
    learn(network.heads.vector, features(network, data, cutter), drill or Drill())
    return True


def learn(head: nn.Linear, known: Features, drill: Drill) -> None:
    """Fit the head to features."""
    rng = torch.Generator().manual_seed(drill.seed)
    _discriminate(head, known.some(known.entry != _ALONE))
    optimiser = torch.optim.AdamW(head.parameters(), lr=drill.rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, drill.steps)
    for _ in range(drill.steps):
        chosen = known.some(_chosen(known, drill, rng))
        total = loss(head(chosen.pooled), chosen, drill)
        optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()


def loss(vectors: Tensor, known: Features, drill: Drill) -> Tensor:
    """The supervised contrastive loss, averaged over the texts that have somebody to be near to."""
    vectors = functional.normalize(vectors, dim=1)
    itself = torch.eye(len(vectors), dtype=torch.bool)
    logs = (vectors @ vectors.T / drill.heat).masked_fill(itself, -1e4).log_softmax(1)
    same = (known.entry[:, None] == known.entry) & (known.entry != _ALONE) & ~itself
    kin = (known.intent[:, None] == known.intent) & (known.intent != _ALONE) & ~same & ~itself
    wanted = _shares(same) + drill.kinship * _shares(kin)
    total = wanted.sum(1)
    some = total > 0
    return -((wanted * logs).sum(1)[some] / total[some]).mean()


@torch.no_grad()
def features(network: Joint, data: TrainingData, cutter: Cutter) -> Features:
    """Pooled as `Heads` pools: FAQ questions first, then the examples that are no questions of the FAQ."""
    number = {name: at for at, name in enumerate(data.intents)}
    known = {example.text: example.intents[0] for example in data.examples}
    asked = [(text, at) for at, questions in enumerate(data.faq) for text in questions]
    curated = {text for text, _ in asked}
    others = [example for example in data.examples if example.text not in curated]
    texts = [text for text, _ in asked]
    texts += [augment.hidden(example, data.slots).text for example in others]
    intents = [known.get(text) for text, _ in asked]
    intents += [example.intents[0] for example in others]
    return Features(
        pooled(network, texts, cutter),
        torch.tensor([entry for _, entry in asked] + [_ALONE] * len(others)),
        torch.tensor([_ALONE if name is None else number[name] for name in intents]),
    )


@torch.no_grad()
def pooled(network: Joint, texts: Sequence[str], cutter: Cutter) -> Tensor:
    """(texts, width) what the vector's head reads of masked texts."""
    network.eval()
    found = []
    for first in range(0, len(texts), _AT_ONCE):
        cut = cutter.cut([flatten(text).text for text in texts[first : first + _AT_ONCE]])
        pieces, mask = network.encoder(torch.from_numpy(cut.rows).long())
        found.append(network.heads.pooled(pieces, mask))
    return torch.cat(found)


def _chosen(known: Features, drill: Drill, rng: torch.Generator) -> Tensor:
    """The questions of some entries, and some other examples."""
    entries = torch.randperm(int(known.entry.max()) + 1, generator=rng)[: drill.entries]
    questions = torch.isin(known.entry, entries).nonzero()[:, 0]
    others = (known.entry == _ALONE).nonzero()[:, 0]
    return torch.cat(
        [questions, others[torch.randperm(len(others), generator=rng)[: drill.others]]]
    )


def _shares(wanted: Tensor) -> Tensor:
    """Each row's true ones share one among them."""
    return wanted / wanted.sum(1, keepdim=True).clamp_min(1)


@torch.no_grad()
def _discriminate(head: nn.Linear, known: Features) -> None:
    """Where questions of an entry vary, the head looks little; where entries vary, it looks most."""
    rows = known.pooled.double()
    sums = torch.zeros(int(known.entry.max()) + 1, rows.shape[1], dtype=rows.dtype)
    counts = known.entry.bincount()
    means = sums.index_add(0, known.entry, rows) / counts.clamp_min(1)[:, None]
    within = rows - means[known.entry]
    spread = within.T @ within / len(rows)
    ridge = _RIDGE * spread.diagonal().mean().clamp_min(1e-9)
    values, axes = torch.linalg.eigh(spread + ridge * torch.eye(len(spread), dtype=rows.dtype))
    white = axes / values.sqrt()
    middle = rows.mean(0)
    apart = (means[counts > 0] - middle) @ white
    _, directions = torch.linalg.eigh(apart.T @ apart)
    weight = (white @ directions[:, -head.out_features :]).T  # fewer rows in a narrow network
    size = (rows - middle).matmul(weight.T).norm(dim=1).mean().clamp_min(1e-9)
    head.weight.zero_()
    head.weight[: len(weight)] = weight / size
    head.bias.copy_(-head.weight @ middle.float())
