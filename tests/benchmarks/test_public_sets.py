"""Public sets become kefu's own formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kefu.training.data import load
from kefu.training.labelled import read

CONVERTERS = Path(__file__).parents[2] / "benchmarks/understanding"


def converted(name: str, data: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(CONVERTERS / f"{name}.py"),
        "--data",
        str(data),
        "--out",
        str(out),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


def test_banking77_becomes_a_pack_and_lines(tmp_path: Path) -> None:
    rows = 'text,category\n"Hi, where is\nmy card?",card_arrival\nfee?,charge\n'
    for split in ("train", "test"):
        write(tmp_path / "banking77" / f"{split}.csv", rows)
    converted("banking77", tmp_path, tmp_path / "out").check_returncode()
    pack = load(tmp_path / "out/train")
    assert pack.intents == ("card_arrival", "charge")
    assert pack.examples[0].text == "Hi, where is\nmy card?"
    assert read(tmp_path / "out/test.jsonl")[1].intents == ("charge",)


def test_a_label_that_is_no_file_name_keeps_its_name(tmp_path: Path) -> None:
    write(tmp_path / "jddc/intents.tsv", "几天到\t配送/周期\n能开票吗\t发票\n")
    converted("jddc", tmp_path, tmp_path / "out").check_returncode()
    assert load(tmp_path / "out/all").intents == ("发票", "配送/周期")


def test_clinc150_keeps_what_is_out_of_scope_as_a_label(tmp_path: Path) -> None:
    splits = {
        f"{prefix}{split}": [[text, label]]
        for split in ("train", "val", "test")
        for prefix, text, label in (
            ("", "hello", "greeting"),
            ("oos_", "why is the sky blue", "oos"),
        )
    }
    write(tmp_path / "clinc150/data_full.json", json.dumps(splits))
    converted("clinc150", tmp_path, tmp_path / "out").check_returncode()
    assert load(tmp_path / "out/train").intents == ("greeting", "oos")


def test_nlupp_keeps_label_sets_and_leaves_out_texts_without_any(tmp_path: Path) -> None:
    rows = [
        {"text": "how long for a new pin", "intents": ["how_long", "new", "pin"]},
        {"text": "from 25 past 23 on"},
    ]
    for domain in ("banking", "hotels"):
        for fold in range(20):
            write(tmp_path / f"nlupp/data/{domain}/fold{fold}.json", json.dumps(rows))
    converted("nlupp", tmp_path, tmp_path / "out").check_returncode()
    found = read(tmp_path / "out/hotels-fold3.jsonl")
    assert [one.intents for one in found] == [("how_long", "new", "pin")]


@pytest.mark.parametrize("name", ["banking77", "clinc150", "jddc", "nlupp"])
def test_a_missing_set_is_named_with_its_place_and_the_remedy(name: str, tmp_path: Path) -> None:
    done = converted(name, tmp_path, tmp_path / "out")
    assert done.returncode == 1
    assert str(tmp_path / name) in done.stderr
    assert "--data" in done.stderr
