"""`kefu understand [TEXT…]`: what texts are taken for."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kefu.cli import options
from kefu.cli.streams import Bytes, batches
from kefu.errors import BadMessage
from kefu.messages import Meaning, Role

if TYPE_CHECKING:
    from kefu.guarding.hearing import Heard
    from kefu.understanding.reader import Reader

BATCH = 256
"""Texts that are read at once: memory is bounded by them, however long the input."""


class Line(msgspec.Struct, frozen=True):
    """What was said before."""

    role: Role
    text: str


class Asked(msgspec.Struct, frozen=True):
    """A text to understand after some lines of its conversation; `id` comes back with the answer."""

    text: str
    context: tuple[Line, ...] = ()
    id: str | int | None = None


Understood = tuple[Asked, Meaning]


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
    json_lines: Annotated[
        bool,
        typer.Option(
            "--json-lines",
            help="stdin is JSON lines {text, context: [{role, text}], id}; only text is needed. "
            "Seen by itself where the first line is a JSON object.",
        ),
    ] = False,
) -> None:
    """Show what a text is taken for: intents in order, slots, mood. Nothing is kept or sent.

    Lines of stdin are answered as they come, so it can stand in an endless pipe.
    """
    asked: Iterable[list[Asked]]
    if texts:
        spoken = [Asked(text) for text in texts if text.strip()]
        asked = (spoken[at : at + BATCH] for at in range(0, len(spoken), BATCH))
    else:
        asked = _of_stdin(json_lines)
    plain = as_json or not sys.stdout.isatty()
    try:
        for read in _read(model or model_of(pack), asked):
            _print(read, plain)
    except BrokenPipeError:  # whoever read the answers has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def model_of(pack: Path | None) -> Path:
    """The model folder of a pack; of the configured pack where none is named."""
    from kefu.pack.pack import load

    return load(pack or options.settings(None).pack_dir).model


def _of_stdin(json_lines: bool) -> Iterator[list[Asked]]:
    first = True
    for lines in batches(cast("Bytes", sys.stdin.buffer), BATCH):
        if first:
            json_lines = json_lines or _is_object(lines[0][1])
            first = False
        if json_lines:
            yield from _asked(lines)
        else:
            yield [Asked(line) for _, line in lines]


def _is_object(line: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except msgspec.DecodeError:
        return False


def _asked(lines: Sequence[tuple[int, str]]) -> Iterator[list[Asked]]:
    """What the lines ask; those before a wrong one are answered yet."""
    found: list[Asked] = []
    for number, line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Asked))
        except msgspec.DecodeError as exc:
            yield found
            message = f"{exc}; expected {{text, context?, id?}}"
            raise BadMessage(f"line {number}", message) from exc
    yield found


def _read(directory: Path, asked: Iterable[list[Asked]]) -> Iterator[list[Understood]]:
    """Each batch with its meanings, as the service would read it."""
    from kefu.understanding.tiers import open_reader

    with asyncio.Runner() as runner:
        reader = runner.run(open_reader(directory))
        try:
            for batch in asked:
                yield runner.run(_meanings(reader, batch))
        finally:
            runner.run(reader.close())


async def _meanings(reader: Reader, batch: Sequence[Asked]) -> list[Understood]:
    found: list[Understood] = []
    for context, group in groupby(batch, key=lambda one: one.context):
        found += await _after(reader, context, list(group))
    return found


async def _after(
    reader: Reader, context: tuple[Line, ...], batch: Sequence[Asked]
) -> list[Understood]:
    """Texts after the same lines. Models see placeholders; the answers are in the words of the texts."""
    from kefu.dialogue.vault import Vault
    from kefu.guarding.hearing import hear

    def mask() -> tuple[list[dict[str, str]], list[Heard]]:
        vault = Vault({})
        turns = [{"role": line.role, "text": hear(line.text, vault).masked} for line in context]
        return turns, [hear(one.text, vault) for one in batch]

    turns, heard = await asyncio.to_thread(mask)
    before = await reader.after(turns, datetime.now(UTC))
    meanings = await reader.read_all([one.masked for one in heard], before)
    restored = (one.restored(meaning) for one, meaning in zip(heard, meanings, strict=True))
    return list(zip(batch, restored, strict=True))


def _print(read: Sequence[Understood], plain: bool) -> None:
    if not plain:
        Console().print(_table(read))
        return
    for asked, meaning in read:
        print(msgspec.json.encode({**_said(asked), **msgspec.to_builtins(meaning)}).decode())
    sys.stdout.flush()


def _said(asked: Asked) -> dict[str, str | int]:
    return {"text": asked.text} if asked.id is None else {"id": asked.id, "text": asked.text}


def _table(read: Iterable[Understood]) -> Table:
    table = Table("text", "intents", "slots", "mood", "tier", "sure")
    for asked, meaning in read:
        mood = meaning.emotion
        table.add_row(
            Text(asked.text),
            "\n".join(f"{intent.name} {intent.confidence:.0%}" for intent in meaning.intents),
            Text("\n".join(f"{slot.name}: {slot.raw} → {slot.value}" for slot in meaning.slots)),
            f"{mood.label} {mood.score:.0%}{' (sarcasm)' if mood.sarcasm else ''}",
            meaning.tier,
            f"{meaning.confidence:.0%}",
        )
    return table
