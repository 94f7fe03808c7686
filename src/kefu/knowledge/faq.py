"""FAQ search over character n-grams."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.pack.faq import FaqEntry

__all__ = ["FaqEntry", "Hit"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found; `score` in 0..1."""

    entry: FaqEntry
    score: float
