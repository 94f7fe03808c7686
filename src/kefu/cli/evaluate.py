"""`kefu evaluate PACK`: on held-out folds, or a trained model on labelled texts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kefu.cli.train import Pack, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kefu.training.data import TrainingData
    from kefu.training.labelled import Labelled
    from kefu.training.report import Leak, Report, Versus
    from kefu.training.score import Score

_NAMED = 5
_LINE = "{text, intents, slots: [{name, raw}], emotion: {label, sarcasm}, acceptable: [[...]]}"


def evaluate(
    pack: Pack,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="Measure this trained model as it is."),
    ] = None,
    on: Annotated[
        Path | None,
        typer.Option(
            "--on", metavar="FILE", help=f"JSON lines {_LINE}; text and intents are needed."
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="DIR", help="Compare with this other model."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write all of it as one HTML page."),
    ] = None,
    locale: Annotated[
        Literal["zh", "en"], typer.Option(help="The language that the page opens in.")
    ] = "zh",
    folds: Annotated[
        int, typer.Option(min=2, max=20, help="How many parts to hold out, without --model.")
    ] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Only the figures, as JSON.")] = False,
) -> None:
    """Measure understanding: per intent, slot and mood, with confusions and how true confidences are.

    With --model, a trained model with all its tiers on the texts of --on. Without, the linear tier on the
    pack's own examples, each read by a model that has seen neither it nor a near-duplicate.

    Exit code 0: measured, however well. 1: a file is missing or wrong, and is named. 2: wrong options.
    """
    from kefu.training import data

    if (model is None) != (on is None):
        raise typer.BadParameter("--model and --on belong together: which model, on which texts?")
    if against is not None and model is None:
        raise typer.BadParameter("--against compares with --model; name that too")
    examples = data.load(pack)
    if model is not None and on is not None:
        report = _of_model(examples, model, on, against)
    else:
        report = _of_folds(examples, pack, folds)
    if html is not None:
        _write(report, html, locale)
    if as_json:
        import msgspec

        from kefu.training.report import plain

        print(msgspec.json.encode(plain(report)).decode())
        return
    _show(report)


def _of_folds(examples: TrainingData, pack: Path, folds: int) -> Report:
    from kefu.training import fit
    from kefu.training.evaluate import cross_validate
    from kefu.training.report import Report

    with progress("folds", fit.STEPS * folds) as tick:
        score = cross_validate(examples, folds, fit.Weighing(), tick)
    return Report(f"linear, {folds} folds", str(pack), score)


def _of_model(examples: TrainingData, model: Path, on: Path, against: Path | None) -> Report:
    from kefu.training import labelled
    from kefu.training.evaluate import measure
    from kefu.training.report import Report, leaks

    texts = labelled.read(on)
    _warn_of_labels(labelled.unknown(texts, examples.intents), on)
    found = leaks(texts, examples)
    _warn_of_leaks(found, len(texts), on)
    score = measure(model, texts)
    versus = None if against is None else _versus(score, against, texts)
    return Report(str(model), str(on), score, found, versus)


def _versus(score: Score, against: Path, texts: Sequence[Labelled]) -> Versus:
    from kefu.training.comparison import Comparison
    from kefu.training.evaluate import measure
    from kefu.training.report import Versus

    return Versus(str(against), Comparison(measure(against, texts).verdicts, score.verdicts))


def _warn_of_labels(unknown: Sequence[str], on: Path) -> None:
    if unknown:
        named = ", ".join(unknown[:_NAMED])
        print(f"{on}: intents that the pack does not have: {named}", file=sys.stderr)


def _warn_of_leaks(found: Sequence[Leak], total: int, on: Path) -> None:
    if not found:
        return
    print(
        f"{on}: {len(found)} of {total} texts are near-duplicates of the pack's examples "
        "and flatter the figures:",
        file=sys.stderr,
    )
    for leak in found[:_NAMED]:
        print(f"  {leak.tested} ~ {leak.learnt} ({leak.likeness:.2f})", file=sys.stderr)
    if len(found) > _NAMED:
        print(f"  … and {len(found) - _NAMED} more; --html lists all", file=sys.stderr)


def _write(report: Report, html: Path, locale: Literal["zh", "en"]) -> None:
    from kefu.errors import PackError
    from kefu.training.page.page import render

    try:
        html.write_text(render(report, locale), "utf-8")
    except OSError as exc:
        raise PackError(f"{html}: {exc.strerror or exc}; name a file that can be written") from exc
    print(f"{html}: open it in a browser", file=sys.stderr)


def _show(report: Report) -> None:
    from rich.console import Console

    from kefu.cli import tables

    console, score = Console(), report.score
    console.print(tables.tallies("intent", score.intents()))
    console.print(tables.tallies("slot", score.slots()))
    console.print(tables.tallies("mood", score.moods()))
    console.print(tables.confused(score))
    console.print(tables.shares("tier", score.by_tier()))
    console.print(tables.shares("characters", score.by_length()))
    console.print(tables.figures(score.figures()))
    if report.versus is not None:
        names = (report.versus.other, report.model)
        console.print(tables.differences(report.versus.comparison, *names))
        console.print(tables.disagreements(report.versus.comparison, *names))
        console.print(tables.verdict_of(report.versus.comparison, *names))
