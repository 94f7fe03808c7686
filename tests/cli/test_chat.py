"""`kefu chat` against a service on a real socket."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from doors import Doors, doors
from kefu.cli.main import application


def chat(text: str, *words: str) -> Result:
    """The chat, with lines piped in."""
    return CliRunner().invoke(application(["chat"]), ["chat", *words], input=text)


def service(text: str, *words: str) -> tuple[Result, Doors]:
    """A chat with a service."""
    with doors() as far:
        return chat(text, "--url", far.url, *words), far


def test_lines_are_said_and_replies_shown() -> None:
    result, far = service("你好\n\n  在吗 \n", "--session", "s1")
    assert result.exit_code == 0
    assert result.stdout == "您好,在的\n" * 2
    assert [(one["session_id"], one["text"]) for one in far.asked] == [
        ("s1", "你好"),
        ("s1", "在吗"),
    ]


def test_a_conversation_without_a_name_gets_one() -> None:
    _, far = service("你好\n你好\n")
    assert len({one["session_id"] for one in far.asked}) == 1


def test_a_trace_shows_what_was_understood_and_why_it_took_so_long() -> None:
    result, _ = service("你好\n", "--trace")
    for word in ("greeting 0.98", "order_id=SF8899", "negative 0.50, sarcastic", "degraded: llm"):
        assert word in result.stdout
    assert "0.400 ms" in result.stdout
    assert "turn abcdef0123456789" in result.stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("忙", "Overloaded (503): come back later"),
        ("糟", "HTTP 502"),
        ("断", "hung up"),
        ("错", "Broken (500): sorry"),
    ],
)
def test_a_refusal_is_told_and_the_chat_goes_on(text: str, why: str) -> None:
    result, far = service(f"{text}\n你好\n")
    assert result.exit_code == 1
    assert why in result.stderr
    assert len(far.asked) == 2


def test_a_service_that_is_not_there_is_told() -> None:
    with doors() as far:
        url = far.url
    result = chat("你好\n", "--url", url)
    assert result.exit_code == 1
    assert url in result.stderr
