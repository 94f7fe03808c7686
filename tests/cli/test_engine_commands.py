"""`kefu chat`, `kefu route` and `kefu doctor` over a real engine, and `kefu serve` up to its start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import kefu.app
from kefu.cli.main import application
from kefu.settings import Settings
from trained import clinic


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> None:
    """Not watched here: each of these commands starts an engine, and a start reads files."""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained pack."""
    return clinic(tmp_path_factory.mktemp("packs"))


@pytest.fixture(autouse=True)
def _data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DATA_DIR", str(tmp_path / "var"))


def run(*words: str, text: str = "") -> Result:
    """The result of a command that does not break."""
    result = CliRunner().invoke(application(words), words, input=text)
    if isinstance(result.exception, Exception):
        raise result.exception
    return result


def test_a_chat_with_an_engine_goes_on_over_its_lines_and_shows_why(pack: Path) -> None:
    lines = "我想挂个号\n牙科\n"
    result = run("chat", "--pack", str(pack), "--trace", "--session", "s1", text=lines)
    assert result.exit_code == 0, result.output
    assert "appointment_book → flow appointment_book" in result.stdout
    assert "owns this intent" in result.stdout
    assert "commit" in result.stdout
    assert "牙科" in result.stdout


def test_a_conversation_goes_on_where_it_was_left(pack: Path) -> None:
    here = ("chat", "--pack", str(pack), "--session", "s1")
    run(*here, text="我想挂个号\n")
    assert (
        run(*here, text="牙科\n").stdout != run("chat", "--pack", str(pack), text="牙科\n").stdout
    )


def test_a_route_is_shown_and_nothing_is_answered(pack: Path) -> None:
    result = run("route", "我想挂个号", "--pack", str(pack))
    assert "appointment_book → flow appointment_book" in result.stdout
    assert "not answered" in result.stdout


def test_a_route_in_json_holds_no_personal_data(pack: Path) -> None:
    result = run("route", "我想挂个号,电话13800138000", "--pack", str(pack), "--json")
    read = json.loads(result.stdout)
    assert read["intents"][0]["name"] == "appointment_book"
    assert read["trace"]["why"]
    assert "13800138000" not in result.stdout


def test_the_doctor_finds_a_good_house_in_order(pack: Path) -> None:
    result = run("doctor", "--pack", str(pack), "--port", "0")
    assert result.exit_code == 0, result.stdout
    assert "✗" not in result.stdout


def test_serve_hands_the_settings_on(
    pack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[Settings] = []
    monkeypatch.setattr(kefu.app, "serve", started.append)
    file = tmp_path / "kefu.toml"
    file.write_text("[server]\nport = 1\n[turn]\nseconds = 9\n", "utf-8")
    result = run("serve", "--pack", str(pack), "--port", "9009", "--settings", str(file))
    assert "http://127.0.0.1:9009" in result.stdout
    [settings] = started
    assert (settings.pack, settings.server.port, settings.turn.seconds) == (str(pack), 9009, 9.0)
