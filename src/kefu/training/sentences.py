"""Trains the sentence model: one-vs-rest logistic regression for intents, and the mood columns beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from kefu.errors import MissingExtra
from kefu.messages import Mood
from kefu.training.data import Example, MoodExample
from kefu.training.rows import Counts, Vocabulary, clauses, count, matrix, vocabulary
from kefu.understanding.concepts import Concepts
from kefu.understanding.moods import MOODS, cues
from kefu.understanding.sentences import Floats, SentenceModel
from kefu.understanding.text import flatten
from kefu.understanding.wishes import Grouper, Price

try:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
except ImportError as exc:  # pragma: no cover  # the base install has no scikit-learn
    raise MissingExtra("scikit-learn", "train") from exc

Tick = Callable[[], None]
_STRENGTH = 30.0
_MOOD_STRENGTH = 4.0
_CUE_SCALE = 1.0
"""Cues are few and sure beside thousands of n-grams; this keeps either from drowning the other."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text, or the clauses of one wish, with its intent."""

    counts: Counts
    intent: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Linear:
    """(features, columns) weights over idf-weighted, normalised counts, and (columns,) bias."""

    known: Vocabulary
    concepts: Concepts
    weights: Floats
    bias: Floats

    def reader(self) -> SentenceModel:
        """The same model as the reader runs it."""
        idf = self.known.idf[:, None]
        table = np.zeros((len(idf) + 1, self.weights.shape[1] + 1), np.float32)
        table[1:, :-1] = self.weights * idf
        table[1:, -1:] = idf * idf
        columns = {name: at + 1 for name, at in self.known.columns.items()}
        return SentenceModel(columns, self.concepts, table, self.bias)


@dataclass(frozen=True, slots=True)
class Moods:
    """Mood columns: (features, 4) n-gram weights, (CUES, 4) cue weights, (4,) bias."""

    weights: Floats
    cues: Floats
    bias: Floats


def fit_intents(
    rows: Sequence[Row], labels: Sequence[str], known: Vocabulary, concepts: Concepts
) -> Linear:
    """Train one column per label."""
    model = OneVsRestClassifier(
        LogisticRegression(solver="liblinear", C=_STRENGTH, random_state=1, tol=1e-2)
    )
    wanted = np.array([labels.index(row.intent) for row in rows])
    table = matrix([row.counts for row in rows], known)
    keep = np.concatenate([[at] * max(1, round(row.weight)) for at, row in enumerate(rows)])
    model.fit(table[keep], wanted[keep])
    weights = np.zeros((len(known.idf), len(labels)), np.float32)
    bias = np.full(len(labels), -9.0, np.float32)
    for column, estimator in zip(model.classes_, model.estimators_, strict=True):
        weights[:, column] = estimator.coef_[0]
        bias[column] = estimator.intercept_[0]
    return Linear(known, concepts, weights, bias)


def single(example: Example, concepts: Concepts, weight: float = 1.0) -> Row:
    """A row of an example with one intent."""
    return Row(count(clauses(example.text), concepts), example.intents[0], weight)


def marked(example: Example, concepts: Concepts) -> list[Row]:
    """Rows of an example with several intents whose beginnings somebody marked."""
    bounds = [0, *example.begins, len(example.text)]
    pieces = (example.text[start:end] for start, end in pairwise(bounds))
    return [
        Row(count(clauses(piece), concepts), intent)
        for piece, intent in zip(pieces, example.intents, strict=True)
    ]


def parted(example: Example, model: Linear, labels: Sequence[str]) -> list[Row]:
    """Rows of an example with several intents: its clauses shared out in order, as the model likes best."""
    pieces = clauses(example.text)
    if len(pieces) < len(example.intents):
        return []
    reader = model.reader()
    totals = reader.sums(pieces)
    best = max(
        _partings(len(pieces), len(example.intents)),
        key=lambda ends: _liking(reader, totals, ends, [labels.index(i) for i in example.intents]),
    )
    starts = (0, *best[:-1])
    return [
        Row(count(pieces[start:end], model.concepts), intent)
        for start, end, intent in zip(starts, best, example.intents, strict=True)
    ]


def _partings(pieces: int, parts: int, start: int = 0) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (pieces,)
        return
    for end in range(start + 1, pieces - parts + 2):
        for rest in _partings(pieces, parts - 1, end):
            yield (end, *rest)


def _liking(
    reader: SentenceModel, totals: Floats, ends: Sequence[int], wanted: Sequence[int]
) -> float:
    logits = reader.logits(totals[list(ends)] - totals[[0, *ends[:-1]]])
    chances = Grouper((), 1.0, Price()).chances(logits)
    return float(chances[range(len(wanted)), list(wanted)].sum())


def fit_moods(examples: Sequence[MoodExample], known: Vocabulary, concepts: Concepts) -> Moods:
    """Train the mood columns and sarcasm, on n-grams and cues together."""
    from scipy.sparse import csr_matrix, hstack

    rows = matrix([count(clauses(example.text), concepts) for example in examples], known)
    seen = np.array([cues(flatten(example.text).text) for example in examples]) * _CUE_SCALE
    table = hstack([rows, csr_matrix(seen)]).tocsr()
    columns = [_column(table, _labels(examples, mood)) for mood in MOODS]
    columns.append(_column(table, np.array([example.sarcasm for example in examples])))
    weights = np.stack([weights for weights, _ in columns], axis=1).astype(np.float32)
    features = len(known.idf)
    bias = np.array([bias for _, bias in columns], np.float32)
    return Moods(weights[:features], weights[features:] * _CUE_SCALE, bias)


def _labels(examples: Sequence[MoodExample], mood: Mood) -> npt.NDArray[np.bool_]:
    return np.array([example.label == mood for example in examples])


def _column(table: object, wanted: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], float]:
    if wanted.all() or not wanted.any():
        return np.zeros(table.shape[1]), 9.0 if wanted.all() else -9.0  # type: ignore[attr-defined]  # scipy is untyped
    model = LogisticRegression(solver="liblinear", C=_MOOD_STRENGTH, random_state=1)
    model.fit(table, wanted)
    return model.coef_[0], float(model.intercept_[0])


def learn_vocabulary(
    rows: Sequence[Row], moods: Sequence[MoodExample], concepts: Concepts
) -> Vocabulary:
    """One vocabulary for intents and moods."""
    texts = [count(clauses(example.text), concepts) for example in moods]
    return vocabulary([*(row.counts for row in rows), *texts])
