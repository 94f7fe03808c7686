"""The trained artefact on disk: `model.npz` (plain arrays, never pickled) and `meta.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np

from kefu.errors import PackError
from kefu.understanding.belief import Belief
from kefu.understanding.concepts import Concepts
from kefu.understanding.gazetteer import Gazetteer
from kefu.understanding.moods import MoodReader
from kefu.understanding.sentences import Floats, SentenceModel
from kefu.understanding.slots.finder import SlotFinder
from kefu.understanding.slots.specs import SlotSpec
from kefu.understanding.tagging import Tagger, allowed
from kefu.understanding.wishes import Grouper, Price

FORMAT = 1
ARRAYS, META = "model.npz", "meta.json"


class Meta(msgspec.Struct, frozen=True):
    """What describes an artefact. `data` is the SHA-256 of what it was trained on, `metrics` are held-out."""

    intents: tuple[str, ...]
    slots: tuple[SlotSpec, ...]
    words: Mapping[str, tuple[str, ...]]
    concepts: Mapping[str, tuple[str, ...]]
    sharpness: float
    price: Price
    sarcasm: float
    data: str
    metrics: Mapping[str, float] = {}
    belief: Belief = Belief()
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Artefact:
    """A loaded model, ready to read."""

    meta: Meta
    sentences: SentenceModel
    grouper: Grouper
    finder: SlotFinder
    moods: MoodReader


def load(directory: Path) -> Artefact:
    """Read an artefact. Raises PackError where there is none or it is not ours."""
    try:
        meta = msgspec.json.decode((directory / META).read_bytes(), type=Meta)
        with (
            (directory / ARRAYS).open("rb") as file,
            np.load(file, allow_pickle=False) as stored,
        ):
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, EOFError, ValueError, BadZipFile, msgspec.DecodeError) as exc:
        raise PackError(
            f"{directory}: no trained model ({exc}); make one with: kefu train PACK"
        ) from exc
    if meta.format != FORMAT:
        raise PackError(
            f"{directory}: model format {meta.format}, this version reads {FORMAT}: kefu train PACK"
        )
    return assemble(meta, arrays)


def assemble(meta: Meta, arrays: Mapping[str, Any]) -> Artefact:
    """Models out of their arrays."""
    names = tuple(spec.name for spec in meta.slots)
    gazetteer = Gazetteer(names, meta.words)
    tagger = Tagger(_widened(arrays["tags"], arrays["tags_scale"]), _steps(arrays), names)
    return Artefact(
        meta=meta,
        sentences=_sentences(arrays, Concepts(meta.concepts)),
        grouper=Grouper(meta.intents, meta.sharpness, meta.price),
        finder=SlotFinder(meta.slots, tagger, gazetteer),
        moods=MoodReader(arrays["cues"].astype(np.float32), meta.sarcasm),
    )


def _sentences(arrays: Mapping[str, Any], concepts: Concepts) -> SentenceModel:
    frequency = arrays["idf"].astype(np.float32)[:, None]
    weights = _widened(arrays["weights"], arrays["weights_scale"]) * frequency
    table = np.zeros((len(frequency) + 1, weights.shape[1] + 1), np.float32)
    table[1:, :-1] = weights
    table[1:, -1:] = frequency * frequency
    names = arrays["vocabulary"].tobytes().decode().split("\n")
    vocabulary = {name: row for row, name in enumerate(names, start=1)}
    return SentenceModel(vocabulary, concepts, table, arrays["bias"].astype(np.float32))


def _widened(small: Any, scale: Any) -> Floats:
    wide: Floats = small.astype(np.float32) * scale.astype(np.float32)
    return wide


def _steps(arrays: Mapping[str, Any]) -> Floats:
    learnt: Floats = arrays["steps"].astype(np.float32)
    return learnt + allowed(len(learnt))
