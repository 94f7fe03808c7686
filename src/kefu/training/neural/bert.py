"""Tier 2: a pre-trained BERT-type encoder, a BiGRU over it and the joint heads; built, taught, written."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from kefu.training.data import TrainingData
from kefu.training.neural import bert_files, checkpoint
from kefu.training.neural.lessons import Lesson, Lessons
from kefu.training.neural.network import Heads, Shape
from kefu.training.neural.teach import Course, Cuts, Tick, batches, loss, teach
from kefu.understanding.bert import BertMeta, Tokens, signature

_LAYER = re.compile(r"\.layers?\.(\d+)\.")
_SAMPLE = 512


@dataclass(frozen=True, slots=True)
class BertCourse:
    """How long and how fast. What is new learns at `rate`, the encoder's uppermost layer at `top`, and each
    layer below `fall` times as fast as the one above it (Howard and Ruder 2018).
    """

    epochs: int = 5
    batch: int = 32
    rate: float = 1e-3
    top: float = 5e-5
    fall: float = 0.9
    decay: float = 0.01
    smoothing: float = 0.05
    dropout: float = 0.1
    vector: int = 64
    seed: int = 1


class BertJoint(nn.Module):
    """Encoder, BiGRU and heads. What is read of a text does not depend on the texts beside it.

    Takes token numbers and a mask, (texts, tokens), with one token before and one after each text; gives the
    five tensors of `understanding/encoder/joint.py` for the pieces between these two.
    """

    def __init__(self, encoder: nn.Module, shape: Shape) -> None:
        super().__init__()
        self.encoder = encoder
        self.forth = nn.GRU(shape.width, shape.width // 2, batch_first=True)
        self.back = nn.GRU(shape.width, shape.width // 2, batch_first=True)
        self.end = nn.LayerNorm(shape.width)
        self.dropout = nn.Dropout(shape.dropout)
        self.heads = Heads(shape, shape.width)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """intents, places, slots, mood, vector."""
        said = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        pieces = self.dropout(said.last_hidden_state[:, 1:-1])
        mask = (
            attention_mask[:, 2:] != 0
        )  # without the token before and, in each row, the one after
        pieces = self.end(pieces + self.dropout(self._ordered(pieces, mask)))
        heads: tuple[Tensor, ...] = self.heads(self.dropout(pieces), mask)
        return heads

    def _ordered(self, pieces: Tensor, mask: Tensor) -> Tensor:
        """(texts, pieces, width) states. Each row is turned by itself, so that the way back begins at its last
        piece and not in the padding.
        """
        place = torch.ones_like(mask, dtype=torch.long).cumsum(1) - 1
        turned = torch.where(mask, mask.long().sum(1, keepdim=True) - 1 - place, place)[:, :, None]
        forth, _ = self.forth(pieces)
        back, _ = self.back(pieces.gather(1, turned.expand(-1, -1, pieces.shape[2])))
        back = back.gather(1, turned.expand(-1, -1, back.shape[2]))
        return torch.cat([forth, back], -1)


def train_bert(
    data: TrainingData, name: str, out: Path, tick: Tick, course: BertCourse | None = None
) -> dict[str, float]:
    """Train a checkpoint, by name or folder, on a pack's examples and write the folder `out`; its metrics.

    Ticks once per epoch and once more when all is written. Uses the GPU where PyTorch sees one. Raises
    PackError where the checkpoint does not fit, MissingExtra.
    """
    course = course or BertCourse()
    torch.manual_seed(course.seed)
    read = checkpoint.read(name)
    shape = Shape(
        len(data.intents),
        len(data.slots),
        width=read.width,
        vector=course.vector,
        dropout=course.dropout,
    )
    network = BertJoint(read.encoder, shape).to("cuda" if torch.cuda.is_available() else "cpu")
    meta = BertMeta(
        checkpoint=name,
        intents=data.intents,
        slots=tuple(replace(spec, words=()) for spec in data.slots),
        signature=signature(shape.intents, shape.slots, shape.vector),
        before=read.before,
        after=read.after,
        pad=read.pad,
        longest=read.longest,
        data=data.digest,
    )
    lessons = Lessons(data)
    metrics = _taught(network, lessons, Tokens(read.tokenizer, meta), course, tick)
    bert_files.write(out, network.cpu().eval(), read.tokenizer, meta, metrics)
    tick()
    return metrics


def rates(network: BertJoint, course: BertCourse) -> list[dict[str, Any]]:
    """The optimiser's groups: parameters, learning rate, decay. Scales and biases do not decay."""
    named = list(network.named_parameters())
    layers = 1 + max(_depth(name) for name, _ in named)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in named:
        rate = course.rate
        if name.startswith("encoder."):
            rate = course.top * course.fall ** (layers - 1 - _depth(name))
        decay = course.decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def mean_loss(
    network: nn.Module, lessons: Sequence[Lesson], tokens: Cuts, course: BertCourse
) -> float:
    """What the lessons still cost, without dropout."""
    device = next(network.parameters()).device
    rng = random.Random(course.seed)  # noqa: S311 - for training, not for secrets
    costs: list[float] = []
    network.eval()
    with torch.inference_mode():
        for asked in batches(lessons, tokens, course.batch, rng):
            here = asked.to(device)
            costs.append(float(loss(network(*here.inputs), here, course.smoothing)))
    return sum(costs) / len(costs)


def _taught(
    network: BertJoint, lessons: Lessons, tokens: Cuts, course: BertCourse, tick: Tick
) -> dict[str, float]:
    """Teach, and say what the same lessons cost before and after."""
    sample = lessons.epoch(random.Random(course.seed))[:_SAMPLE]  # noqa: S311 - no secrets
    before = mean_loss(network, sample, tokens, course)
    lasting = Course(
        course.epochs, course.batch, course.rate, course.decay, course.smoothing, course.seed
    )
    teach(network, lessons.epoch, tokens, lasting, tick, rates(network, course))
    after = mean_loss(network, sample, tokens, course)
    return {"loss_before": round(before, 4), "loss": round(after, 4)}


def _depth(name: str) -> int:
    """The layer that a parameter belongs to, -1 for what lies below all of them."""
    found = _LAYER.search(name)
    return int(found.group(1)) if found else -1
