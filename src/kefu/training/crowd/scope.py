"""Whether a text is about anything the labels cover: calibrated on held-out texts.

Three hints: the chance of the likeliest label (Hendrycks & Gimpel 2017), how sure the voters are together
(negative entropy), and how near the nearest training text is (k-NN, Sun et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kefu.errors import MissingExtra
from kefu.training.crowd.voters import Floats

try:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
except ImportError as exc:  # pragma: no cover  # the base install has no scikit-learn
    raise MissingExtra("scikit-learn", "train") from exc

_NEAR = 5
_TINY = 1e-9


class Neighbours:
    """How alike a text is to the texts of training: cosine of TF-IDF word and character n-grams."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._features = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        self._known = self._features.fit_transform(texts)

    def nearness(self, texts: Sequence[str]) -> Floats:
        """(texts, 2): likeness to the nearest and the mean of the `_NEAR` nearest."""
        found = np.zeros((len(texts), 2), np.float32)
        asked = self._features.transform(texts)
        for start in range(0, len(texts), 256):
            alike = (asked[start : start + 256] @ self._known.T).toarray()
            nearest = np.partition(alike, -_NEAR, axis=1)[:, -_NEAR:]
            found[start : start + 256] = np.stack([nearest.max(1), nearest.mean(1)], 1)
        return found


@dataclass(slots=True)
class Scope:
    """Decides: in scope or not. `loss` is the share of texts in scope that may be turned away."""

    loss: float = 0.05
    threshold: float = 0.0
    _model: LogisticRegression | None = None

    def learn(self, hints: Floats, inside: npt.NDArray[np.bool_]) -> None:
        """`hints` (texts, hints) of held-out texts, `inside` (texts,) which of them are in scope.

        Raises ValueError where one of the two kinds is missing.
        """
        self._model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=500)
        self._model.fit(hints, inside)
        self.threshold = float(np.quantile(self.score(hints[inside]), self.loss))

    def score(self, hints: Floats) -> Floats:
        """(texts,): the higher, the surer that a text is in scope."""
        if self._model is None:
            raise RuntimeError("the scope has not learnt yet; call learn first")
        scores: Floats = self._model.decision_function(hints).astype(np.float32)
        return scores

    def inside(self, hints: Floats) -> npt.NDArray[np.bool_]:
        """(texts,): which are in scope."""
        kept: npt.NDArray[np.bool_] = self.score(hints) >= self.threshold
        return kept


def hints(chances: Floats, nearness: Floats, outside: int | None = None) -> Floats:
    """(texts, hints) from (texts, labels) chances and (texts, 2) nearness.

    `outside` is the label that stands for everything else, where training texts of it exist.
    """
    kept = chances if outside is None else np.delete(chances, outside, axis=1)
    best = kept.max(1)
    entropy = -(chances * np.log(chances + _TINY)).sum(1)
    rows = [np.log(best + _TINY), -entropy, *nearness.T]
    if outside is not None:
        rows.append(-np.log(chances[:, outside] + 1e-6))
    return np.stack(rows, 1).astype(np.float32)
