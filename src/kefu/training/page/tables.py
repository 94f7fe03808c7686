"""Tables of the page: sortable by every column, and readable without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from kefu.training.comparison import Comparison
from kefu.training.intervals import Span, wilson
from kefu.training.page.words import Words
from kefu.training.tally import Tally, weakest_first


@dataclass(frozen=True, slots=True)
class Cell:
    """HTML, and the number that it sorts by where it shows one."""

    html: str
    number: float | None = None


def table(name: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], word: Words) -> str:
    """A table with the section's heading as its name; `heads` are keys of words."""
    head = "".join(
        f'<th scope="col"><button type="button" class="sort">{word(key)}</button></th>'
        for key in heads
    )
    body = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-labelledby="{name}-title">'
        f'<table class="sortable" aria-labelledby="{name}-title"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[Cell]) -> str:
    first, *others = row
    return f'<th scope="row"{_sort(first)}>{first.html}</th>' + "".join(
        f"<td{_sort(cell)}{'' if cell.number is None else ' class=number'}>{cell.html}</td>"
        for cell in others
    )


def _sort(cell: Cell) -> str:
    return "" if cell.number is None else f' data-sort="{cell.number:g}"'


def number(value: float) -> Cell:
    """A count."""
    return Cell(f"{value:g}", value)


def share(value: float) -> Cell:
    """A share in percent."""
    return Cell(f"{value:.1%}", value)


def span(interval: Span, *, signed: bool = False) -> str:
    """An interval in percent."""
    low, high = (f"{bound:{'+' if signed else ''}.1%}" for bound in interval)
    return f"{low} … {high}"


def tallies(name: str, heads: tuple[str, str], found: Mapping[str, Tally], word: Words) -> str:
    """Precision, recall, F1, the weakest first. `heads` are the words for the label and its number."""
    rows = [
        [
            Cell(word(label) if name == "moods" else escape(label)),
            number(tally.support),
            share(tally.precision),
            share(tally.recall),
            share(tally.f1),
        ]
        for label, tally in weakest_first(found)
    ]
    return table(name, (*heads, "precision", "recall", "f1"), rows, word)


def shares(name: str, head: str, rows: Sequence[tuple[str, int, int]], word: Words) -> str:
    """Accuracy of parts of the texts."""
    cells = [
        [
            Cell(escape(part), float(at)),
            number(total),
            share(right / max(1, total)),
            Cell(span(wilson(right, total)), wilson(right, total)[0]),
        ]
        for at, (part, right, total) in enumerate(rows)
    ]
    return table(name, (head, "texts", "accuracy", "interval"), cells, word)


def differences(comparison: Comparison, word: Words) -> str:
    """Figures of two models side by side; what is certain is marked."""
    rows = [
        [
            Cell(word(row.name)),
            share(row.second),
            share(row.first),
            Cell(
                f"<strong>{row.difference:+.1%}</strong>"
                if row.certain
                else f"{row.difference:+.1%}",
                row.difference,
            ),
            Cell(span(row.interval, signed=True), row.interval[0]),
        ]
        for row in comparison.differences()
    ]
    heads = ("figure", "this", "other", "difference", "interval")
    return table("versus", heads, rows, word)
