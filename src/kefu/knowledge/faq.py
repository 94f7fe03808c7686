"""FAQ search over character n-grams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kefu.messages import Locale


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One curated answer. `questions` holds the question first, then the similar ones (相似问)."""

    id: str
    questions: tuple[str, ...]
    answers: Mapping[Locale, str]
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found; `score` in 0..1."""

    entry: FaqEntry
    score: float
