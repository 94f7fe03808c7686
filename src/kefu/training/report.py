"""All that `kefu evaluate` has to say, as values: the terminal, the JSON and the page are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kefu.training.comparison import Comparison
from kefu.training.data import TrainingData
from kefu.training.intervals import wilson
from kefu.training.labelled import Labelled
from kefu.training.leaks import between
from kefu.training.score import Score, told
from kefu.training.tally import Tally


@dataclass(frozen=True, slots=True)
class Leak:
    """A text to measure by that is like one to learn from; `likeness` in 0.8..1."""

    tested: str
    learnt: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Versus:
    """The model that was measured beside another one; the comparison's first is the other one."""

    other: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured (`model`), on what (`texts`), and what came out."""

    model: str
    texts: str
    score: Score
    leaks: Sequence[Leak] = ()
    versus: Versus | None = None


def leaks(texts: Sequence[Labelled], data: TrainingData) -> list[Leak]:
    """The texts that are near-duplicates of what a pack has for learning."""
    learnt = [
        *(example.text for example in (*data.examples, *data.several)),
        *(mood.text for mood in data.moods),
    ]
    pairs = between([one.text for one in texts], learnt)
    return [Leak(texts[p.at].text, learnt[p.other], round(p.likeness, 3)) for p in pairs]


def plain(report: Report) -> dict[str, Any]:
    """For other programs: the figures by name, then what stands behind them."""
    score = report.score
    figures = score.figures()
    versus = {} if report.versus is None else {"against": _versus(report.versus)}
    return {
        **{figure.name: round(figure.value, 4) for figure in figures},
        "intervals": {f.name: [round(bound, 4) for bound in f.interval] for f in figures},
        "totals": {figure.name: figure.total for figure in figures},
        "texts": len(score.verdicts),
        "intents": _tallies(score.intents()),
        "slots": _tallies(score.slots()),
        "moods": _tallies(score.moods()),
        "confused": [
            {"meant": meant, "read": read, "times": len(found)}
            for (meant, read), found in score.confused()
        ],
        "reliability": [
            {"above": b.low, "to": b.high, "texts": b.count, "confidence": b.confidence}
            | {"accuracy": round(b.accuracy, 4)}
            for b in score.diagram()
        ],
        "tiers": _shares(score.by_tier()),
        "lengths": _shares(score.by_length()),
        "near_duplicates": len(report.leaks),
        **versus,
    }


def _tallies(found: dict[str, Tally]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "texts": tally.support,
            "precision": round(tally.precision, 4),
            "recall": round(tally.recall, 4),
            "f1": round(tally.f1, 4),
        }
        for name, tally in sorted(found.items())
    }


def _shares(rows: Sequence[tuple[str, int, int]]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "texts": total,
            "accuracy": round(right / max(1, total), 4),
            "interval": [round(bound, 4) for bound in wilson(right, total)],
        }
        for name, right, total in rows
    }


def _versus(versus: Versus) -> dict[str, Any]:
    comparison = versus.comparison
    only_first, only_second = comparison.only_right
    return {
        "model": versus.other,
        "figures": {
            row.name: {
                "value": round(row.second, 4),
                "against": round(row.first, 4),
                "difference": round(row.difference, 4),
                "interval": [round(bound, 4) for bound in row.interval],
            }
            for row in comparison.differences()
        },
        "mcnemar": {
            "only_this_right": only_second,
            "only_against_right": only_first,
            "p": comparison.p,
        },
        "disagreements": [
            {
                "text": one.first.meant.text,
                "meant": told(one.first.meant.intents),
                "read": told(one.second.intents),
                "against": told(one.first.intents),
            }
            for one in comparison.disagreements()
        ],
    }
