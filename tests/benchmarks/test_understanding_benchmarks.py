"""The benchmarks of understanding run on a small pack with an encoder; how fast they are is never tested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import taught
from kefu.training.outside import Outside, fingerprint
from kefu.training.tally import Tally

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks" / "understanding"
READERS = ["cascade", "linear alone", "encoder alone"]


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> None:
    """Let the training read its files: nobody is served meanwhile."""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A taught clinic with labels for some texts of others."""
    pack = taught.clinic(tmp_path_factory.mktemp("packs"))
    (pack / "labels").mkdir()
    lines = [f"{fingerprint(text)}\tappointment_book\tinform\n" for text in real()]
    (pack / "labels" / "jddc.tsv").write_text("".join(lines), "utf-8")
    return pack


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts of others, in the place and form of the public set."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "jddc").mkdir()
    content = "".join(f"{text}\tclass\n" for text in real())
    (folder / "jddc" / "intents.tsv").write_text(content, "utf-8")
    return folder


def real() -> list[str]:
    return [f"我想挂{number}号" for number in range(40)]


def run(script: str, out: Path, *options: object) -> dict[str, Any]:
    """What a benchmark wrote."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, BENCHMARKS / script, "--json", out, *options]
    subprocess.run([str(word) for word in command], check=True, env=environ, capture_output=True)
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def test_the_rows_are_measured_for_the_cascade_and_each_tier(
    pack: Path, shared: Path, tmp_path: Path
) -> None:
    texts = tmp_path / "texts.jsonl"
    mood = {"label": "negative", "sarcasm": True}
    said = [
        {"text": "我要挂号", "intents": ["appointment_book"], "slots": [], "emotion": mood},
        {"text": "你们几点开门", "intents": ["visit_info"], "emotion": mood},
    ]
    texts.write_text("".join(json.dumps(one) + "\n" for one in said), "utf-8")
    found = run(
        "retail.py",
        tmp_path / "found.json",
        *("--pack", pack, "--on", texts, "--data", shared, "--mood-from", 2, "--no-sweep"),
    )
    assert list(found["figures"]) == list(found["real"]) == READERS
    for figures in found["figures"].values():
        assert figures["single_exact"]["total"] == 2
        assert figures["sarcasm_recall"]["total"] == 1
    assert found["near_duplicates"] == 1
    held = sum(Outside(text, ("x",), ()).held_out for text in real())
    assert found["real"]["cascade"]["acceptable"]["total"] == held
    assert found["tiers"]["encoder alone"][0][0] == "encoder"
    # this encoder is asked always, so the cascade is the encoder
    assert found["figures"]["cascade"] == found["figures"]["encoder alone"]


def test_speed_is_told_with_who_decided_and_what_was_right(
    pack: Path, shared: Path, tmp_path: Path
) -> None:
    found = run(
        "speed.py", tmp_path / "found.json", *("--pack", pack, "--data", shared, "--rounds", 2)
    )
    assert found["texts"] == len(real())
    assert list(found["readers"]) == READERS
    assert found["readers"]["cascade"]["decided_by"] == {"encoder": 1.0}
    assert found["readers"]["linear alone"]["decided_by"] == {"linear": 1.0}
    assert all(len(one["rounds"]) == 2 for one in found["readers"].values())
    assert found["readers"]["cascade"]["held_out"]["acceptable"]["total"] > 0


def test_the_best_recall_is_that_of_a_threshold_precise_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from sarcasm import Best, best

    found = [
        (0.2, Tally(10, 5, 0)),
        (0.4, Tally(8, 2, 2)),
        (0.6, Tally(6, 0, 4)),
        (0.9, Tally(0, 0, 10)),
    ]
    assert best(found) == Best(0.8, 0.8, 0.4)
    assert best(found, 0.9) == Best(0.6, 1.0, 0.6)
    assert best(found[:1]) is None
