"""The retail pack's understanding on texts that nobody trained on: the whole cascade, and each tier alone.

    python benchmarks/understanding/retail.py
    python benchmarks/understanding/retail.py --data ../shared/data --json var/retail.json

The texts of retail.jsonl were written by others, from the label contract alone; mood counts from line 751 on,
where lines were written for it. With --data real messages of JDDC too: those that the pack has labels for and
that no training takes. Shares have Wilson's 95 % interval, F1 and the calibration error a bootstrapped one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from readers import readers
from rich.console import Console
from rich.table import Table
from sarcasm import PRECISION, Best, swept

from kefu.training import labelled, outside
from kefu.training.data import load
from kefu.training.labelled import Labelled
from kefu.training.leaks import between
from kefu.training.measures import Figure, measured
from kefu.training.score import Score
from kefu.training.verdict import Verdict, verdicts

ROOT = Path(__file__).parents[2]
MOOD_FROM = 751
ROWS = {
    "single_exact": "single intent, exact",
    "several_exact": "several intents, exact list",
    "slot_f1": "slots, micro-F1, exact words",
    "mood_f1": "mood, macro-F1",
    "sarcasm_recall": "sarcasm, recall",
    "sarcasm_precision": "sarcasm, precision",
    "calibration_error": "calibration error (ECE)",
}
REAL_ROWS = {
    "exact": "real messages, as labelled",
    "acceptable": "real messages, acceptable",
    "calibration_error": "real messages, ECE",
}
Figures = Mapping[str, Mapping[str, Figure]]
"""By reader, then by name."""


def texts_of(path: Path, mood_from: int = MOOD_FROM) -> list[Labelled]:
    """The labelled texts; moods only from that line on."""
    return [
        one if at >= mood_from else replace(one, emotion=None)
        for at, one in enumerate(labelled.read(path), start=1)
    ]


def real_texts(pack: Path, data: Path) -> list[Labelled]:
    """Real messages that are kept for measuring; none where they are not there."""
    path = data / "jddc" / "intents.tsv"
    if not path.is_file():
        return []
    kept = (one for one in outside.read(pack, path) if one.held_out)
    return [Labelled(one.text, one.intents, acceptable=one.acceptable) for one in kept]


async def judged(model: Path, texts: Sequence[Labelled]) -> dict[str, list[Verdict]]:
    """By reader."""
    async with readers(model) as all_readers:
        return {name: await verdicts(reader, texts) for name, reader in all_readers.items()}


def figures(found: Mapping[str, Sequence[Verdict]]) -> Figures:
    """By reader, then by name."""
    return {
        name: {figure.name: figure for figure in measured(verdicts_)}
        for name, verdicts_ in found.items()
    }


def table(rows: Mapping[str, str], found: Figures) -> Table:
    """A row per figure, a column per reader."""
    shown = Table("", *found)
    for name, title in rows.items():
        row = [_told(figures_.get(name)) for figures_ in found.values()]
        if any(row):
            shown.add_row(title, *row)
    return shown


def _told(figure: Figure | None) -> str:
    if figure is None:
        return ""
    low, high = figure.interval
    return f"{figure.value:.1%} of {figure.total}\n{low:.1%} – {high:.1%}"


def _plain(found: Figures) -> dict[str, Any]:
    return {
        name: {
            each.name: {"value": each.value, "interval": each.interval, "total": each.total}
            for each in figures_.values()
        }
        for name, figures_ in found.items()
    }


def _sarcasm(found: Mapping[str, Best | None]) -> Table:
    shown = Table(f"sarcasm at precision ≥ {PRECISION:.0%}, best threshold on these texts", *found)
    shown.add_row(
        "recall",
        *(
            "none is so precise"
            if best is None
            else f"{best.recall:.1%} at {best.precision:.1%}, threshold {best.threshold:g}"
            for best in found.values()
        ),
    )
    return shown


async def measure(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Print what was measured, and give it as values."""
    texts, examples = texts_of(options.on, options.mood_from), load(options.pack)
    learnt = [one.text for one in labelled.of_pack(examples)]
    alike = {pair.at for pair in between([one.text for one in texts], learnt)}
    found = await judged(options.model, texts)
    all_figures = figures(found)
    console.print(table(ROWS, all_figures))
    fresh = figures(
        {
            name: [one for at, one in enumerate(verdicts_) if at not in alike]
            for name, verdicts_ in found.items()
        }
    )
    console.print(f"without the {len(alike)} of {len(texts)} that are like an example of the pack:")
    console.print(table({name: ROWS[name] for name in list(ROWS)[:3]}, fresh))
    sarcasm = await swept(options.model, texts) if not options.no_sweep else {}
    if sarcasm:
        console.print(_sarcasm(sarcasm))
    tiers = {name: Score(verdicts_).by_tier() for name, verdicts_ in found.items()}
    console.print(f"decided by: {tiers['cascade']}")
    result = {
        "model": str(options.model),
        "texts": len(texts),
        "figures": _plain(all_figures),
        "near_duplicates": len(alike),
        "without_near_duplicates": _plain(fresh),
        "sarcasm_at_precision": {n: b and asdict(b) for n, b in sarcasm.items()},
        "tiers": tiers,
    }
    real = real_texts(options.pack, options.data)
    if real:
        real_figures = figures(await judged(options.model, real))
        console.print(table(REAL_ROWS, real_figures))
        result["real"] = _plain(real_figures)
    else:
        console.print(f"no real messages: {options.data / 'jddc' / 'intents.tsv'} is not there")
    return result


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pack", type=Path, default=ROOT / "packs/retail")
    parser.add_argument("--model", type=Path, help="default: the pack's own")
    parser.add_argument("--on", type=Path, default=Path(__file__).with_name("retail.jsonl"))
    parser.add_argument("--mood-from", type=int, default=MOOD_FROM, help="line where moods begin")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data")
    parser.add_argument("--no-sweep", action="store_true", help="sarcasm at one threshold alone")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    options.model = options.model or options.pack / "model"
    result = asyncio.run(measure(options, Console()))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
