"""`kefu doctor`: green where all is well, red with a remedy where it is not."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kefu.cli import checks
from kefu.cli.checks import Sick
from kefu.cli.main import application
from kefu.llms.fake.behaviour import Behaviour
from kefu.llms.fake.server import FakeServer
from kefu.settings import LlmSettings, load


def doctor(*words: str) -> tuple[int, str]:
    """The exit code and the table, in one line so that a narrow terminal does not matter."""
    result = CliRunner().invoke(application(["doctor"]), ["doctor", *words])
    if isinstance(result.exception, Exception):
        raise result.exception
    return result.exit_code, " ".join(result.stdout.split())


def taken() -> socket.socket:
    """A socket that listens."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def test_what_is_wrong_is_red_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_DATA_DIR", str(tmp_path))
    with taken() as listener:
        port = str(listener.getsockname()[1])
        code, said = doctor("--pack", str(tmp_path / "none"), "--port", port)
    assert code == 1
    for word in ("✓ settings", "✓ Python", "✗ pack", "✗ model", "✗ port", "→ stop who uses it"):
        assert word in said


def test_a_wrong_setting_is_the_first_thing_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_SERVER__PORT", "many")
    code, said = doctor()
    assert code == 1
    assert "✗ settings" in said


async def test_python_and_packages_are_there() -> None:
    assert await checks.python() == sys.version.split()[0]
    assert await checks.packages() == "all installed"


async def test_an_old_python_and_a_missing_package_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "OLDEST", (99, 0))
    with pytest.raises(Sick):
        await checks.python()
    monkeypatch.setattr(checks, "_dependencies", lambda: ["no-such-package"])
    with pytest.raises(Sick, match="no-such-package"):
        await checks.packages()


async def test_a_data_directory_that_is_a_file_is_found(tmp_path: Path) -> None:
    assert await checks.data_dir(tmp_path / "var") == str(tmp_path / "var")
    (tmp_path / "file").touch()
    with pytest.raises(Sick) as found:
        await checks.data_dir(tmp_path / "file")
    assert "KEFU_DATA_DIR" in found.value.remedy


async def test_a_free_port_is_free() -> None:
    assert (await checks.port("127.0.0.1", 0)).endswith("is free")


async def test_a_server_answers_or_does_not() -> None:
    with taken() as listener:
        url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        assert (await checks.answers(url, "X")).endswith("answers")
    with pytest.raises(Sick) as found:
        await checks.answers(url, "KEFU_X")
    assert "KEFU_X" in found.value.remedy


async def test_a_language_model_answers_or_does_not() -> None:
    async with FakeServer(Behaviour()) as fake:
        one = LlmSettings(base_url=fake.base_url, model="m", api_key="k")
        assert (await checks.llm(one)).endswith("answers")
    with pytest.raises(Sick, match="no answer"):
        await checks.llm(one)


def test_only_what_is_configured_is_asked(tmp_path: Path) -> None:
    environ = {
        "KEFU_STORAGE__SQL_URL": "postgresql://h/d",
        "KEFU_STORAGE__REDIS_URL": "redis://h",
        "KEFU_LLM__BASE_URL": "http://h/v1",
        "KEFU_LLM__MODEL": "m",
    }
    few = [name for name, _ in checks.checks(load(environ={}))]
    many = [name for name, _ in checks.checks(load(environ=environ))]
    assert many == [*few, "SQL", "Redis", "language model m"]
    assert os.sep not in "".join(many)
