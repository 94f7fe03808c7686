"""Which tiers a model folder and its operator have, put together to a reader."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kefu.deadline import Deadline
from kefu.errors import KefuError, ModelError, PackError, SettingsError
from kefu.lanes.batcher import LaneBatcher
from kefu.understanding import bert
from kefu.understanding.artefact import Artefact
from kefu.understanding.bert_tier import BertTier
from kefu.understanding.cascade import Cascade, Failed, Step
from kefu.understanding.encoder import tier as encoder
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.runtimes.inference_protocol import InferenceProtocol, ModelServer
from kefu.understanding.runtimes.onnx import OnnxRuntime
from kefu.understanding.runtimes.port import Runtime
from kefu.understanding.runtimes.torchscript import TorchScriptRuntime
from kefu.understanding.slots.forms import Forms
from kefu.understanding.slots.specs import SlotSpec
from kefu.understanding.tier import Guess, Question, Tier

BERT = "bert"
"""The folder of tier 2 inside a model folder."""
_FILES = {"onnx": bert.ONNX, "int8": bert.SMALL_ONNX, "torchscript": bert.TORCHSCRIPT}


@dataclass(frozen=True, slots=True)
class Patience:
    """When a tier is asked: seconds that must be left, and how long it may take."""

    needs_s: float
    at_most_s: float


ENCODER = Patience(0.02, 0.5)
LARGE = Patience(0.15, 1.0)
LANGUAGE_MODEL = Patience(2.0, 8.0)


@dataclass(frozen=True, slots=True)
class Further:
    """What the operator wants beyond the pack's own tiers.

    `bert` is "" for none, "onnx", "int8" or "torchscript" for PACK/model/bert in this process, or a server.
    """

    bert: str | ModelServer = ""
    language_model: Tier | None = None


def _raise(tier: str, exc: Exception) -> None:
    raise exc


async def open_reader(
    directory: Path, failed: Failed = _raise, further: Further | None = None
) -> Reader:
    """A reader with every tier of a folder, then the further ones.

    Raises PackError where tier 0 is missing. Of a tier that is broken `failed` is told, and the reader does
    without it; by default its error is raised.
    """
    further = further or Further()
    linear = await asyncio.to_thread(LinearTier.load, directory)
    steps: list[Step] = []
    trust = _UNSURE
    try:
        compact = await open_encoder(directory, linear.artefact)
        if compact is not None:
            trust = compact.meta.trust
            vectors = compact.vectors if compact.meta.vectors else None
            steps.append(replace(_batched(compact, trust, ENCODER), vectors=vectors))
    except KefuError as exc:
        failed(encoder.EncoderTier.name, exc)
    try:
        if further.bert:
            large = await _open_bert(directory / BERT, linear.artefact, further.bert, failed)
            steps.append(_batched(large, trust, LARGE))
    except KefuError as exc:
        failed(BertTier.name, exc)
    if further.language_model is not None:
        steps.append(_alone(further.language_model, _UNSURE, LANGUAGE_MODEL))
    forms = await asyncio.to_thread(Forms.beside, directory)
    return Reader(Cascade(linear, steps, failed), forms)


_UNSURE = 0.6
"""Below this confidence a dear tier is worth its price."""


async def open_encoder(directory: Path, linear: Artefact) -> encoder.EncoderTier | None:
    """The compact encoder of a folder, None where there is none. Raises PackError for a broken one."""
    meta = await asyncio.to_thread(encoder.read_meta, directory)
    if meta is None:
        return None
    runtime = OnnxRuntime(directory / encoder.GRAPH, encoder.signature(meta))
    await runtime.open()
    return await asyncio.to_thread(encoder.load, directory, meta, linear, runtime)


async def _open_bert(
    directory: Path, linear: Artefact, where: str | ModelServer, failed: Failed
) -> BertTier:
    meta = await asyncio.to_thread(bert.load_meta, directory)
    if (meta.intents, _names(meta.slots)) != (linear.meta.intents, _names(linear.meta.slots)):
        raise PackError(
            f"{directory}: trained on other intents or slots than the pack has now; "
            "train it again: kefu train PACK --checkpoint NAME"
        )
    tokens = await asyncio.to_thread(bert.load_tokens, directory, meta)
    runtime = await _runtime(directory, meta, where)
    try:
        await runtime.open()
    except ModelError as exc:  # a server that is down may come back: it is asked all the same
        failed(BertTier.name, exc)
    return BertTier(meta, tokens, linear, runtime)


def _names(slots: Sequence[SlotSpec]) -> list[str]:
    return [spec.name for spec in slots]


async def _runtime(directory: Path, meta: bert.BertMeta, where: str | ModelServer) -> Runtime:
    if isinstance(where, ModelServer):
        return InferenceProtocol(where, meta.signature)
    if where not in _FILES:
        known = ", ".join(_FILES)
        raise SettingsError(f"understanding.bert: {where!r} is neither an address nor {known}")
    path = await asyncio.to_thread(bert.whole, directory, _FILES[where], meta)
    if where == "torchscript":
        return TorchScriptRuntime(path, meta.signature)
    return OnnxRuntime(path, meta.signature)


def served_name(directory: Path) -> str:
    """The name that training gave the tier-2 model of a model folder. Raises PackError where there is none."""
    return bert.load_meta(directory / BERT).served_name


def _batched(tier: Tier, trust: float, patience: Patience) -> Step:
    """A tier whose concurrent callers share batches: texts of like length together, VIPs first."""

    async def run(questions: list[Question]) -> Sequence[Guess]:
        return await tier.read(questions)

    batcher: LaneBatcher[Question, Guess] = LaneBatcher(run)

    async def ask(question: Question, deadline: Deadline) -> Guess:
        text, now = question.flat.text, question.context.now
        return await batcher.submit(
            question,
            max(1, len(text)),
            float(question.context.vip),
            key=(text, now.date()),
            deadline=deadline,
        )

    return Step(tier, trust, patience.needs_s, patience.at_most_s, ask, close=batcher.close)


def _alone(tier: Tier, trust: float, patience: Patience) -> Step:
    """A tier that is asked one question at a time: its failure is one customer's, not a batch's."""

    async def ask(question: Question, deadline: Deadline) -> Guess:
        return (await tier.read([question]))[0]

    return Step(tier, trust, patience.needs_s, patience.at_most_s, ask, single=True)
