"""Tier 1: the compact encoder over ONNX Runtime. Small enough to ship, exact enough to be asked often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import numpy as np

from kefu.errors import PackError
from kefu.understanding.artefact import Artefact
from kefu.understanding.concepts import LANGUAGE
from kefu.understanding.encoder import joint
from kefu.understanding.encoder.joint import Said, Weighing
from kefu.understanding.encoder.lexicon import Lexicon
from kefu.understanding.encoder.pieces import WIDTH, Cutter, Pieces
from kefu.understanding.linear import opinion
from kefu.understanding.runtimes.port import FREE, Runtime, Signature, TensorSpec
from kefu.understanding.tier import Guess, Question, Vectors

FORMAT = 1
_PLANE = (1 << 16,)
"""The shape of the table of syllables: a number per character of the first plane."""
GRAPH, SYLLABLES, META = "encoder.onnx", "encoder.npz", "encoder.json"


class Meta(msgspec.Struct, frozen=True):
    """What describes an encoder. `data` is the digest of its examples, that of the linear model beside it."""

    intents: tuple[str, ...]
    slots: tuple[str, ...]
    weighing: Weighing
    data: str
    trust: float = 0.9
    """The linear tier's least confidence at which the encoder need not be asked."""
    metrics: Mapping[str, float] = {}
    vectors: bool = False
    """Whether its sentence vectors were taught to tell questions apart; else it gives none."""
    format: int = FORMAT


class EncoderTier:
    """Reads a batch of texts with one run of the graph."""

    name = "encoder"

    def __init__(self, meta: Meta, cutter: Cutter, linear: Artefact, runtime: Runtime) -> None:
        self.meta = meta
        self._cutter = cutter
        self._linear = linear
        self._runtime = runtime

    async def read(self, questions: Sequence[Question]) -> Sequence[Guess]:
        """A guess per question. Raises what the runtime raises."""
        pieces = self._cutter.cut([asked.flat.text for asked in questions])
        tensors = await self._runtime.run({"rows": pieces.rows})
        meta = self.meta
        guesses = [
            guess(share(pieces, tensors, at), asked, meta.intents, meta.weighing, self._linear)
            for at, asked in enumerate(questions)
        ]
        if not meta.vectors:
            return guesses
        vectors = map(tuple, tensors["vector"].tolist())
        return [replace(each, vector=vector) for each, vector in zip(guesses, vectors, strict=True)]

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """(texts, V) sentence vectors of flat texts. Raises what the runtime raises."""
        found: Vectors = (await self._runtime.run({"rows": self._cutter.cut(texts).rows}))["vector"]
        return found

    async def close(self) -> None:
        """Let go of the model."""
        await self._runtime.close()


def guess(
    said: Said, asked: Question, labels: Sequence[str], weighing: Weighing, linear: Artefact
) -> Guess:
    """What the joint heads said of one text, as the cascade takes it; the linear model has its say.

    Without the sentence vector: those of one tier say nothing beside those of another.
    """
    flat = asked.flat
    second = partial(opinion, linear, flat.text)
    wanted, raw = joint.wishes(said, labels, weighing, second, flat.text)
    # A text without pieces has one of padding, at its first character.
    tagging = joint.tagging(said, max(1, len(flat.text)))
    seen = linear.finder.settle(flat, tagging, asked.context.now)
    return Guess(
        wanted,
        seen.slots,
        joint.emotion(said, weighing.sarcasm),
        weighing.belief.of(raw),
    )


def signature(meta: Meta) -> Signature:
    """What the graph takes and gives."""
    lengths = {"intents": len(meta.intents), "places": 2, "slots": 2 * len(meta.slots) + 1}
    pieces = (TensorSpec(name, "float32", (FREE, FREE, size)) for name, size in lengths.items())
    whole = (
        TensorSpec("mood", "float32", (FREE, 4)),
        TensorSpec("vector", "float32", (FREE, FREE)),
    )
    return Signature((TensorSpec("rows", "int32", (FREE, FREE, WIDTH)),), (*pieces, *whole))


def share(pieces: Pieces, tensors: Mapping[str, np.ndarray], at: int) -> Said:
    """Text number `at`'s part of a batch, without padding."""
    size = max(1, int(pieces.sizes[at]))
    intents, places, slots = (tensors[name][at, :size] for name in joint.NAMES[:3])
    return Said(
        pieces.starts[at, :size],
        pieces.ends[at, :size],
        intents,
        places,
        slots,
        tensors["mood"][at],
        tensors["vector"][at],
    )


def cutter(linear: Artefact, syllables: np.ndarray) -> Cutter:
    """The cutter that sees the words of a pack."""
    words = {spec.name: linear.meta.words.get(spec.name, ()) for spec in linear.meta.slots}
    return Cutter(syllables, Lexicon(words, {**linear.meta.concepts, **LANGUAGE}))


def read_meta(directory: Path) -> Meta | None:
    """The description of the encoder in a directory, None where there is none; PackError for a damaged one."""
    path = directory / META
    if not path.exists():
        return None
    try:
        meta = msgspec.json.decode(path.read_bytes(), type=Meta)
    except (OSError, msgspec.DecodeError) as exc:
        raise PackError(f"{path}: {exc}; make it anew with: kefu train PACK") from exc
    if meta.format != FORMAT:
        raise PackError(
            f"{path}: format {meta.format}, this version reads {FORMAT}: kefu train PACK"
        )
    return meta


def load(directory: Path, meta: Meta, linear: Artefact, runtime: Runtime) -> EncoderTier:
    """The encoder that `meta` describes. Raises PackError naming file and remedy."""
    if meta.data != linear.meta.data:
        raise PackError(
            f"{directory / META}: trained on other examples than the linear model beside it: kefu train PACK"
        )
    return EncoderTier(meta, cutter(linear, _syllables(directory / SYLLABLES)), linear, runtime)


def _syllables(path: Path) -> np.ndarray:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            table: np.ndarray = stored["syllables"]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as exc:
        raise PackError(f"{path}: {exc}; make it anew with: kefu train PACK") from exc
    if table.shape != _PLANE:
        raise PackError(f"{path}: {table.shape}, not {_PLANE}; make it anew with: kefu train PACK")
    return table
