"""Sarcasm at every threshold: what recall is there where four of five alarms are right?"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from readers import readers

from kefu.training.labelled import Labelled
from kefu.training.score import Score
from kefu.training.tally import Tally
from kefu.training.verdict import verdicts
from kefu.understanding import artefact
from kefu.understanding.encoder import tier as encoder

PRECISION = 0.8
THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 50))


@dataclass(frozen=True, slots=True)
class Best:
    """The best recall at the precision wanted, and the threshold that gives it."""

    recall: float
    precision: float
    threshold: float


def best(found: Sequence[tuple[float, Tally]], precision: float = PRECISION) -> Best | None:
    """The best of (threshold, tally); None where no threshold is precise enough."""
    kept = [(t.recall, t.precision, at) for at, t in found if t.hit and t.precision >= precision]
    return Best(*max(kept)) if kept else None


async def swept(model: Path, texts: Sequence[Labelled]) -> dict[str, Best | None]:
    """By reader. Chosen on the texts themselves, it is an upper bound of what is had elsewhere."""
    spoken = [one for one in texts if one.emotion is not None]
    found: dict[str, list[tuple[float, Tally]]] = {}
    for threshold, copy in _copies(model):
        async with readers(copy) as all_readers:
            for name, reader in all_readers.items():
                tally = Score(await verdicts(reader, spoken)).sarcasm()
                found.setdefault(name, []).append((threshold, tally))
    return {name: best(tallies) for name, tallies in found.items()}


def _copies(model: Path) -> Iterator[tuple[float, Path]]:
    """The same model with each threshold, one after the other in one folder."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model"
        shutil.copytree(model, copy)
        linear, compact = copy / artefact.META, copy / encoder.META
        for threshold in THRESHOLDS:
            meta = json.loads(linear.read_text("utf-8"))
            linear.write_text(json.dumps({**meta, "sarcasm": threshold}), "utf-8")
            if compact.exists():
                meta = json.loads(compact.read_text("utf-8"))
                meta["weighing"]["sarcasm"] = threshold
                compact.write_text(json.dumps(meta), "utf-8")
            yield threshold, copy
