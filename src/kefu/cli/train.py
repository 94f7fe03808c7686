"""`kefu train PACK`: examples in, model out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from kefu.errors import PackError

if TYPE_CHECKING:
    from kefu.training.data import TrainingData

Pack = Annotated[Path, typer.Argument(metavar="PACK", help="The pack's folder.")]


@contextmanager
def progress(what: str, steps: int) -> Iterator[Callable[[], None]]:
    """A progress bar; call what it yields once per step."""
    columns = (TextColumn(what), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, *times, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda: bar.advance(task)


def train(
    pack: Pack,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the model goes; default: PACK/model."),
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="Real messages that PACK/labels has labels for, one a line.",
        ),
    ] = None,
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(
            "--read", metavar="FILE", help="Text for the encoder to read first, one a line."
        ),
    ] = None,
    linear: Annotated[
        bool, typer.Option("--linear", help="Tier 0 alone: well under a minute.")
    ] = False,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            "--checkpoint",
            metavar="NAME",
            help="Train tier 2 from this BERT-type checkpoint instead.",
        ),
    ] = None,
    teachers: Annotated[
        int,
        typer.Option(
            min=0,
            max=8,
            help="Networks to teach first, whose doubts the encoder learns too: slower, better.",
        ),
    ] = 0,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
) -> None:
    """Train the understanding of a pack. Interrupted, the same command goes on where it was."""
    from kefu.training import data as written
    from kefu.training import outside

    began = time.perf_counter()
    examples = written.load(pack)
    if examples.repeated:
        print(f"{pack}: {examples.repeated} texts stand there more than once", file=sys.stderr)
    if texts is not None:
        examples = outside.joined(examples, outside.read(pack, texts))
    directory = out or pack / "model"
    if checkpoint is not None:
        made = _bert(examples, checkpoint, directory / "bert")
    else:
        plan = Plan(linear, teachers, threads)
        made = _tiers(examples, directory, _lines(unlabelled or []), plan)
    print(f"{directory}: {made} in {time.perf_counter() - began:.0f} s")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be trained."""

    linear: bool
    teachers: int
    threads: int


def _tiers(examples: TrainingData, directory: Path, unlabelled: list[str], plan: Plan) -> str:
    if plan.linear:
        from kefu.training import export, fit
        from kefu.understanding.encoder.tier import META

        with progress("training", fit.STEPS) as tick:
            size = export.write(fit.fit(examples, tick), directory, {})
        (directory / META).unlink(missing_ok=True)  # an encoder beside it knows nothing of this one
        return f"linear {size / 1e6:.2f} MB"
    from kefu.training import course
    from kefu.training.neural import encoder, threading
    from kefu.understanding.encoder.tier import GRAPH

    threading.use(plan.threads)
    lecture = encoder.Lecture(teachers=plan.teachers)
    with progress("training", course.LINEAR_TICKS + lecture.ticks) as tick:
        trained = course.train(examples, directory, tick, lecture, unlabelled)
    graph = (directory / GRAPH).stat().st_size
    return f"linear {trained.size / 1e6:.2f} MB, encoder {graph / 1e6:.2f} MB"


def _bert(examples: TrainingData, checkpoint: str, directory: Path) -> str:
    from kefu.training.neural.bert import BertCourse, train_bert

    course = BertCourse()
    with progress("training", course.epochs + 1) as tick:
        metrics = train_bert(examples, checkpoint, directory, tick, course)
    return "bert " + ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())


def _lines(paths: list[Path]) -> list[str]:
    """The first columns of text files, each text once."""
    lines = (line for path in paths for line in _read(path).splitlines())
    return list(dict.fromkeys(text for line in lines if (text := line.split("\t")[0].strip())))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise PackError(f"{path}: {exc}; --read takes UTF-8 text, one message a line") from exc
