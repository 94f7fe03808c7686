"""The linear sentence model: one gather-and-sum scores every clause for every intent and mood.

The features of a text are counts of n-grams times their inverse document frequency, divided by their norm. Sums
over clauses stay sums over joined clauses, so any run of neighbouring clauses costs one subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from kefu.understanding.concepts import Concepts
from kefu.understanding.ngrams import features

Floats = npt.NDArray[np.float32]


class SentenceModel:
    """Scores clauses.

    `weights` is (features + 1, columns + 1): row 0 is all zeros, the last column holds the squared inverse
    document frequency. `bias` is (columns,).
    """

    def __init__(
        self, vocabulary: Mapping[str, int], concepts: Concepts, weights: Floats, bias: Floats
    ) -> None:
        self._row = vocabulary.get
        self._concepts = concepts
        self._weights = weights
        self._bias = bias

    def sums(self, clauses: Sequence[str]) -> Floats:
        """Running totals (len(clauses) + 1, columns + 1); clauses i..j together are totals[j] - totals[i]."""
        row = self._row
        rows: list[int] = []
        starts: list[int] = []
        for clause in clauses:
            starts.append(len(rows))
            rows.append(0)
            rows += [found for name in features(clause) if (found := row(name)) is not None]
            for name in self._concepts.features(clause):
                if (found := row(name)) is not None:
                    rows.append(found)
        totals = np.zeros((len(clauses) + 1, self._weights.shape[1]), np.float32)
        np.cumsum(np.add.reduceat(self._weights[rows], starts, axis=0), axis=0, out=totals[1:])
        return totals

    def logits(self, sums: Floats) -> Floats:
        """(n, columns) scores of (n, columns + 1) sums."""
        norm = np.sqrt(np.maximum(sums[:, -1:], np.float32(1e-6)))
        return np.asarray(sums[:, :-1] / norm + self._bias, np.float32)
