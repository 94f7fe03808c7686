"""`kefu evaluate PACK`: held-out figures per intent, slot and mood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from kefu.cli.train import Pack, progress

if TYPE_CHECKING:
    from kefu.training.evaluate import Score, Tally

_PAIRS = 15


def evaluate(
    pack: Pack,
    folds: Annotated[int, typer.Option(min=2, max=20, help="How many parts to hold out.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Only the figures, as JSON.")] = False,
) -> None:
    """Measure the understanding of a pack on examples that the model has not seen."""
    from kefu.training import data, fit
    from kefu.training.evaluate import cross_validate

    examples = data.load(pack)
    with progress("folds", fit.STEPS * folds) as tick:
        score = cross_validate(examples, folds, fit.Weighing(), tick)
    if as_json:
        import msgspec

        print(msgspec.json.encode(score.metrics()).decode())
        return
    _show(score)


def _show(score: Score) -> None:
    console = Console()
    console.print(tallies("intent", score.intents))
    console.print(tallies("slot", score.slots))
    console.print(tallies("mood", {**score.moods, "sarcasm": score.sarcasm}))
    pairs = Table("times", "meant", "taken for", title="most often confused")
    for (meant, taken), times in score.confused.most_common(_PAIRS):
        pairs.add_row(str(times), meant, taken)
    console.print(pairs)
    for name, value in score.metrics().items():
        console.print(f"{name:18} {value:7.2%}")


def tallies(what: str, found: Mapping[str, Tally]) -> Table:
    """A table of precision, recall and F1, the weakest first."""
    table = Table(what, "texts", "precision", "recall", "F1")
    for name, tally in sorted(found.items(), key=lambda item: item[1].f1):
        table.add_row(
            name,
            str(tally.hit + tally.missed),
            f"{tally.precision:.1%}",
            f"{tally.recall:.1%}",
            f"{tally.f1:.1%}",
        )
    return table
