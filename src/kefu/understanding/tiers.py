"""Which tiers a model folder holds, put together to a reader."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from kefu.batching import Batcher
from kefu.deadline import Deadline
from kefu.errors import KefuError
from kefu.understanding.artefact import Artefact
from kefu.understanding.cascade import Cascade, Failed, Step
from kefu.understanding.encoder import tier as encoder
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.runtimes.onnx import OnnxRuntime
from kefu.understanding.slots.forms import Forms
from kefu.understanding.tier import Guess, Question, Tier

_MOST = 32
_WAITING = 4096
_ENCODER_NEEDS_S, _ENCODER_AT_MOST_S = 0.02, 0.5


def _raise(tier: str, exc: Exception) -> None:
    raise exc


async def open_reader(
    directory: Path, failed: Failed = _raise, further: Sequence[Step] = ()
) -> Reader:
    """A reader with every tier of a folder, then `further` ones.

    Raises PackError where tier 0 is missing. Of a tier that is broken `failed` is told, and the reader does
    without it; by default its error is raised.
    """
    linear = await asyncio.to_thread(LinearTier.load, directory)
    steps: list[Step] = []
    try:
        compact = await open_encoder(directory, linear.artefact)
        if compact is not None:
            needs, most = _ENCODER_NEEDS_S, _ENCODER_AT_MOST_S
            steps.append(step(compact, compact.meta.trust, needs, most))
    except KefuError as exc:
        failed(encoder.EncoderTier.name, exc)
    forms = await asyncio.to_thread(Forms.beside, directory)
    return Reader(Cascade(linear, (*steps, *further), failed), forms)


async def open_encoder(directory: Path, linear: Artefact) -> encoder.EncoderTier | None:
    """The compact encoder of a folder, None where there is none. Raises PackError for a broken one."""
    meta = await asyncio.to_thread(encoder.read_meta, directory)
    if meta is None:
        return None
    runtime = OnnxRuntime(directory / encoder.GRAPH, encoder.signature(meta))
    await runtime.open()
    return await asyncio.to_thread(encoder.load, directory, meta, linear, runtime)


def step(tier: Tier, trust: float, needs_s: float, at_most_s: float) -> Step:
    """A tier whose concurrent callers share batches."""
    return Step(tier, trust, needs_s, at_most_s, _Batched(tier))


class _Batched:
    """Gathers the questions of concurrent callers for one tier."""

    def __init__(self, tier: Tier) -> None:
        async def run(questions: list[Question]) -> Sequence[Guess]:
            return await tier.read(questions)

        self._batcher: Batcher[Question, Guess] = Batcher(
            run, max_batch=_MOST, max_waiting=_WAITING
        )

    async def __call__(self, question: Question, deadline: Deadline) -> Guess:
        return await self._batcher.submit(question)
