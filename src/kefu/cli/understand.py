"""`kefu understand [TEXT…]`: what texts are taken for."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from kefu.cli import options
from kefu.messages import Meaning


def understand(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="Texts; default: lines of stdin.")
    ] = None,
    pack: options.Pack = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="A model folder instead of the pack's own."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines even on a terminal.")] = False,
) -> None:
    """Show what a text is taken for: intents in order, slots, mood. Nothing is kept or sent."""
    lines = texts or [line.rstrip("\n") for line in sys.stdin]
    spoken = [text for text in lines if text.strip()]
    read = zip(spoken, asyncio.run(_read(model or model_of(pack), spoken)), strict=True)
    if as_json or not sys.stdout.isatty():
        for text, meaning in read:
            print(msgspec.json.encode({"text": text, **_plain(meaning)}).decode())
        return
    Console().print(_table(read))


async def _read(directory: Path, texts: list[str]) -> list[Meaning]:
    from kefu.understanding.reader import ReadingContext
    from kefu.understanding.tiers import open_reader

    reader = await open_reader(directory)
    return await reader.read_all(texts, ReadingContext(datetime.now(UTC)))


def model_of(pack: Path | None) -> Path:
    """The model folder of a pack; of the configured pack where none is named."""
    from kefu.pack.pack import load

    return load(pack or options.settings(None).pack_dir).model


def _plain(meaning: Meaning) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(meaning)
    return plain


def _table(read: Iterable[tuple[str, Meaning]]) -> Table:
    table = Table("text", "intents", "slots", "mood")
    for text, meaning in read:
        mood = meaning.emotion
        table.add_row(
            text,
            "\n".join(f"{intent.name} {intent.confidence:.0%}" for intent in meaning.intents),
            "\n".join(f"{slot.name}: {slot.raw} → {slot.value}" for slot in meaning.slots),
            f"{mood.label} {mood.score:.0%}{' (sarcasm)' if mood.sarcasm else ''}",
        )
    return table
