"""A pack with a trained model, to run an engine on: the clinic's, which takes a quarter of a second."""

from __future__ import annotations

import shutil
from pathlib import Path

from kefu.training import data, export, fit

CLINIC = Path(__file__).parents[1] / "examples" / "clinic"


def clinic(folder: Path) -> Path:
    """A copy of the clinic's pack in a folder, trained."""
    pack = folder / "clinic"
    shutil.copytree(CLINIC, pack, ignore=shutil.ignore_patterns("__pycache__", "model"))
    export.write(fit.fit(data.load(pack), lambda: None), pack / "model", {})
    return pack
