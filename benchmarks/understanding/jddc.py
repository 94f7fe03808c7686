"""JDDC intents (Chen et al. 2020): questions of a Chinese shop's customers, 123 classes, labels noisy.

python benchmarks/understanding/jddc.py --out var/jddc
"""

from __future__ import annotations

from pathlib import Path

from labelled import Labelled, convert, opened

SOURCE = "the JDDC corpus, intents.tsv: a question, a tab, a class"


def read(data: Path) -> dict[str, Labelled]:
    """`all`: the set has no split of its own."""
    path = data / "jddc" / "intents.tsv"
    pairs = [line.split("\t") for line in opened(path, SOURCE).split("\n") if line]
    return {"all": Labelled([pair[0] for pair in pairs], [(pair[1],) for pair in pairs])}


if __name__ == "__main__":
    convert("JDDC", read)
