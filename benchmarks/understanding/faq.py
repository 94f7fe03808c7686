"""How well the FAQ is found: by words, by sentence vectors, by both; on questions that nothing was taught.

    python benchmarks/understanding/faq.py
    python benchmarks/understanding/faq.py --network var/taught.pt --json var/faq.json

By default an encoder is taught here for a few epochs without one question of each entry, and those are asked.
With --network a taught one is taken (a state dict, or the mark that an interrupted training left); then its
head alone is taught again, in folds, so that every question is asked once. That network knows what the
questions intend, though not which entry they belong to: its figures flatter it.

Each question is searched for in the FAQ without itself. False hits are examples that are no questions of the
FAQ and whose score passes a threshold with an entry of another intent.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from msgspec import UNSET
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from kefu.deciding.rules import Thresholds
from kefu.knowledge.faq import WEIGHT, FaqEntry, FaqIndex, Hit
from kefu.messages import Vector
from kefu.pack.pack import load as load_pack
from kefu.training import augment
from kefu.training.data import TrainingData, load
from kefu.training.neural.encoder import Lecture
from kefu.training.neural.lessons import Lessons
from kefu.training.neural.network import Joint, Shape
from kefu.training.neural.teach import teach
from kefu.training.neural.vectors import pooled, teach_vectors
from kefu.understanding.artefact import load as load_artefact
from kefu.understanding.encoder.pieces import Cutter
from kefu.understanding.encoder.tier import SYLLABLES, cutter

ROOT = Path(__file__).parents[2]
FOLDS = 4
EXAMPLES = 2000
WAYS = {"words": 0.0, "vectors": 1.0, "both": WEIGHT}
Vectors = np.ndarray
Asked = tuple[int, str]
"""The number of an entry, and one of its questions."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One network, the questions that its head was not taught, and how it sees texts."""

    asked: Sequence[Asked]
    see: Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a search found: hits in order, and the entry's id and the intent that were wanted."""

    hits: tuple[Hit, ...]
    entry: str | None
    intent: str | None

    @property
    def rank(self) -> float:
        """The place of the entry, from 1; infinite where it is not found."""
        places = [at for at, hit in enumerate(self.hits, 1) if hit.entry.id == self.entry]
        return places[0] if places else np.inf


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    parser.add_argument("--pack", type=Path, default=ROOT / "packs" / "retail")
    parser.add_argument("--network", type=Path, help="a taught network, instead of teaching one")
    parser.add_argument("--epochs", type=int, default=3, help="of teaching; default: 3")
    parser.add_argument("--keep", type=Path, help="where the network taught here is saved")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    entries, data = load_pack(asked.pack).faq, load(asked.pack)
    pieces = _pieces(asked.pack / "model")
    trials = (
        _folds(data, pieces, asked.network)
        if asked.network
        else [_taught(data, pieces, asked.epochs, asked.keep)]
    )
    figures = _measured(entries, data, list(trials))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))
    Console().print(_table(figures))


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def _pieces(model: Path) -> Cutter:
    linear = load_artefact(model)
    if (model / SYLLABLES).exists():
        return cutter(linear, np.load(model / SYLLABLES)["syllables"])
    from kefu.training.neural.encoder import sounds

    return cutter(linear, sounds())


def _taught(data: TrainingData, pieces: Cutter, epochs: int, keep: Path | None) -> Trial:
    """A network that never saw one question of each entry."""
    asked = [(at, each[at % len(each)]) for at, each in enumerate(data.faq) if len(each) > 1]
    rest = _without(data, asked)
    network, course = _fresh(data), replace(Lecture().teaching, epochs=epochs)
    with Progress() as bar:
        task = bar.add_task("teaching", total=epochs)
        teach(network, Lessons(rest).epoch, pieces, course, lambda: bar.advance(task))
    if keep:
        torch.save(network.state_dict(), keep)
    return _trial(network, rest, pieces, asked)


def _folds(data: TrainingData, pieces: Cutter, path: Path) -> Iterator[Trial]:
    """One network, its head taught as often as there are folds."""
    state = torch.load(path, weights_only=True)
    for fold in range(FOLDS):
        network = _fresh(data)
        network.load_state_dict(state.get("network", state))
        asked = [
            (at, text)
            for at, each in enumerate(data.faq)
            for number, text in enumerate(each)
            if (at + number) % FOLDS == fold and len(each) > 1
        ]
        yield _trial(network, _without(data, asked), pieces, asked)


