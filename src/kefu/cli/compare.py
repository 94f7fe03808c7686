"""`kefu compare PACK A B`: two models on the same labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def compare(
    on: Annotated[
        Path, typer.Argument(metavar="PACK|FILE", help="A pack, or JSON lines {text, intents}.")
    ],
    first: Annotated[Path, typer.Argument(metavar="A", help="A model folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another model folder.")],
) -> None:
    """Compare two models on labelled texts: figures side by side, and where they disagree.

    A pack's own examples are what its models have learnt; texts of a file that they have not seen say more.
    """
    from kefu.cli import tables
    from kefu.training import labelled
    from kefu.training.comparison import Comparison
    from kefu.training.data import load
    from kefu.training.evaluate import measure

    texts = labelled.read(on) if on.is_file() else labelled.of_pack(load(on))
    comparison = Comparison(*(measure(model, texts).verdicts for model in (first, second)))
    console, names = Console(), (str(first), str(second))
    console.print(tables.differences(comparison, *names))
    console.print(tables.disagreements(comparison, *names))
    console.print(tables.verdict_of(comparison, *names))
