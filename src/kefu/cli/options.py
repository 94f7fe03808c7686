"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kefu.settings import Settings

Pack = Annotated[
    Path | None,
    typer.Option("--pack", metavar="DIR", help="The pack's folder.", show_default=False),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="Settings in TOML.", show_default=False),
]


def settings(file: Path | None, **overrides: object) -> Settings:
    """Settings from file and environment, with what was given on the command line (`section__key=value`)."""
    from kefu.settings import load

    given = {
        key.replace("__", "."): str(value) for key, value in overrides.items() if value is not None
    }
    return load(file, given)
