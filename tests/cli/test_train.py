"""`kefu train`, from the command line, on the clinic's pack."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import taught
from kefu.cli.main import application
from kefu.errors import KefuError, PackError
from kefu.training.neural import encoder
from kefu.training.outside import fingerprint
from kefu.understanding.artefact import load as load_linear
from kefu.understanding.encoder.tier import GRAPH, META, SYLLABLES, read_meta
from trained import CLINIC

LINEAR = {"model.npz", "meta.json"}
ALL = LINEAR | {GRAPH, SYLLABLES, META}
MESSAGE, LABEL = "我那个号能不能往后挪挪", "appointment_change"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The clinic without a model, with a label for a message that it does not hold."""
    pack = tmp_path / "clinic"
    shutil.copytree(CLINIC, pack, ignore=shutil.ignore_patterns("__pycache__", "model"))
    (pack / "labels").mkdir()
    (pack / "labels" / "calls.tsv").write_text(f"{fingerprint(MESSAGE)}\t{LABEL}\t\n", "utf-8")
    return pack


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small network and a short course in place of the real ones."""

    def lecture(**asked: Any) -> encoder.Lecture:
        return replace(taught.LECTURE, **asked)

    monkeypatch.setattr(encoder, "Lecture", lecture)


def kefu_train(*words: object) -> str:
    """What the command prints."""
    line = ["train", *map(str, words)]
    result = CliRunner().invoke(application(line), line)
    if isinstance(result.exception, Exception):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def files(model: Path) -> set[str]:
    return {path.name for path in model.iterdir()}


def test_a_pack_gets_all_its_tiers(pack: Path) -> None:
    told = kefu_train(pack, "--threads", 1)
    assert re.search(r"model: linear [\d.]+ MB, encoder [\d.]+ MB in \d+ s", told)
    assert files(pack / "model") == ALL
    meta = read_meta(pack / "model")
    assert meta is not None
    assert meta.data == load_linear(pack / "model").meta.data


def test_the_linear_tier_alone_takes_an_encoder_from_before_away(
    pack: Path, encoder_pack: Path
) -> None:
    shutil.copytree(encoder_pack / "model", pack / "model")
    told = kefu_train(pack, "--linear")
    assert re.search(r"model: linear [\d.]+ MB in \d+ s", told)
    assert files(pack / "model") >= LINEAR
    assert read_meta(pack / "model") is None


def test_the_model_goes_where_it_is_told(pack: Path, tmp_path: Path) -> None:
    kefu_train(pack, "--linear", "--out", tmp_path / "elsewhere")
    assert files(tmp_path / "elsewhere") == LINEAR
    assert not (pack / "model").exists()


def test_labelled_messages_are_learnt_from(pack: Path, tmp_path: Path) -> None:
    messages = tmp_path / "calls.txt"
    messages.write_text(f"{MESSAGE}\tfrom a call\nnobody labelled this\n", "utf-8")
    kefu_train(pack, "--linear", "--out", tmp_path / "without")
    kefu_train(pack, "--linear", "--out", tmp_path / "with", "--with", messages)
    data = {name: load_linear(tmp_path / name).meta.data for name in ("with", "without")}
    assert data["with"] != data["without"]


def test_text_to_read_first_changes_the_encoder_and_not_the_linear_tier(
    pack: Path, tmp_path: Path, encoder_pack: Path
) -> None:
    prose = tmp_path / "prose.txt"
    prose.write_text("今天天气不错，我们去公园走走吧\n门口排队的人真多\n" * 3, "utf-8")
    kefu_train(pack, "--read", prose, "--threads", 1)
    one, other = pack / "model", encoder_pack / "model"
    assert (one / GRAPH).read_bytes() != (other / GRAPH).read_bytes()
    assert (one / "model.npz").stat().st_size == (other / "model.npz").stat().st_size


@pytest.mark.parametrize("option", ["--with", "--read"])
@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00\x01"], ids=["missing", "not text"])
def test_a_file_of_messages_that_cannot_be_read_is_named(
    pack: Path, tmp_path: Path, option: str, content: bytes | None
) -> None:
    path = tmp_path / "messages.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PackError, match=r"messages\.txt"):
        kefu_train(pack, option, path)
    assert not (pack / "model").exists()


def test_messages_for_a_pack_without_labels_are_refused(pack: Path, tmp_path: Path) -> None:
    shutil.rmtree(pack / "labels")
    messages = tmp_path / "calls.txt"
    messages.write_text(MESSAGE, "utf-8")
    with pytest.raises(PackError, match="leave the option away"):
        kefu_train(pack, "--linear", "--with", messages)


@pytest.mark.parametrize(
    ("file", "written", "complaint"),
    [
        ("intents/deny.yaml", "intent: deny\nexamples:\n  - 不要[了](\n", r"deny\.yaml:3"),
        ("intents/deny.yaml", "intent: deny\nexamples: []\n", r"deny\.yaml:2: .*no examples"),
        ("intents/deny.yaml", "intent: deny\nexamples: [a\n", r"deny\.yaml"),
        (
            "intents/deny.yaml",
            "intent: deny\nexamples: [不要]\npatterns: [(不|别]\n",
            r"deny\.yaml:3",
        ),
        (
            "intents/_several.yaml",
            "several:\n  - {text: 好|再约|一个, intents: [affirm, deny]}\n",
            r"_several\.yaml:2: 2 intents but 3 parts",
        ),
        (
            "intents/_moods.yaml",
            "moods:\n  - {text: 好, label: jolly}\n",
            r"_moods\.yaml:2: 'jolly'",
        ),
        ("labels/calls.tsv", "what is this\n", r"calls\.tsv:1: expected hash"),
    ],
)
def test_a_damaged_file_of_the_pack_is_named_with_its_line(
    pack: Path, tmp_path: Path, file: str, written: str, complaint: str
) -> None:
    (pack / file).write_text(written, "utf-8")
    messages = tmp_path / "calls.txt"
    messages.write_text(MESSAGE, "utf-8")
    with pytest.raises(PackError, match=complaint):
        kefu_train(pack, "--linear", "--with", messages)


def test_a_folder_that_is_no_pack_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(KefuError, match=r"no intents; each is a file <intent>\.yaml"):
        kefu_train(tmp_path, "--linear")


def test_help_shows_an_example() -> None:
    line = ["train", "--help"]
    told = CliRunner().invoke(application(line), line).stdout
    assert "kefu train" in told
    for option in ("--linear", "--with", "--read", "--checkpoint"):
        assert option in told
