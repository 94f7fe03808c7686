"""`kefu doctor`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from kefu.cli import options
from kefu.errors import SettingsError

if TYPE_CHECKING:
    from kefu.cli.checks import Check
    from kefu.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `remedy` is "" where all is well."""

    name: str
    found: str
    remedy: str = ""


def doctor(
    pack: options.Pack = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to serve on.", show_default="8000")
    ] = None,
    file: options.SettingsFile = None,
) -> None:
    """Check that everything kefu needs is there, and say how to mend what is not; exit code 1 then."""
    try:
        chosen = options.settings(file, pack=pack, server__port=port)
    except SettingsError as exc:
        findings = [Finding("settings", str(exc), "mend that key in the file or the environment")]
    else:
        findings = [Finding("settings", "valid"), *asyncio.run(_examine(chosen))]
    _show(findings)
    raise typer.Exit(1 if any(finding.remedy for finding in findings) else 0)


async def _examine(settings: Settings) -> list[Finding]:
    from kefu.cli.checks import checks

    return list(await asyncio.gather(*(_find(name, check) for name, check in checks(settings))))


async def _find(name: str, check: Check) -> Finding:
    from kefu.cli.checks import Sick

    try:
        return Finding(name, await check())
    except Sick as exc:
        return Finding(name, str(exc), exc.remedy)


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None, padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        if finding.remedy:
            table.add_row(
                "[red]✗[/red]", finding.name, f"{finding.found}\n[red]→ {finding.remedy}[/red]"
            )
        else:
            table.add_row("[green]✓[/green]", finding.name, finding.found)
    Console().print(table)
