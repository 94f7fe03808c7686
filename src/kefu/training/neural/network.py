"""The joint network: one reading of a text for its wishes, their places, its slots and its mood.

Chen et al. 2019 (joint intents and slots), Qin et al. 2021 (an intent per token, so that several wishes have
places); here a wish is scored by attention over the pieces of its own stretch of text.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from kefu.understanding.encoder.pieces import BITS

MOOD_COLUMNS = 4
_FORGET = (0.03, 0.15, 0.3, 0.3, 0.4, 0.3, 0.3, 0.3, 0.3)
"""Share of each kind of n-gram that is hidden in training: at work many of them will be new."""
_SMALL = 0.05


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is: `width` of a piece, `layers` of attention, and what it is to tell apart."""

    intents: int
    slots: int
    width: int = 192
    layers: int = 2
    heads: int = 4
    vector: int = 64
    dropout: float = 0.2

    @property
    def tags(self) -> int:
        """No slot, and two per slot: where it begins and where it goes on."""
        return 2 * self.slots + 1


class Heads(nn.Module):
    """What is read off the pieces. Shared by every encoder, compact or large."""

    def __init__(self, shape: Shape, width: int) -> None:
        super().__init__()
        self.intents = nn.Linear(width, shape.intents)
        self.slots = nn.Linear(width, shape.tags)
        self.places = nn.Linear(width, 2)  # how much a piece counts; whether a wish begins here
        self.moods = nn.Linear(
            width, MOOD_COLUMNS + 1
        )  # the moods, sarcasm; how much a piece counts
        self.vector = nn.Linear(width, shape.vector)

    def forward(self, pieces: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """(texts, pieces, width) and (texts, pieces) to the five tensors of `understanding/joint.py`."""
        places = self.places(pieces)
        moods = self.moods(pieces)
        counts = moods[:, :, -1:].masked_fill(~mask[:, :, None], -1e4).softmax(1)
        mood = (moods[:, :, :-1] * counts).sum(1)
        vector = self.vector(_weighted(pieces, places, mask))
        vector = vector / vector.norm(dim=-1, keepdim=True).clamp_min(1e-6)
        return self.intents(pieces), places, self.slots(pieces), mood, vector

    def pooled(self, pieces: Tensor, mask: Tensor) -> Tensor:
        """(texts, width): the pieces by how much they count in their wish, as the vector's head reads them."""
        return _weighted(pieces, self.places(pieces), mask)


def _weighted(pieces: Tensor, places: Tensor, mask: Tensor) -> Tensor:
    weights = places[:, :, :1].masked_fill(~mask[:, :, None], -1e4).softmax(1)
    return (pieces * weights).sum(1)


class Order(nn.Module):
    """A bidirectional GRU (Cho et al. 2014) that is the same for a text however long its neighbours are.

    Each row is turned by itself, so that the way back begins at its last piece and not in the padding.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.forth = nn.GRU(width, width // 2, batch_first=True)
        self.back = nn.GRU(width, width // 2, batch_first=True)

    def forward(self, pieces: Tensor, mask: Tensor) -> Tensor:
        """(texts, pieces, width) states."""
        place = torch.ones_like(mask, dtype=torch.long).cumsum(1) - 1
        turned = torch.where(mask, mask.long().sum(1, keepdim=True) - 1 - place, place)[:, :, None]
        forth, _ = self.forth(pieces)
        back, _ = self.back(pieces.gather(1, turned.expand(-1, -1, pieces.shape[2])))
        return torch.cat([forth, back.gather(1, turned.expand(-1, -1, back.shape[2]))], -1)


class Layer(nn.Module):
    """One layer of attention, normalised before (Xiong et al. 2020)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mixed = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, pieces: Tensor, barred: Tensor) -> Tensor:
        texts, size, width = pieces.shape
        each = width // self.heads
        mixed = self.mixed(self.first(pieces)).view(texts, size, 3, self.heads, each)
        asked, offered, held = mixed.permute(2, 0, 3, 1, 4).unbind(0)
        scores = asked @ offered.transpose(2, 3) * each**-0.5 + barred
        said = scores.softmax(-1) @ held
        pieces = pieces + self.dropout(self.out(said.transpose(1, 2).reshape(texts, size, width)))
        inner = nn.functional.gelu(self.wide(self.second(pieces)), approximate="tanh")
        narrowed: Tensor = self.dropout(self.narrow(inner))
        return pieces + narrowed


class Encoder(nn.Module):
    """Hashed pieces, a bidirectional GRU that gives them their order, and layers of attention."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = self.width = shape.width
        self.table = nn.Embedding(2**BITS, width, padding_idx=0)
        nn.init.normal_(self.table.weight, std=_SMALL)
        with torch.no_grad():
            self.table.weight[0] = 0
        self.start = nn.LayerNorm(width)
        self.order = Order(width)
        self.layers = nn.ModuleList(
            Layer(width, shape.heads, shape.dropout) for _ in range(shape.layers)
        )
        self.end = nn.LayerNorm(width)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """(texts, pieces, rows) to (texts, pieces, width) and the mask of what is no padding."""
        mask = rows[:, :, 0] != 0
        if self.training:
            rows = rows * (torch.rand(rows.shape) >= torch.tensor(_FORGET))
        pieces = self.dropout(self.start(self.table(rows).sum(2)))
        pieces = pieces + self.dropout(self.order(pieces, mask))
        barred = torch.zeros_like(mask, dtype=pieces.dtype).masked_fill(~mask, -1e4)
        for layer in self.layers:
            pieces = layer(pieces, barred[:, None, None, :])
        return self.dropout(self.end(pieces)), mask


class Joint(nn.Module):
    """The compact tier: encoder and heads."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.heads = Heads(shape, shape.width)

    def forward(self, rows: Tensor) -> tuple[Tensor, ...]:
        """Hashed rows to intents, places, slots, mood, vector."""
        pieces, mask = self.encoder(rows)
        heads: tuple[Tensor, ...] = self.heads(pieces, mask)
        return heads
