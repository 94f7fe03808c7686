"""`kefu test PACK`: play a pack's conversations through a real engine and show what differs."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from kefu import settings
from kefu.app import engine
from kefu.errors import KefuError
from kefu.messages import Meaning, Message, SessionId, Turn, TurnId
from kefu.pack.conversations import (
    Conversation,
    Expected,
    Miss,
    compare,
    filled,
    read_conversations,
)
from kefu.pack.tools import Customer

Respond = Callable[[Message], Awaitable[Turn]]
Fixtures = Callable[[Customer], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Played:
    """One turn that was played: what was expected, what came, and where they differ."""

    expected: Expected
    turn: Turn
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One conversation that was played; `error` where it could not be."""

    conversation: Conversation
    turns: tuple[Played, ...]
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether every turn was as expected."""
        return not self.error and not any(played.misses for played in self.turns)


def test(
    pack: Annotated[Path, typer.Argument(help="The pack's folder.")],
    only: Annotated[
        str, typer.Option("--only", "-k", help="Only conversations whose name contains this.")
    ] = "",  # noqa: PT028  # a command, not a test
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show the conversations that pass, too.")
    ] = False,  # noqa: PT028  # a command, not a test
) -> None:
    """Play the conversations of a pack, without any model key, on data of their own."""
    console = Console()
    began = time.perf_counter()
    try:
        conversations = [one for one in read_conversations(pack) if only in one.name]
        results = asyncio.run(_run(pack, conversations))
    except KefuError as error:
        console.print(f"[red]{escape(str(error))}[/red]")
        raise typer.Exit(2) from error
    for result in results:
        if verbose or not result.passed:
            show(result, console)
    passed = sum(result.passed for result in results)
    turns = sum(len(result.turns) for result in results)
    colour = "green" if passed == len(results) else "red"
    console.print(
        f"[{colour}]{passed} of {len(results)} conversations passed[/{colour}], "
        f"{turns} turns in {time.perf_counter() - began:.1f} s"
    )
    if passed < len(results) or not results:
        raise typer.Exit(1)


async def play(
    conversation: Conversation, respond: Respond, fixtures: Fixtures, session: str
) -> Result:
    """Play one conversation to its end, whatever differs on the way."""
    caller = conversation.caller
    played: list[Played] = []
    try:
        names = await fixtures(Customer(caller.user_id, caller.tier, session))
        for seq, turn in enumerate(conversation.turns):
            expected = filled(turn, names)
            answer = await respond(
                Message(
                    session=SessionId(session),
                    text=expected.say,
                    caller=caller,
                    at=datetime.now(UTC),
                    seq=seq,
                    locale=conversation.locale,
                )
            )
            played.append(Played(expected, answer, compare(expected, answer)))
    except KefuError as error:
        return Result(conversation, tuple(played), f"{type(error).__name__}: {error}")
    return Result(conversation, tuple(played))


def show(result: Result, console: Console) -> None:
    """Print one conversation with its differences."""
    conversation = result.conversation
    mark = "[green]✓[/green]" if result.passed else "[red]✗[/red]"
    console.print(f"\n{mark} [bold]{escape(conversation.name)}[/bold]  {conversation.file}")
    for played in result.turns:
        console.print(f"  [cyan]>[/cyan] {escape(played.expected.say)}")
        for line in played.turn.said.splitlines():
            console.print(f"  [dim]<[/dim] {escape(line)}")
        for miss in played.misses:
            console.print(f"    [red]{_told(miss)}[/red]")
    if result.error:
        console.print(f"    [red]{escape(result.error)}[/red]")


def _told(miss: Miss) -> str:
    expected, found = escape(miss.expected), escape(miss.found)
    if miss.what == "reply":
        return f"the reply lacks “{expected}”"
    if miss.what == "not":
        return f"the reply must not say “{expected}”"
    return f"{miss.what}: expected {expected or 'none'}, got {found or 'none'}"


class _Silent:
    """A listener that only the finished turn matters to."""

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """Not needed."""

    async def delta(self, text: str) -> None:
        """Not needed."""


async def _run(pack: Path, conversations: Sequence[Conversation]) -> Sequence[Result]:
    with tempfile.TemporaryDirectory(prefix="kefu-test-") as data_dir:
        # No environment: what is tested is the pack, not somebody's stores and keys.
        own = settings.load(
            overrides={
                "pack": str(pack),
                "data_dir": data_dir,
                "auth.demo": "false",
                "log.turns": "false",
            },
            environ={},
        )
        async with engine(own) as running:

            async def respond(message: Message) -> Turn:
                return await running.turns.respond(message, _Silent())

            return [
                await play(one, respond, running.toolbox.fixtures, f"test-{number}")
                for number, one in enumerate(conversations)
            ]
