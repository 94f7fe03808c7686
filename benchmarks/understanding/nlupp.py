"""NLU++ (Casanueva et al. 2022, arXiv 2204.13021): sets of intent modules per text, two domains, 20 folds.

    python benchmarks/understanding/nlupp.py --out var/nlupp

"How long does a new pin take to arrive" is {how_long, new, pin, arrival}: the modules have no order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from labelled import Labelled, convert, joined, opened

SOURCE = "github.com/PolyAI-LDN/task-specific-datasets, nlupp"
DOMAINS = ("banking", "hotels")
FOLDS = 20


def folds(data: Path, domain: str) -> list[Labelled]:
    """The published folds of a domain; of `all`, both domains' folds with the same number together."""
    if domain == "all":
        return [joined(pair) for pair in zip(*(folds(data, one) for one in DOMAINS), strict=True)]
    found = []
    for number in range(FOLDS):
        path = data / "nlupp" / "data" / domain / f"fold{number}.json"
        rows = json.loads(opened(path, SOURCE))
        found.append(
            Labelled([r["text"] for r in rows], [tuple(r.get("intents", ())) for r in rows])
        )
    return found


def rounds(parts: list[Labelled], at_once: int) -> Iterator[tuple[Labelled, Labelled]]:
    """(train, test): train on `at_once` neighbouring folds (1: "20-fold", 2: "10-fold"), test on all others."""
    for start in range(0, len(parts), at_once):
        held = range(start, start + at_once)
        yield (
            joined([parts[at] for at in held]),
            joined([part for at, part in enumerate(parts) if at not in held]),
        )


def read(data: Path) -> dict[str, Labelled]:
    """Each fold of each domain."""
    return {
        f"{domain}-fold{number}": fold
        for domain in DOMAINS
        for number, fold in enumerate(folds(data, domain))
    }


if __name__ == "__main__":
    convert("NLU++", read)
