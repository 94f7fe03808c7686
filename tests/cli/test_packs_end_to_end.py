from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer

from kefu.cli.new import make
from kefu.cli.test import test as play_pack
from kefu.training.data import load
from kefu.training.export import write
from kefu.training.fit import fit

CLINIC = Path(__file__).parents[2] / "examples" / "clinic"


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> None:
    """Let an engine read its files while it starts: nobody is served yet."""


def trained(pack: Path) -> Path:
    write(fit(load(pack), lambda *_: None), pack / "model", {})
    return pack


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pack = tmp_path_factory.mktemp("packs") / "clinic"
    shutil.copytree(CLINIC, pack)
    return trained(pack)


def test_the_clinic_passes_its_own_conversations(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play_pack(clinic)
    assert "7 of 7 conversations passed" in capsys.readouterr().out


def test_a_new_pack_passes_its_own_conversations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make("helpdesk", tmp_path / "helpdesk")
    play_pack(trained(tmp_path / "helpdesk"), verbose=True)
    out = capsys.readouterr().out
    assert "3 of 3 conversations passed" in out
    assert "✓ 撤回要确认" in out


def test_a_failing_conversation_ends_in_a_failing_command(
    clinic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = clinic / "conversations" / "wrong.yaml"
    wrong.write_text(
        "conversations: [{name: wrong, turns: [{say: 你们几点开门, reply: [半夜]}]}]", "utf-8"
    )
    with pytest.raises(typer.Exit) as failed:
        play_pack(clinic, only="wrong")
    wrong.unlink()
    assert failed.value.exit_code == 1
    assert "the reply lacks “半夜”" in capsys.readouterr().out


def test_a_broken_pack_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as failed:
        play_pack(tmp_path)
    assert failed.value.exit_code == 2
    assert "pack.yaml" in capsys.readouterr().out
