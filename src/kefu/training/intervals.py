"""How far a figure from so many texts can be trusted."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Span = tuple[float, float]
_Z = 1.959963984540054
"""Standard normal quantile of 97.5 %."""
ROUNDS = 1000
_SEED = 23


def wilson(right: float, total: float) -> Span:
    """The 95 % score interval of a share (Wilson 1927), 0..1; all of it where there is nothing.

    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if total <= 0:
        return 0.0, 1.0
    share, z2 = right / total, _Z * _Z
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def resampled(columns: Floats, rounds: int = ROUNDS) -> Floats:
    """(rounds, k) sums of the (n, k) columns over n rows drawn with replacement (Efron 1979).

    The draws depend on n and `rounds` alone, so that two models are resampled by the same texts.
    """
    total = len(columns)
    chance = np.random.default_rng(_SEED)
    sums = np.empty((rounds, columns.shape[1]))
    for at in range(rounds):
        times = np.bincount(chance.integers(0, total, total), minlength=total)
        sums[at] = times @ columns
    return sums


def middle_95(values: Floats) -> Span:
    """The percentile interval of bootstrapped values; NaNs are left out."""
    kept = values[~np.isnan(values)]
    if not len(kept):
        return math.nan, math.nan
    low, high = np.quantile(kept, [0.025, 0.975])
    return float(low), float(high)


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p that two readers are equally often right (McNemar 1947).

    Given are the texts that only one of them has right. Binomial, so any number will do.

    >>> mcnemar(1, 5)
    0.21875
    """
    total, few = only_first + only_second, min(only_first, only_second)
    tail: int = sum(math.comb(total, at) for at in range(few + 1))
    return min(1.0, float(2 * tail / 2**total))
