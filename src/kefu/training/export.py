"""What was learnt, made small: eight-bit weights with a scale per column, and the description beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kefu.training.fit import Fitted
from kefu.understanding.artefact import ARRAYS, META, Artefact, Meta, assemble
from kefu.understanding.sentences import Floats

_LIMIT = 127


def describe(fitted: Fitted, metrics: Mapping[str, float]) -> Meta:
    """The artefact's meta.json."""
    data, weighing = fitted.data, fitted.weighing
    return Meta(
        intents=data.intents,
        slots=tuple(replace(spec, words=()) for spec in data.slots),
        words=fitted.words,
        concepts=data.concepts,
        sharpness=weighing.sharpness,
        price=weighing.price,
        sarcasm=weighing.sarcasm,
        data=data.digest,
        metrics=metrics,
        belief=weighing.belief,
    )


def pack(fitted: Fitted) -> dict[str, Any]:
    """The artefact's arrays."""
    weights, weights_scale = _small(
        np.concatenate([fitted.linear.weights, fitted.moods.weights], axis=1)
    )
    tags, tags_scale = _small(fitted.tags)
    names = "\n".join(
        sorted(fitted.linear.known.columns, key=fitted.linear.known.columns.__getitem__)
    )
    return {
        "vocabulary": np.frombuffer(names.encode(), np.uint8),
        "idf": fitted.linear.known.idf.astype(np.float16),
        "weights": weights,
        "weights_scale": weights_scale,
        "bias": np.concatenate([fitted.linear.bias, fitted.moods.bias]),
        "cues": fitted.moods.cues.astype(np.float32),
        "tags": tags,
        "tags_scale": tags_scale,
        "steps": fitted.steps,
    }


def ready(fitted: Fitted, metrics: Mapping[str, float] | None = None) -> Artefact:
    """The artefact in memory, as it will be read from disk."""
    return assemble(describe(fitted, metrics or {}), pack(fitted))


def write(fitted: Fitted, directory: Path, metrics: Mapping[str, float]) -> int:
    """Write an artefact; its size in bytes."""
    directory.mkdir(parents=True, exist_ok=True)
    arrays, meta = directory / ARRAYS, directory / META
    np.savez_compressed(arrays, **pack(fitted))
    encoded = msgspec.json.format(msgspec.json.encode(describe(fitted, metrics)), indent=1)
    meta.write_bytes(encoded + b"\n")
    return arrays.stat().st_size + meta.stat().st_size


def _small(weights: Floats) -> tuple[Any, Any]:
    """(rows, columns) int8 and (columns,) scales. One column shares one scale, so sums keep their order."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / _LIMIT
    return np.round(weights / scale).astype(np.int8), scale.astype(np.float32)