def _fresh(data: TrainingData) -> Joint:
    lecture = Lecture()
    torch.manual_seed(lecture.teaching.seed)
    return Joint(
        Shape(len(data.intents), len(data.slots), width=lecture.width, layers=lecture.layers)
    )


def _without(data: TrainingData, asked: Sequence[Asked]) -> TrainingData:
    gone = {text for _, text in asked}
    return replace(
        data,
        faq=tuple(tuple(text for text in each if text not in gone) for each in data.faq),
        examples=tuple(example for example in data.examples if example.text not in gone),
    )


def _trial(network: Joint, rest: TrainingData, pieces: Cutter, asked: Sequence[Asked]) -> Trial:
    teach_vectors(network, rest, pieces)

    @torch.no_grad()
    def see(texts: Sequence[str]) -> Vectors:
        found = network.heads.vector(pooled(network, texts, pieces))
        vectors: Vectors = torch.nn.functional.normalize(found, dim=1).numpy()
        return vectors

    return Trial(asked, see)


def _measured(
    entries: Sequence[FaqEntry], data: TrainingData, trials: Sequence[Trial]
) -> dict[str, dict[str, float]]:
    found: dict[str, tuple[list[Found], list[Found]]] = {way: ([], []) for way in WAYS}
    for trial in track(trials, "asking"):
        vectors = trial.see([text for entry in entries for text in entry.questions])
        for way, weight in WAYS.items():
            found[way][0].extend(_asked(entries, vectors, trial.asked, weight))
    others = _others(data)
    seen = trials[0].see([text for text, _ in others])
    known = trials[0].see([text for entry in entries for text in entry.questions])
    for way, weight in WAYS.items():
        index = FaqIndex(entries, known, weight)
        found[way][1].extend(
            Found(index.search(text, 1, _as(vector, weight)), None, intent)
            for (text, intent), vector in zip(others, seen, strict=True)
        )
    return {way: _figures(*both) for way, both in found.items()}


def _asked(
    entries: Sequence[FaqEntry], vectors: Vectors, asked: Sequence[Asked], weight: float
) -> Iterator[Found]:
    """Each question in the FAQ without itself."""
    place = {text: at for at, text in enumerate(q for e in entries for q in e.questions)}
    for number, text in asked:
        entry = entries[number]
        rest = [*entries]
        rest[number] = replace(entry, questions=tuple(q for q in entry.questions if q != text))
        index = FaqIndex(rest, np.delete(vectors, place[text], axis=0), weight)
        hits = index.search(text, len(entries), _as(vectors[place[text]], weight))
        yield Found(hits, entry.id, entry.intent)


def _as(vector: Vectors, weight: float) -> Vector:
    return tuple(vector.tolist()) if weight else UNSET


def _others(data: TrainingData) -> list[tuple[str, str]]:
    """Examples that are no questions of the FAQ, evenly from all, as the guard hands them on."""
    curated = {text for each in data.faq for text in each}
    own = [example for example in data.examples if example.text not in curated]
    return [
        (augment.hidden(example, data.slots).text, example.intents[0])
        for example in own[:: max(1, len(own) // EXAMPLES)]
    ]


def _figures(asked: Sequence[Found], others: Sequence[Found]) -> dict[str, float]:
    ranks = np.array([one.rank for one in asked])
    figures = {
        "questions": float(len(asked)),
        "top-1": float((ranks == 1).mean()),
        "top-3": float((ranks <= 3).mean()),
        "mean reciprocal rank": float((1 / ranks).mean()),
        "examples": float(len(others)),
    }
    limits = Thresholds()
    for least in (limits.faq_maybe, limits.faq_sure):
        figures[f"answered and right at {least}"] = _share(
            asked, least, lambda one: one.hits[0].entry.id == one.entry
        )
        figures[f"answered and wrong at {least}"] = _share(
            asked, least, lambda one: one.hits[0].entry.id != one.entry
        )
        figures[f"false hits at {least}"] = _share(
            others, least, lambda one: one.hits[0].entry.intent != one.intent
        )
    return figures


def _share(found: Sequence[Found], least: float, counts: Callable[[Found], bool]) -> float:
    return sum(
        bool(one.hits) and one.hits[0].score >= least and counts(one) for one in found
    ) / len(found)


def _table(figures: dict[str, dict[str, float]]) -> Table:
    table = Table("", *figures)
    for name in next(iter(figures.values())):
        values = [figures[way][name] for way in figures]
        whole = name in ("questions", "examples")
        table.add_row(name, *(f"{v:.0f}" if whole else f"{v:.2%}" for v in values))
    return table


if __name__ == "__main__":
    main()
