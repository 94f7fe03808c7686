"""CLINC150 (Larson et al. 2019): 150 intents of ten domains, English, and texts that are about none of them.

python benchmarks/understanding/clinc150.py --out var/clinc150
"""

from __future__ import annotations

import json
from pathlib import Path

from labelled import Labelled, convert, opened

SOURCE = "github.com/clinc/oos-eval, data/data_full.json"
OUTSIDE = "oos"


def read(data: Path) -> dict[str, Labelled]:
    """`train`, `val`, `test`, each with the texts out of scope under the label `oos`."""
    found = json.loads(opened(data / "clinc150" / "data_full.json", SOURCE))
    splits = {}
    for split in ("train", "val", "test"):
        pairs = [*found[split], *found[f"oos_{split}"]]
        splits[split] = Labelled([text for text, _ in pairs], [(label,) for _, label in pairs])
    return splits


if __name__ == "__main__":
    convert("CLINC150", read)
