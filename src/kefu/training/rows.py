"""Training rows for the sentence model: features counted as the reader counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kefu.errors import MissingExtra
from kefu.understanding.clauses import split
from kefu.understanding.concepts import Concepts
from kefu.understanding.ngrams import features
from kefu.understanding.text import flatten

try:
    from scipy.sparse import csr_matrix
except ImportError as exc:  # pragma: no cover  # the base install has no scipy
    raise MissingExtra("scikit-learn", "train") from exc

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Feature -> column, and (columns,) inverse document frequencies."""

    columns: Mapping[str, int]
    idf: npt.NDArray[np.float32]


def clauses(text: str) -> list[str]:
    """The clauses of a masked text, as the reader cuts it without a model's help."""
    flat = flatten(text).text
    return [flat[start:end] for start, end in split(flat)] or [flat]


def count(pieces: Iterable[str], concepts: Concepts) -> Counter[str]:
    """How often each feature occurs in some clauses together."""
    total: Counter[str] = Counter()
    for piece in pieces:
        total.update(features(piece))
        total.update(concepts.features(piece))
    return total


def vocabulary(rows: Sequence[Counts], least: int = 2) -> Vocabulary:
    """Features that occur in at least `least` rows, in a fixed order."""
    documents: Counter[str] = Counter()
    for row in rows:
        documents.update(row.keys())
    names = sorted(name for name, times in documents.items() if times >= least and name != "\n")
    idf = [np.log((1 + len(rows)) / (1 + documents[name])) + 1 for name in names]
    return Vocabulary({name: at for at, name in enumerate(names)}, np.array(idf, np.float32))


def matrix(rows: Sequence[Counts], known: Vocabulary) -> csr_matrix:
    """(rows, features) counts times idf, each row divided by the root of its sum of count times idf squared."""
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in rows:
        found = [
            (known.columns[name], times) for name, times in row.items() if name in known.columns
        ]
        at = np.array([column for column, _ in found], np.intp)
        times = np.array([times for _, times in found], np.float32)
        weights = known.idf[at]
        norm = np.sqrt(max(float((times * weights * weights).sum()), 1e-6))
        data += (times * weights / norm).tolist()
        columns += at.tolist()
        ends.append(len(columns))
    return csr_matrix((data, columns, ends), shape=(len(rows), len(known.idf)), dtype=np.float64)
