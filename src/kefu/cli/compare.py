"""`kefu compare PACK A B`: two models on the same labelled texts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from kefu.training.data import TrainingData
    from kefu.training.evaluate import Score

_CHANGED = 20


def compare(
    on: Annotated[
        Path, typer.Argument(metavar="PACK|FILE", help="A pack, or JSON lines {text, intents}.")
    ],
    first: Annotated[Path, typer.Argument(metavar="A", help="A model folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another model folder.")],
) -> None:
    """Compare two models on labelled texts: figures side by side, and where they disagree."""
    from kefu.training.data import load, load_lines

    texts = load_lines(on) if on.is_file() else load(on)
    scores = [_score(directory, texts) for directory in (first, second)]
    console = Console()
    figures = Table("figure", first.name, second.name, "difference")
    for name, one in scores[0].metrics().items():
        other = scores[1].metrics()[name]
        figures.add_row(name, f"{one:.2%}", f"{other:.2%}", f"{other - one:+.2%}")
    console.print(figures)
    console.print(_disagreements(first, second, texts))


def _score(directory: Path, texts: TrainingData) -> Score:
    from kefu.training.evaluate import Score, judge
    from kefu.understanding.tiers import open_reader

    score = Score()
    judge(asyncio.run(open_reader(directory)), texts, score)
    return score


def _disagreements(first: Path, second: Path, texts: TrainingData) -> Table:
    table = Table("text", "meant", first.name, second.name, title="they disagree on")
    examples = (*texts.examples, *texts.several)
    spoken = [example.text for example in examples]
    ones, others = asyncio.run(_intents(first, spoken)), asyncio.run(_intents(second, spoken))
    for example, one, other in zip(examples, ones, others, strict=True):
        if one != other and table.row_count < _CHANGED:
            table.add_row(example.text, "+".join(example.intents), one, other)
    return table


async def _intents(directory: Path, texts: list[str]) -> list[str]:
    from kefu.training.evaluate import NOW
    from kefu.understanding.reader import ReadingContext
    from kefu.understanding.tiers import open_reader

    reader = await open_reader(directory)
    meanings = await reader.read_all(texts, ReadingContext(NOW))
    return ["+".join(intent.name for intent in meaning.intents) for meaning in meanings]
