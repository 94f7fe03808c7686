"""Trains a joint network on lessons: wishes, their places, slots, mood."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from kefu.training.neural.bookmark import Bookmark
from kefu.training.neural.lessons import UNKNOWN, Lesson

Tick = Callable[[], None]
MOST = 3
"""Wishes of one text that are learnt from."""
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast: `rate` is the peak learning rate of a one-cycle schedule."""

    epochs: int = 12
    batch: int = 96
    rate: float = 2e-3
    decay: float = 0.02
    smoothing: float = 0.05
    seed: int = 1


class Cut(Protocol):
    """Texts as a network sees them: what it takes, and (texts, pieces) places of the pieces in the texts."""

    @property
    def inputs(self) -> tuple[npt.NDArray[Any], ...]: ...
    @property
    def starts(self) -> npt.NDArray[np.int32]: ...
    @property
    def ends(self) -> npt.NDArray[np.int32]: ...
    @property
    def sizes(self) -> npt.NDArray[np.int64]: ...


class Cuts(Protocol):
    """Cuts folded texts: the compact encoder's Cutter, or a checkpoint's Tokens."""

    def cut(self, texts: Sequence[str]) -> Cut: ...


@dataclass(slots=True)
class Batch:
    """One step's tensors. `inputs` are the network's; `parts` is (texts, MOST, pieces) which pieces belong
    to wish k, `wanted` its intent.
    """

    inputs: tuple[Tensor, ...]
    parts: Tensor
    wanted: Tensor
    begins: Tensor
    tags: Tensor
    mood: Tensor
    sarcasm: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        inputs, *rest = (getattr(self, field.name) for field in fields(self))
        return Batch(tuple(each.to(device) for each in inputs), *(each.to(device) for each in rest))


Doubts = Callable[[Sequence[Tensor], Batch], Tensor]
"""What the network said of a batch, and the batch, to a loss."""


def batch(lessons: Sequence[Lesson], cutter: Cuts) -> Batch:
    """Lessons as tensors."""
    pieces = cutter.cut([lesson.text for lesson in lessons])
    texts, size = pieces.starts.shape
    real = np.arange(size) < pieces.sizes[:, None]
    parts = np.zeros((texts, MOST, size), bool)
    wanted = np.full((texts, MOST), _IGNORED, np.int64)
    begins = np.full((texts, size), -1.0, np.float32)
    tags = np.full((texts, size), _IGNORED, np.int64)
    for at, lesson in enumerate(lessons):
        starts, ends = pieces.starts[at], pieces.ends[at]
        if lesson.wishes is not None:
            begins[at][real[at]] = 0.0
            for number, (start, end, intent) in enumerate(lesson.wishes[:MOST]):
                inside = real[at] & (starts >= start) & (starts < end)
                if inside.any():
                    parts[at, number], wanted[at, number] = inside, intent
                    if number:
                        begins[at, int(inside.argmax())] = 1.0
            begins[at, 0] = -1.0
        if lesson.marks is not None:
            tags[at][real[at]] = 0
            for start, end, slot in lesson.marks:
                inside = np.flatnonzero(real[at] & (starts < end) & (ends > start))
                tags[at, inside] = 2 * slot + 2
                tags[at, inside[:1]] = 2 * slot + 1
    return Batch(
        tuple(torch.from_numpy(each).long() for each in pieces.inputs),
        torch.from_numpy(parts),
        torch.from_numpy(wanted),
        torch.from_numpy(begins),
        torch.from_numpy(tags),
        torch.tensor([lesson.mood for lesson in lessons]),
        torch.tensor([float(lesson.sarcasm) for lesson in lessons]),
    )


def batches(
    lessons: Sequence[Lesson], cutter: Cuts, size: int, rng: random.Random
) -> Iterator[Batch]:
    """Batches of texts of like length, in random order."""
    order = sorted(range(len(lessons)), key=lambda at: len(lessons[at].text) + rng.random() * 6)
    groups = [order[at : at + size] for at in range(0, len(order), size)]
    rng.shuffle(groups)
    for group in groups:
        yield batch([lessons[at] for at in group], cutter)


def wishes(intents: Tensor, places: Tensor, parts: Tensor) -> Tensor:
    """(texts, MOST, intents): each wish by attention over its own pieces."""
    weights = places[:, None, :, 0].masked_fill(~parts, -1e4).softmax(-1)
    return weights @ intents


def loss(said: Sequence[Tensor], asked: Batch, smoothing: float) -> Tensor:
    """What is to become small."""
    intents, places, slots, mood, _ = (tensor.float() for tensor in said)
    scored = wishes(intents, places, asked.parts)
    total = 0.0 * intents.sum()
    if (asked.wanted != _IGNORED).any():
        total = total + functional.cross_entropy(
            scored.flatten(0, 1),
            asked.wanted.flatten(),
            ignore_index=_IGNORED,
            label_smoothing=smoothing,
        )
    known = asked.begins >= 0
    if known.any():
        total = total + 4.0 * functional.binary_cross_entropy_with_logits(
            places[:, :, 1][known], asked.begins[known], pos_weight=places.new_tensor(2.0)
        )
    if (asked.tags != _IGNORED).any():
        total = total + 2.0 * functional.cross_entropy(
            slots.flatten(0, 1), asked.tags.flatten(), ignore_index=_IGNORED
        )
    felt = asked.mood != UNKNOWN
    if felt.any():
        total = total + 0.5 * functional.cross_entropy(
            mood[felt, :3], asked.mood[felt], label_smoothing=smoothing
        )
        total = total + 0.5 * functional.binary_cross_entropy_with_logits(
            mood[felt, 3], asked.sarcasm[felt]
        )
    return total


def teach(
    network: nn.Module,
    epoch: Callable[[random.Random], Sequence[Lesson]],
    cutter: Cuts,
    course: Course,
    tick: Tick,
    groups: Iterable[dict[str, Any]] | None = None,
    bookmark: Bookmark | None = None,
    doubts: Doubts | None = None,
) -> None:
    """Train in place, on the network's device. Ticks once per epoch.

    `groups` are the optimiser's groups of parameters, where not all learn at the course's rate. With a
    bookmark, an interrupted training goes on after its last whole epoch. `doubts` is a further loss that
    counts half: what teachers think.
    """
    torch.manual_seed(course.seed)
    rng = random.Random(course.seed)  # noqa: S311 - for training, not for secrets
    device = next(network.parameters()).device
    optimiser = torch.optim.AdamW(
        groups or network.parameters(), lr=course.rate, weight_decay=course.decay, fused=True
    )
    rates = [group["lr"] for group in optimiser.param_groups]
    steps = -(-len(epoch(random.Random(course.seed))) // course.batch)  # noqa: S311 - only counted
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, total_steps=int(steps * course.epochs * 1.02) + 8, pct_start=0.15
    )
    kept = (optimiser, schedule)
    done = bookmark.load(network, rng, *kept) if bookmark else 0
    for _ in range(done):
        tick()
    network.train()
    for number in range(done, course.epochs):
        lessons = epoch(rng)
        for asked in batches(lessons, cutter, course.batch, rng):
            asked = asked.to(device)
            with torch.autocast(device.type, dtype=torch.bfloat16):
                said = network(*asked.inputs)
            total = loss(said, asked, course.smoothing)
            if doubts is not None:
                total = 0.5 * total + 0.5 * doubts(said, asked)
            optimiser.zero_grad(set_to_none=True)
            total.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        if bookmark:
            bookmark.save(number + 1, network, rng, *kept)
        tick()
    network.eval()
