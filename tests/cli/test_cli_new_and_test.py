from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer
from rich.console import Console

from kefu.cli.new import make, new
from kefu.cli.test import play, show
from kefu.errors import NotAllowed
from kefu.messages import Caller, Decision, Intent, Meaning, Message, Source, Turn, TurnId
from kefu.pack.conversations import Conversation, Expected, read_conversations
from kefu.pack.pack import load
from kefu.pack.toolbox import Toolbox
from kefu.pack.tools import Customer


async def echo(message: Message) -> Turn:
    if message.text == "boom":
        raise NotAllowed("not yours")
    return Turn(
        session=message.session,
        seq=message.seq or 0,
        turn_id=TurnId("t"),
        text=message.text,
        reply=message.text,
        said=f"[{message.text}]",
        meaning=Meaning((Intent("echo", 1.0),)),
        decision=Decision((), ""),
        source=Source.TEMPLATE,
        slots={},
        flow=None,
        turns=1,
    )


async def names(customer: Customer) -> Mapping[str, str]:
    return {"me": customer.user_id or "nobody"}


def conversation(*turns: Expected) -> Conversation:
    return Conversation("名字", "conversations/a.yaml", Caller(user_id="U1"), turns)


def shown(result: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(result, console)  # type: ignore[arg-type]  # the caller made it with play
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_a_conversation_that_goes_as_expected_passes() -> None:
    told = conversation(Expected("我是{{me}}", reply=("U1",)), Expected("b", never=("a",)))
    result = await play(told, echo, names, "s")
    assert result.passed
    assert "✓ 名字" in shown(result)
    assert "< [我是U1]" in shown(result)


async def test_what_differs_is_shown_under_its_turn() -> None:
    told = conversation(Expected("a", reply=("b",), never=("a",), flow="x"), Expected("c"))
    result = await play(told, echo, names, "s")
    assert not result.passed
    assert len(result.turns) == 2
    text = shown(result)
    assert "the reply lacks “b”" in text
    assert "the reply must not say “a”" in text
    assert "flow: expected x, got none" in text


async def test_a_refusal_or_an_unknown_fixture_fails_the_conversation_and_is_told() -> None:
    result = await play(conversation(Expected("boom")), echo, names, "s")
    assert "NotAllowed: not yours" in shown(result)
    result = await play(conversation(Expected("{{x}}")), echo, names, "s")
    assert "not a fixture" in result.error


async def test_a_new_pack_loads_and_its_tools_fit_its_flows(tmp_path: Path) -> None:
    target = tmp_path / "helpdesk"
    await asyncio.to_thread(make, "helpdesk", target)
    pack = await asyncio.to_thread(load, target)
    tools = await Toolbox.connect(pack, tmp_path)
    assert pack.name == "helpdesk"
    assert tools.demo_customer("s") == "U0001"
    assert set(pack.starters) == {"request_status", "request_cancel"}
    assert len(await asyncio.to_thread(read_conversations, target)) >= 3
    files = [file for file in target.rglob("*.*") if file.suffix != ".npz"]
    texts = [file.read_text("utf-8") for file in files]
    assert not any("mybot" in text for text in texts)


def test_new_says_what_comes_next_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new("mybot", tmp_path)
    assert "kefu train" in capsys.readouterr().out
    for name in ("mybot", "My Bot", "../x"):
        with pytest.raises(typer.Exit) as stopped:
            new(name, tmp_path)
        assert stopped.value.exit_code == 2
