"""Are confidences true? Of the answers given with a confidence of 0.8, 80 % should be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers with a confidence in (low, high], the lowest bin with 0 too.

    `confidence` and `accuracy` are their means, 0 where there are none.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def bins(confidences: Sequence[float], right: Sequence[bool], number: int = BINS) -> list[Bin]:
    """A reliability diagram (Niculescu-Mizil and Caruana 2005): bins of equal width over 0..1.

    Raises ValueError for a confidence outside of it.

    >>> bins([0.9, 0.8, 0.3], [True, False, False], 2)[1]
    Bin(low=0.5, high=1.0, count=2, confidence=0.85, accuracy=0.5)
    """
    members: list[list[tuple[float, bool]]] = [[] for _ in range(number)]
    for confidence, correct in zip(confidences, right, strict=True):
        members[place(confidence, number)].append((confidence, correct))
    return [
        Bin(
            at / number,
            (at + 1) / number,
            len(inside),
            round(sum(confidence for confidence, _ in inside) / max(1, len(inside)), 6),
            sum(correct for _, correct in inside) / max(1, len(inside)),
        )
        for at, inside in enumerate(members)
    ]


def place(confidence: float, number: int = BINS) -> int:
    """Which bin a confidence falls into; what lies on an edge belongs to the bin below it."""
    if not 0.0 <= confidence <= 1.0:
        raise ValueError(f"a confidence of {confidence} is outside of 0..1")
    low = min(number - 1, int(confidence * number))
    return low - 1 if low and confidence <= low / number else low


def error(diagram: Sequence[Bin]) -> float:
    """Expected calibration error (Guo et al. 2017), 0..1: mean gap of a bin, weighted by its answers."""
    total = sum(one.count for one in diagram)
    gaps = (one.count * abs(one.confidence - one.accuracy) for one in diagram)
    return sum(gaps) / max(1, total)
