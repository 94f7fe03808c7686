"""BANKING77 (Casanueva et al. 2020): 77 intents of one bank, English, one per text.

python benchmarks/understanding/banking77.py --out var/banking77
"""

from __future__ import annotations

from pathlib import Path

from labelled import Labelled, convert, rows_of

SOURCE = "github.com/PolyAI-LDN/task-specific-datasets, banking_data"


def read(data: Path) -> dict[str, Labelled]:
    """`train` and `test`, as published."""
    splits = {}
    for split in ("train", "test"):
        rows = rows_of(data / "banking77" / f"{split}.csv", SOURCE)
        splits[split] = Labelled([r["text"] for r in rows], [(r["category"],) for r in rows])
    return splits


if __name__ == "__main__":
    convert("BANKING77", read)
