"""The network among the voters: bags of n-grams, a bidirectional GRU for their order, three ways of pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from kefu.training.crowd.grams import Bags


@dataclass(frozen=True, slots=True)
class Batch:
    """Bags of several texts. `ids` (features,), `starts` (pieces,) where each bag begins in them, `places`
    (pieces,) where its vector goes in texts x longest.
    """

    ids: Tensor
    starts: Tensor
    places: Tensor
    texts: int
    longest: int


def collate(
    texts: Sequence[Bags], forget: float = 0.0, rng: np.random.Generator | None = None
) -> Batch:
    """A batch; each feature is forgotten with chance `forget`."""
    ids = np.concatenate([bags.ids for bags in texts])
    sizes = np.concatenate([bags.sizes for bags in texts])
    if forget and rng is not None:
        ids = np.where(rng.random(len(ids)) < forget, 0, ids)
    lengths = np.array([len(bags.sizes) for bags in texts])
    longest = int(lengths.max())
    row = np.repeat(np.arange(len(texts)), lengths)
    column = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(np.cumsum(sizes) - sizes),
        torch.from_numpy(row * longest + column),
        len(texts),
        longest,
    )


class BagNetwork(nn.Module):
    """Texts to (texts, labels) logits."""

    def __init__(self, rows: int, labels: int, width: int = 192, dropout: float = 0.3) -> None:
        super().__init__()
        self.labels = labels
        self.table = nn.EmbeddingBag(rows, width, mode="sum", padding_idx=0, sparse=True)
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[0] = 0
        self.start = nn.LayerNorm(width)
        self.order = nn.GRU(width, width // 2, batch_first=True, bidirectional=True)
        self.counts = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(3 * width, labels))

    def forward(self, batch: Batch) -> Tensor:
        """Attention and maximum over the ordered pieces, and the mean of the unordered ones."""
        found = self.start(self.table(batch.ids, batch.starts))
        size = batch.texts * batch.longest
        laid = found.new_zeros(size, found.shape[-1]).index_copy(0, batch.places, found)
        laid = self.dropout(laid.view(batch.texts, batch.longest, -1))
        mask = torch.zeros(size, dtype=torch.bool)
        mask[batch.places] = True
        mask = mask.view(batch.texts, batch.longest, 1)
        ordered = laid + self.dropout(self.order(laid * mask)[0])
        weights = self.counts(ordered).masked_fill(~mask, -1e4).softmax(1)
        pooled = (
            (ordered * weights).sum(1),
            ordered.masked_fill(~mask, -1e4).amax(1),
            (laid * mask).sum(1) / mask.sum(1).clamp_min(1) ** 0.5,
        )
        logits: Tensor = self.out(torch.cat(pooled, 1))
        return logits
