"""`kefu chat`."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kefu.cli import options
from kefu.errors import KefuError

if TYPE_CHECKING:
    from kefu.cli.talking import Talker


def chat(
    pack: options.Pack = None,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Talk to a running service instead of an engine in here."),
    ] = None,
    trace: Annotated[
        bool,
        typer.Option("--trace", help="Show understood, decided, why and timings of each turn."),
    ] = False,
    session: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Go on with this conversation.", show_default="a new one"),
    ] = None,
    file: options.SettingsFile = None,
) -> None:
    """Talk to a bot in the terminal. An empty line is passed over; Ctrl-D ends the conversation.

    Reads lines from a pipe as well.
    """
    name = session or f"cli-{secrets.token_hex(4)}"
    # The loop runs only while a turn does: reading a line needs no thread, and Ctrl-C ends it at once.
    with asyncio.Runner() as runner:
        end = _end(pack, url, file, name)
        talk = _Talk(runner, runner.run(_enter(end)), trace)
        try:
            for line in _lines():
                talk.turn(line)
        finally:
            runner.run(_leave(end))
    raise typer.Exit(1 if talk.failed else 0)


def _end(
    pack: Path | None, url: str | None, file: Path | None, session: str
) -> AbstractAsyncContextManager[Talker]:
    from kefu.cli.talking import embedded, remote

    if url is not None:
        return remote(url, session)
    from kefu.observing.logs import configure

    configure("error")
    return embedded(options.settings(file, pack=pack), session)


async def _enter(end: AbstractAsyncContextManager[Talker]) -> Talker:
    return await end.__aenter__()


async def _leave(end: AbstractAsyncContextManager[Talker]) -> None:
    await end.__aexit__(None, None, None)


def _lines() -> Iterator[str]:
    """What the customer types, or pipes in."""
    asks = sys.stdin.isatty()
    while True:
        try:
            line = input("\n> ") if asks else input()
        except (EOFError, KeyboardInterrupt):
            return
        if line.strip():
            yield line.strip()


class _Talk:
    """Says lines and shows replies; `failed` when one was refused."""

    def __init__(self, runner: asyncio.Runner, talker: Talker, trace: bool) -> None:
        self.failed = False
        self._runner = runner
        self._talker = talker
        self._trace = trace

    def turn(self, line: str) -> None:
        """One turn."""
        try:
            response = self._runner.run(self._talker.say(line, _show))
        except KefuError as exc:
            self.failed = True
            print(f"kefu: {exc}", file=sys.stderr)
            return
        print(flush=True)
        if self._trace:
            from rich.console import Console

            from kefu.cli.panels import panel

            Console().print(panel(response))


def _show(piece: str) -> None:
    print(piece, end="", flush=True)
