"""The command `kefu`. Only the command that was asked for is imported, so that help comes at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kefu.cli.commands import COMMANDS
from kefu.errors import KefuError

_ABOUT = "kefu (客服): a self-hosted, Chinese-first AI customer-service engine."
_START = "Start with:\n\n  $ kefu serve\n\n  $ kefu chat --trace\n\n  $ kefu doctor"


def main() -> None:
    """Run what the command line asks for; what went wrong is one line, and exit code 1."""
    try:
        application(sys.argv[1:])(prog_name="kefu")
    except KefuError as exc:
        print(f"kefu: {exc}", file=sys.stderr)
        sys.exit(1)


def application(words: Sequence[str]) -> typer.Typer:
    """All commands by name and purpose; of the one that `words` ask for, the body too."""
    app = typer.Typer(
        help=_ABOUT,
        epilog=_START,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_kefu)
    asked = next((word for word in words if not word.startswith("-")), None)
    for command in COMMANDS.values():
        body = command.body() if command.name == asked else _not_asked
        shown = None if command.name == asked and body.__doc__ else command.about
        app.command(command.name, help=shown, epilog=command.epilog)(body)
    return app


def _version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(f"kefu {version('kefu')}")
    except PackageNotFoundError:
        print("kefu (not installed: run from its source)")
    raise typer.Exit


def _kefu(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and stop."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _not_asked() -> None:
    """Stand in for a command that nobody asked for."""
