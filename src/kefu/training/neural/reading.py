"""Pre-training: the encoder reads unlabelled text and guesses the characters that were hidden from it.

Masked language modelling (Devlin et al. 2019). Whole neighbouring characters are hidden, for a Chinese word is
mostly two of them (Cui et al. 2021), and with them every n-gram that would give them away.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from kefu.training.neural.bookmark import Bookmark
from kefu.training.neural.network import Encoder
from kefu.training.neural.teach import Tick
from kefu.understanding.encoder.pieces import Cutter

HIDDEN = "\ue0f0"
"""Stands for a character that is to be guessed."""
_SHARE = 0.12
_PAIR = 0.6
_WORDS = 6000
_SHORT, _LONG = 4, 90


@dataclass(frozen=True, slots=True)
class ReadingCourse:
    """How long and how fast the encoder reads."""

    epochs: int = 4
    batch: int = 128
    rate: float = 1e-3
    decay: float = 0.01
    seed: int = 7


class Guessing(nn.Module):
    """The encoder with a head for characters, which is thrown away afterwards."""

    def __init__(self, encoder: Encoder, characters: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.guess = nn.Linear(encoder.width, characters)

    def forward(self, rows: Tensor, texts: Tensor, places: Tensor) -> Tensor:
        """(hidden, characters) scores of what was hidden at these places."""
        pieces, _ = self.encoder(rows)
        scores: Tensor = self.guess(pieces[texts, places])
        return scores


def pretrain(
    encoder: Encoder,
    texts: Sequence[str],
    cutter: Cutter,
    course: ReadingCourse,
    tick: Tick,
    bookmark: Bookmark | None = None,
) -> float:
    """Train in place on folded texts; the mean loss of the last epoch. Ticks once per epoch."""
    torch.manual_seed(course.seed)
    rng = random.Random(course.seed)  # noqa: S311 - for training, not for secrets
    known = _characters(texts)
    kept = [text[:_LONG] for text in texts if len(text) >= _SHORT]
    network = Guessing(encoder, len(known))
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=course.rate, weight_decay=course.decay, fused=True
    )
    steps = course.epochs * -(-len(kept) // course.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, course.rate, total_steps=steps + 1, pct_start=0.08
    )
    done = bookmark.load(network, rng, optimiser, schedule) if bookmark else 0
    for _ in range(done):
        tick()
    network.train()
    losses: list[float] = []
    for number in range(done, course.epochs):
        losses.clear()
        for group in _groups(kept, course.batch, rng):
            losses.append(_step(network, _hide(group, cutter, known, rng), optimiser))
            schedule.step()
        if bookmark:
            bookmark.save(number + 1, network, rng, optimiser, schedule)
        tick()
    network.eval()
    return sum(losses) / max(1, len(losses))


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A batch with gaps: `wanted` characters of `texts` at `places`."""

    rows: Tensor
    texts: Tensor
    places: Tensor
    wanted: Tensor


def _step(network: Guessing, asked: _Hidden, optimiser: torch.optim.Optimizer) -> float:
    optimiser.zero_grad(set_to_none=True)
    if not len(asked.wanted):
        optimiser.step()
        return 0.0
    with torch.autocast("cpu", dtype=torch.bfloat16):
        said = network(asked.rows, asked.texts, asked.places)
    loss = nn.functional.cross_entropy(said.float(), asked.wanted)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _characters(texts: Sequence[str]) -> dict[str, int]:
    """The commonest characters, the ones that are worth guessing."""
    counts = Counter(char for text in texts for char in text if not char.isspace())
    return {char: at for at, (char, _) in enumerate(counts.most_common(_WORDS))}


def _groups(texts: Sequence[str], size: int, rng: random.Random) -> Iterator[list[str]]:
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]) + rng.random() * 6)
    groups = [order[at : at + size] for at in range(0, len(order), size)]
    rng.shuffle(groups)
    for group in groups:
        yield [texts[at] for at in group]


def _hide(
    texts: Sequence[str], cutter: Cutter, known: dict[str, int], rng: random.Random
) -> _Hidden:
    hidden = [_masked(text, rng) for text in texts]
    pieces = cutter.cut([text for text, _ in hidden])
    rows: list[int] = []
    columns: list[int] = []
    wanted: list[int] = []
    for at, (_, places) in enumerate(hidden):
        starts = pieces.starts[at, : pieces.sizes[at]]
        for place in places:
            word = known.get(texts[at][place])
            column = int(np.searchsorted(starts, place))
            if word is not None and column < len(starts) and starts[column] == place:
                rows.append(at)
                columns.append(column)
                wanted.append(word)
    return _Hidden(
        torch.from_numpy(pieces.rows).long(),
        torch.tensor(rows, dtype=torch.long),
        torch.tensor(columns, dtype=torch.long),
        torch.tensor(wanted, dtype=torch.long),
    )


def _masked(text: str, rng: random.Random) -> tuple[str, list[int]]:
    """The text with gaps in its Chinese, and where they are."""
    chars = list(text)
    places: list[int] = []
    at = 0
    while at < len(chars):
        if not chars[at].isascii() and rng.random() < _SHARE:
            for place in range(at, min(len(chars), at + (2 if rng.random() < _PAIR else 1))):
                if not chars[place].isascii():
                    chars[place] = HIDDEN
                    places.append(place)
            at += 2
        at += 1
    return "".join(chars), places
