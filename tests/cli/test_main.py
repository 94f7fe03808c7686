"""The command `kefu` as a whole: help, examples, start-up, errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kefu.cli.commands import COMMANDS
from kefu.cli.main import application, main


def run(*words: str, text: str | None = None) -> tuple[int, str]:
    """The exit code and output of a command."""
    result = CliRunner().invoke(application(words), words, input=text)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_help_names_every_command() -> None:
    code, said = run("--help")
    assert code == 0
    assert all(f" {name} " in said for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name: str) -> None:
    code, said = run(name, "--help")
    assert code == 0
    assert "Examples:" in said
    assert f"$ kefu {name}" in said or f"kefu {name}" in " ".join(COMMANDS[name].examples)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from kefu.cli.main import application\n"
        "try: application(['--help'])(['--help'], prog_name='kefu')\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'aiohttp', 'sqlalchemy', 'uvicorn', 'structlog', 'msgspec', 'yaml'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stderr


def test_the_version_is_one_line() -> None:
    code, said = run("--version")
    assert code == 0
    assert said.startswith("kefu ")
    assert len(said.splitlines()) == 1


def test_an_error_of_ours_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["kefu", "serve", "--settings", "nowhere.toml"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("kefu: nowhere.toml")
    assert len(said.splitlines()) == 1
