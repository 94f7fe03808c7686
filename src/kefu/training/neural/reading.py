"""Pre-training: the encoder reads unlabelled text and guesses the characters that were hidden from it.

Masked language modelling (Devlin et al. 2019). Whole neighbouring characters are hidden, for a Chinese word is
mostly two of them (Cui et al. 2021), and with them every n-gram that would give them away.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from kefu.training.neural.network import Encoder
from kefu.understanding.encoder.pieces import Cutter

HIDDEN = "\ue0f0"
"""Stands for a character that is to be guessed."""
_SHARE = 0.18
_PAIR = 0.6
_WORDS = 6000
_SHORT, _LONG = 4, 90


def vocabulary(texts: Sequence[str], most: int = _WORDS) -> dict[str, int]:
    """The commonest characters, the ones that are worth guessing."""
    counts = Counter(char for text in texts for char in text if not char.isspace())
    return {char: at for at, (char, _) in enumerate(counts.most_common(most))}


def pretrain(
    encoder: Encoder,
    texts: Sequence[str],
    cutter: Cutter,
    tick: Callable[[float], None],
    *,
    epochs: int,
    size: int = 128,
    rate: float = 1e-3,
    seed: int = 7,
) -> None:
    """Train in place on folded texts; tells `tick` the mean loss now and then."""
    torch.manual_seed(seed)
    rng = random.Random(seed)  # noqa: S311 - for training, not for secrets
    known = vocabulary(texts)
    kept = [text[:_LONG] for text in texts if len(text) >= _SHORT]
    guess = nn.Linear(encoder.width, len(known))
    parameters = [*encoder.parameters(), *guess.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01, fused=True)
    steps = epochs * -(-len(kept) // size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=steps + 1, pct_start=0.08
    )
    encoder.train()
    losses: list[float] = []
    for _ in range(epochs):
        for group in _groups(kept, size, rng):
            rows, places, wanted = _hide(group, cutter, known, rng)
            if not len(wanted):
                continue
            with torch.autocast("cpu", dtype=torch.bfloat16):
                pieces, _ = encoder(rows)
                said = guess(pieces[places[0], places[1]])
            loss = nn.functional.cross_entropy(said.float(), wanted)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
            if len(losses) == 50:
                tick(sum(losses) / 50)
                losses.clear()


def _groups(texts: Sequence[str], size: int, rng: random.Random) -> Iterator[list[str]]:
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]) + rng.random() * 6)
    groups = [order[at : at + size] for at in range(0, len(order), size)]
    rng.shuffle(groups)
    for group in groups:
        yield [texts[at] for at in group]


def _hide(
    texts: Sequence[str], cutter: Cutter, known: dict[str, int], rng: random.Random
) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
    hidden = [_masked(text, rng) for text in texts]
    pieces = cutter.cut([text for text, _ in hidden])
    rows, columns, wanted = [], [], []
    for at, (text, places) in enumerate(hidden):
        starts = pieces.starts[at, : pieces.sizes[at]]
        for place in places:
            word = known.get(texts[at][place])
            column = int(np.searchsorted(starts, place))
            if word is not None and column < len(starts) and starts[column] == place:
                rows.append(at)
                columns.append(column)
                wanted.append(word)
        del text
    return (
        torch.from_numpy(pieces.rows).long(),
        (torch.tensor(rows, dtype=torch.long), torch.tensor(columns, dtype=torch.long)),
        torch.tensor(wanted, dtype=torch.long),
    )


def _masked(text: str, rng: random.Random) -> tuple[str, list[int]]:
    chars = list(text)
    places: list[int] = []
    at = 0
    while at < len(chars):
        if not chars[at].isascii() and rng.random() < _SHARE / 1.6:
            for place in range(at, min(len(chars), at + (2 if rng.random() < _PAIR else 1))):
                if not chars[place].isascii():
                    chars[place] = HIDDEN
                    places.append(place)
            at += 2
        at += 1
    return "".join(chars), places
