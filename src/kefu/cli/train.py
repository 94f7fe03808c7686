"""`kefu train PACK`: examples in, model artefact out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Pack = Annotated[Path, typer.Argument(metavar="PACK", help="The pack's folder.")]


@contextmanager
def progress(what: str, steps: int) -> Iterator[Callable[[], None]]:
    """A progress bar; call what it yields once per step."""
    columns = (TextColumn(what), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda: bar.advance(task)


def train(
    pack: Pack,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the model goes; default: PACK/model."),
    ] = None,
    measure: Annotated[
        bool, typer.Option(help="Also measure on held-out folds and keep the figures in meta.json.")
    ] = False,
) -> None:
    """Train the understanding model of a pack. The same files always give the same model."""
    from kefu.training import data, evaluate, export, fit

    began = time.perf_counter()
    examples = data.load(pack)
    directory = out or pack / "model"
    folds = evaluate.FOLDS if measure else 0
    with progress("training", fit.STEPS * (1 + folds)) as tick:
        fitted = fit.fit(examples, tick)
        metrics = (
            evaluate.cross_validate(examples, folds, fitted.weighing, tick).metrics()
            if measure
            else {}
        )
    size = export.write(fitted, directory, metrics)
    figures = ", ".join(f"{name} {value:.1%}" for name, value in metrics.items())
    print(f"{directory}: {size / 1e6:.2f} MB in {time.perf_counter() - began:.0f} s  {figures}")
