"""`kefu bench`."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu.errors import SettingsError

if TYPE_CHECKING:
    from kefu.cli.load import Load

TEXTS = (
    "你好",
    "我的订单到哪了",
    "怎么还不发货",
    "帮我查下订单,顺便把地址改了",
    "这个有货吗",
    "可以开发票吗",
    "七天无理由怎么退",
    "退款多久到账",
    "运费谁出",
    "保修多久",
    "好的谢谢",
)
"""What is asked where no file says otherwise."""

_BUSY = 0.9


def bench(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the service is.")],
    rate: Annotated[
        float, typer.Option(min=0.0, help="Turns per second to send (open loop); 0: closed loop.")
    ] = 0.0,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Customers, or with --rate the most requests in flight.")
    ] = 32,
    duration: Annotated[float, typer.Option(min=0.1, help="Seconds.")] = 10.0,
    texts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Messages, one a line; of a .tsv the first column."),
    ] = None,
    key: Annotated[
        str, typer.Option(envvar="KEFU_BENCH_KEY", help="A service key.", show_default=False)
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for other programs.")] = False,
) -> None:
    """Put a running service under load: rate, percentiles, errors, and who answered.

    Start the service with KEFU_LIMITS__ENABLED=false, or its limits are what you measure. Closed loop: each
    customer waits for an answer before the next message. Open loop (--rate): messages come whether or not the
    service keeps up, and latencies count from when each was due.
    """
    from kefu.cli.load import Load, Plan

    plan = Plan(url.rstrip("/"), _texts(texts), duration, rate, concurrency, key=key)
    load = Load(plan)
    figures = _watched(load, quiet=as_json)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures, plan.url)
    raise typer.Exit(0 if figures["answered"] else 1)


def _texts(file: Path | None) -> tuple[str, ...]:
    if file is None:
        return TEXTS
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"--texts {file}: cannot be read as UTF-8 text") from exc
    if file.suffix == ".tsv":
        lines = [line.partition("\t")[0] for line in lines]
    texts = tuple(line.strip()[:2000] for line in lines if line.strip())
    if not texts:
        raise SettingsError(f"--texts {file}: holds no message")
    return texts


def _watched(load: Load, quiet: bool) -> dict[str, Any]:
    """Run it under a progress bar, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[said]}"))
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=1.0, said="")

        def tick(share: float) -> None:
            tally = load.tally
            said = f"{len(tally.latencies)} answered, {tally.errors.total()} errors"
            progress.update(bar, completed=share, said=said)

        return asyncio.run(load.run(tick)).figures()


def _show(figures: dict[str, Any], url: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=url, show_header=False, title_justify="left")
    table.add_column(style="bold cyan")
    table.add_column(justify="right")
    table.add_row("answered", f"{figures['answered']} in {figures['seconds']} s")
    table.add_row("per second", f"{figures['per_second']}")
    for name, value in figures["latency_ms"].items():
        table.add_row(name, "-" if value is None else f"{value:.2f} ms")
    for source, share in figures["sources"].items():
        table.add_row(f"by {source}", f"{share:.1%}")
    for kind, number in figures["errors"].items():
        table.add_row(f"error: {kind}", f"[red]{number}[/red]")
    console = Console()
    console.print(table)
    if figures["generator_cpu"] > _BUSY:
        console.print(
            f"[yellow]The generator used {figures['generator_cpu']:.0%} of its core "
            f"({os.cpu_count()} here): it, not the service, may be the limit.[/yellow]"
        )
