"""`kefu new NAME`: a small pack of your own, that runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kefu import pack as room

SCAFFOLD = Path(room.__file__).parent / "scaffold"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")


def new(
    name: Annotated[str, typer.Argument(help="The pack's name: small letters, digits, - and _.")],
    folder: Annotated[Path, typer.Option(help="Where to make it.")] = Path(),
) -> None:
    """Make a small pack that runs: intents, two flows, a FAQ, tools and tests, with comments that teach."""
    console = Console()
    if not _NAME.fullmatch(name):
        console.print(f"[red]{name!r} is no pack name: small letters, digits, - and _[/red]")
        raise typer.Exit(2)
    target = folder / name
    if target.exists():
        console.print(f"[red]{target} is already there; nothing was changed[/red]")
        raise typer.Exit(2)
    make(name, target)
    console.print(f"[green]{target}[/green] is there. Next:\n")
    for command, why in _next(target):
        console.print(f"  {command:<32} [dim]{why}[/dim]", highlight=False)


def make(name: str, target: Path) -> None:
    """Copy the scaffold, with the pack's own name in it."""
    shutil.copytree(SCAFFOLD, target, ignore=shutil.ignore_patterns("__pycache__"))
    for file in target.rglob("*"):
        if file.is_file() and file.suffix != ".npz":
            text = file.read_text("utf-8")
            if "mybot" in text:
                file.write_text(text.replace("mybot", name), "utf-8")


def _next(target: Path) -> list[tuple[str, str]]:
    return [
        (f"kefu test {target}", "play conversations/*.yaml"),
        (f"kefu serve --pack {target}", "and open http://127.0.0.1:8000"),
        (f"kefu train {target}", "after you changed intents/*.yaml (needs kefu\\[train])"),
    ]
