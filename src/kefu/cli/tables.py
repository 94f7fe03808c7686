"""What an evaluation found, as tables of a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from kefu.training.comparison import Comparison
    from kefu.training.intervals import Span
    from kefu.training.measures import Figure
    from kefu.training.score import Score
    from kefu.training.tally import Tally

_PAIRS = 15
_CHANGED = 20


def figures(found: Sequence[Figure]) -> Table:
    """The figures in short, with their intervals."""
    table = Table("figure", "value", "95 % interval", "out of")
    for figure in found:
        table.add_row(figure.name, f"{figure.value:.1%}", span(figure.interval), str(figure.total))
    return table


def tallies(what: str, found: Mapping[str, Tally]) -> Table:
    """Precision, recall and F1, the weakest first."""
    from kefu.training.tally import weakest_first

    table = Table(what, "texts", "precision", "recall", "F1")
    for name, tally in weakest_first(found):
        table.add_row(
            name,
            str(tally.support),
            f"{tally.precision:.1%}",
            f"{tally.recall:.1%}",
            f"{tally.f1:.1%}",
        )
    return table


def confused(score: Score) -> Table:
    """What is most often taken for what."""
    table = Table("times", "meant", "taken for", title="most often confused")
    for (meant, read), found in score.confused()[:_PAIRS]:
        table.add_row(str(len(found)), meant, read)
    return table


def shares(what: str, rows: Sequence[tuple[str, int, int]]) -> Table:
    """Accuracy by tier or length."""
    from kefu.training.intervals import wilson

    table = Table(what, "texts", "right", "95 % interval")
    for name, right, total in rows:
        table.add_row(name, str(total), f"{right / max(1, total):.1%}", span(wilson(right, total)))
    return table


def differences(comparison: Comparison, first: str, second: str) -> Table:
    """Two models side by side; a difference that is certain is bold."""
    table = Table("figure", first, second, "difference", "95 % interval")
    for row in comparison.differences():
        table.add_row(
            row.name,
            f"{row.first:.1%}",
            f"{row.second:.1%}",
            Text(f"{row.difference:+.1%}", "bold" if row.certain else ""),
            span(row.interval, signed=True),
        )
    return table


def disagreements(comparison: Comparison, first: str, second: str) -> Table:
    """Texts that two models read differently, those first of which one is right."""
    from kefu.training.score import told

    found = comparison.disagreements()
    shown = found[:_CHANGED]
    title = f"they disagree on {len(found)} texts" + (
        f"; the first {len(shown)}" if len(shown) < len(found) else ""
    )
    table = Table("text", "meant", first, second, title=title)
    for one in shown:
        table.add_row(
            Text(one.first.meant.text),
            told(one.first.meant.intents),
            Text(told(one.first.intents), "green" if one.first.accepted else ""),
            Text(told(one.second.intents), "green" if one.second.accepted else ""),
        )
    return table


def verdict_of(comparison: Comparison, first: str, second: str) -> str:
    """Who is better, in one line."""
    ones, others = comparison.only_right
    return (
        f"right in one model only: {first} {ones}, {second} {others}; "
        f"McNemar's exact p = {comparison.p:.3g}"
    )


def span(interval: Span, *, signed: bool = False) -> str:
    """An interval in percent."""
    low, high = (f"{bound:{'+' if signed else ''}.1%}" for bound in interval)
    return f"{low} … {high}"
