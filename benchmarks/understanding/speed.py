"""How many texts one core understands, and how long one text takes alone.

    python benchmarks/understanding/speed.py
    python benchmarks/understanding/speed.py --data ../shared/data --rounds 5 --json var/speed.json

Real messages (JDDC), masked beforehand, in batches of 32 in the order of the file; nothing is remembered. The
readers take turns, so that a neighbour on the machine disturbs all of them; quote medians. One text alone goes
the way of a served message, batcher included, each text once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readers import CASCADE, readers
from rich.console import Console
from rich.table import Table

from kefu.deadline import Deadline
from kefu.guarding.hearing import hear
from kefu.training import outside
from kefu.training.labelled import Labelled
from kefu.training.score import Score
from kefu.training.verdict import NOW, verdicts
from kefu.understanding.reader import Reader, ReadingContext

ROOT = Path(__file__).parents[2]
BATCH = 32
ALONE = 2000
"""Texts that are read one by one for the percentiles."""


async def throughput(reader: Reader, texts: Sequence[str]) -> tuple[float, Counter[str]]:
    """Texts a second, and how many each tier decided."""
    context, tiers = ReadingContext(NOW), Counter[str]()
    began = time.perf_counter()
    for first in range(0, len(texts), BATCH):
        meanings = await reader.read_all(texts[first : first + BATCH], context)
        tiers.update(meaning.tier for meaning in meanings)
    return len(texts) / (time.perf_counter() - began), tiers


async def alone(reader: Reader, texts: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds of one text at a time."""
    context, spent = ReadingContext(NOW), []
    for text in texts:
        began = time.perf_counter()
        await reader.read(text, context, Deadline.after(60.0))
        spent.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    return cuts[49], cuts[98]


async def accuracy(reader: Reader, texts: Sequence[Labelled]) -> dict[str, Any]:
    """Shares of held-out real messages that are read as labelled, and acceptably."""
    found = Score(await verdicts(reader, texts)).figures()
    return {f.name: {"value": f.value, "interval": f.interval, "total": f.total} for f in found}


async def measure(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Print what was measured, and give it as values."""
    path = options.data / "jddc" / "intents.tsv"
    lines = path.read_text("utf-8").splitlines()
    texts = [hear(text).masked for text in dict.fromkeys(line.split("\t")[0] for line in lines)]
    held = [
        Labelled(one.text, one.intents, acceptable=one.acceptable)
        for one in outside.read(options.pack, path)
        if one.held_out
    ]
    async with readers(options.model) as all_readers:
        rates: dict[str, list[float]] = {name: [] for name in all_readers}
        tiers: dict[str, Counter[str]] = {}
        for reader in all_readers.values():
            await reader.open()
        for _ in range(options.rounds):
            for name, reader in all_readers.items():
                rate, tiers[name] = await throughput(reader, texts)
                rates[name].append(rate)
        p50, p99 = await alone(all_readers[CASCADE], texts[:ALONE])
        right = {name: await accuracy(reader, held) for name, reader in all_readers.items()}
    result = {
        name: {
            "texts_per_second": statistics.median(rates[name]),
            "rounds": rates[name],
            "decided_by": {tier: number / len(texts) for tier, number in tiers[name].items()},
            "held_out": right[name],
        }
        for name in rates
    }
    console.print(_table(result))
    console.print(f"one text alone, cascade: P50 {p50:.2f} ms, P99 {p99:.2f} ms")
    return {"texts": len(texts), "readers": result, "alone_ms": {"p50": p50, "p99": p99}}


def _table(result: dict[str, Any]) -> Table:
    shown = Table("", "texts/s (median)", "rounds", "decided by", "as labelled", "acceptable")
    for name, row in result.items():
        shares = (f"{tier} {share:.1%}" for tier, share in row["decided_by"].items())
        right = (row["held_out"].get(figure, {}).get("value") for figure in ("exact", "acceptable"))
        shown.add_row(
            name,
            f"{row['texts_per_second']:,.0f}",
            " ".join(f"{rate:,.0f}" for rate in row["rounds"]),
            ", ".join(shares),
            *("" if share is None else f"{share:.1%}" for share in right),
        )
    return shown


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pack", type=Path, default=ROOT / "packs/retail")
    parser.add_argument("--model", type=Path, help="default: the pack's own")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    options.model = options.model or options.pack / "model"
    if not (options.data / "jddc" / "intents.tsv").is_file():
        parser.error(f"{options.data}/jddc/intents.tsv is not there; name its folder with --data")
    os.sched_setaffinity(0, {options.core})
    result = asyncio.run(measure(options, Console()))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
