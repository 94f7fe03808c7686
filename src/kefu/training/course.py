"""The whole training of a pack: linear tier, compact encoder, and how far which is to be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from kefu.training import augment, export, fit
from kefu.training.data import Example, TrainingData
from kefu.training.evaluate import NOW
from kefu.training.neural import encoder
from kefu.training.neural.weigh import believe
from kefu.understanding.artefact import Artefact, load
from kefu.understanding.context import ReadingContext
from kefu.understanding.encoder.tier import META, EncoderTier, Meta
from kefu.understanding.linear import LinearTier
from kefu.understanding.text import flatten
from kefu.understanding.tier import Guess, Question, Tier
from kefu.understanding.tiers import open_encoder

if TYPE_CHECKING:
    import numpy.typing as npt

Tick = Callable[[], None]
LINEAR_TICKS = 2 * fit.STEPS + 1
_LOSS = 0.003
"""How much of the encoder's accuracy the cascade may give away for speed."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training made: bytes of the linear artefact, and the encoder's description where there is one."""

    size: int
    encoder: Meta | None


def train(
    data: TrainingData,
    out: Path,
    tick: Tick,
    lecture: encoder.Lecture | None,
    unlabelled: Sequence[str] = (),
) -> Trained:
    """Train and write all tiers of a folder; without a lecture tier 0 alone.

    Ticks LINEAR_TICKS times, and as often as the lecture says.
    """
    taught, held = encoder.held_out(data)
    shown = [augment.hidden(example, held.slots) for example in (*held.examples, *held.several)]
    fitted = fit.fit(taught, tick, fit.Weighing())
    weighing = fit.weighed(fitted, shown)
    trial = LinearTier(export.ready(replace(fitted, weighing=weighing)))
    guesses = _read(trial, shown)
    true = _right(guesses, shown)
    said = np.array([guess.confidence for guess in guesses])
    weighing = replace(weighing, belief=believe(said, true))
    tick()
    size = export.write(fit.fit(data, tick, weighing), out, {})
    if lecture is None:
        (out / META).unlink(missing_ok=True)
        return Trained(size, None)
    linear = load(out)
    meta = encoder.train(data, linear, trial.artefact, out, lecture, tick, unlabelled)
    trust = asyncio.run(
        _trust(out, linear, shown, [weighing.belief.of(each) for each in said], true)
    )
    meta = msgspec.structs.replace(meta, trust=trust)
    encoder.describe(out, meta)
    return Trained(size, meta)


def _read(tier: Tier, shown: Sequence[Example]) -> Sequence[Guess]:
    context = ReadingContext(now=NOW)
    asked = [Question(flatten(example.text), context) for example in shown]
    return asyncio.run(_all(tier, asked))


async def _all(tier: Tier, asked: Sequence[Question]) -> Sequence[Guess]:
    guesses: list[Guess] = []
    for first in range(0, len(asked), 64):
        guesses += await tier.read(asked[first : first + 64])
    return guesses


def _right(guesses: Sequence[Guess], shown: Sequence[Example]) -> npt.NDArray[np.bool_]:
    return np.array(
        [
            tuple(wish.name for wish in guess.wanted) == example.intents
            for guess, example in zip(guesses, shown, strict=True)
        ]
    )


async def _trust(
    out: Path,
    linear: Artefact,
    shown: Sequence[Example],
    sure: Sequence[float],
    true: npt.NDArray[np.bool_],
) -> float:
    """The least confidence of the linear tier at which the cascade is as good as the encoder alone."""
    tier: EncoderTier | None = await open_encoder(out, linear)
    if tier is None:
        return 0.0
    context = ReadingContext(now=NOW)
    asked = [Question(flatten(example.text), context) for example in shown]
    better = _right(await _all(tier, asked), shown)
    await tier.close()
    best = 1.01
    for least in np.arange(0.99, 0.3, -0.01):
        taken = np.array(sure) >= least
        if np.where(taken, true, better).mean() < better.mean() - _LOSS:
            break
        best = float(least.round(2))
    return best
