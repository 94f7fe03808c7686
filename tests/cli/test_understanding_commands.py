"""`kefu train`, `understand`, `evaluate` and `compare` on the clinic's pack and on small ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kefu.cli.main import application
from kefu.cli.understand import BATCH, understand
from kefu.errors import BadMessage, PackError
from kefu.training import data, export, fit
from trained import CLINIC, clinic

EXPECTED = {"single_exact", "several_exact", "exact", "slot_f1", "mood_f1", "calibration_error"}


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> None:
    """Let the commands read their files: nobody is served meanwhile."""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clinic(tmp_path_factory.mktemp("packs"))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Labelled texts: one that the pack has too, and two labelled wrongly on purpose."""
    path = tmp_path / "texts.jsonl"
    rows = [
        {"text": "我要挂号！", "intents": ["appointment_book"]},
        {"text": "我想约后天上午看牙科", "intents": ["appointment_book"], "slots": []},
        {"text": "<script>alert('好的')</script>", "intents": ["deny"]},
        {
            "text": "你们几点开门",
            "intents": ["deny"],
            "acceptable": [["visit_info"]],
            "emotion": {"label": "neutral"},
        },
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def run(*words: object, text: str | bytes | None = None) -> Result:
    """The result of a command; what is no exit is raised."""
    said = [str(word) for word in words]
    result = CliRunner().invoke(application(said), said, input=text)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_train_stops_at_a_wrong_pack_and_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    for name in ("refund", "cancel"):
        content = f"intent: {name}\nexamples:\n  - 不要了\n"
        (tmp_path / "intents" / f"{name}.yaml").write_text(content, "utf-8")
    with pytest.raises(PackError, match=r"refund.yaml:3: '不要了' is refund here and cancel at"):
        run("train", tmp_path, "--linear")


def test_train_counts_what_stands_there_twice(tmp_path: Path) -> None:
    pack = labels_only(tmp_path / "small")
    path = pack / "intents" / "hours.yaml"
    path.write_text(path.read_text("utf-8") + "  - 几点开门\n", "utf-8")
    result = run("train", pack, "--linear")
    assert "1 texts stand there more than once" in result.stderr
    assert (pack / "model" / "model.npz").exists()


def labels_only(pack: Path) -> Path:
    """A pack of single labels alone, as public sets are."""
    (pack / "intents").mkdir(parents=True)
    said = {
        "hours": ["几点开门", "什么时候营业", "周末开不开", "营业时间", "几点关门", "晚上开吗"],
        "price": ["多少钱", "怎么收费", "贵不贵", "价格", "费用是多少", "要花多少"],
        "place": ["在哪里", "地址发我", "怎么过去", "位置", "坐几号线", "停车方便吗"],
    }
    for name, examples in said.items():
        lines = "".join(f"  - {example}\n" for example in examples)
        content = f"intent: {name}\nexamples:\n{lines}"
        (pack / "intents" / f"{name}.yaml").write_text(content, "utf-8")
    return pack


def test_a_set_of_single_labels_is_trained_and_measured(tmp_path: Path) -> None:
    pack = labels_only(tmp_path / "small")
    export.write(fit.fit(data.load(pack), lambda: None), pack / "model", {})
    found = json.loads(run("evaluate", pack, "--folds", 2, "--json").stdout)
    assert {"single_exact", "calibration_error"} <= found.keys()
    assert not {"several_exact", "slot_f1", "mood_f1"} & found.keys()
    lines = tmp_path / "texts.jsonl"
    lines.write_text('{"text": "几点开门", "intents": ["hours"]}\n', "utf-8")
    measured = run("evaluate", pack, "--model", pack / "model", "--on", lines, "--json")
    assert json.loads(measured.stdout)["single_exact"] == 1.0


def test_understand_writes_a_line_per_text(pack: Path) -> None:
    found = rows(run("understand", "我要挂号", "打13800138000", "--model", pack / "model"))
    assert [row["text"] for row in found] == ["我要挂号", "打13800138000"]
    assert found[0]["intents"][0]["name"] == "appointment_book"  # type: ignore[index]
    assert found[0]["tier"] == "linear"
    assert 0.0 < found[0]["confidence"] <= 1.0  # type: ignore[operator]
    assert "<PHONE" not in json.dumps(found)


def test_understand_shows_a_table_on_a_terminal(
    pack: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    understand(["我要[b]挂号"], model=pack / "model")
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    head, said = shown.splitlines()[1:4:2]
    assert head.replace("┃", " ").split() == ["text", "intents", "slots", "mood", "tier", "sure"]
    assert "我要[b]挂号" in said
    assert "linear" in said


def test_understand_answers_more_lines_than_fit_into_a_batch(pack: Path) -> None:
    said = "".join(f"我要挂{number}号\n" for number in range(2 * BATCH + 7))
    found = rows(run("understand", "--model", pack / "model", text=said))
    assert [row["text"] for row in found] == said.splitlines()


def test_understand_takes_json_lines_with_their_context(tmp_path: Path) -> None:
    pack = labels_only(tmp_path / "small")
    (pack / "slots.yaml").write_text("slots: {date: {kind: date, asked: [哪一天]}}", "utf-8")
    (pack / "intents" / "inform.yaml").write_text(
        "intent: inform\nexamples: ['[后天](date)', '是[昨天](date)', '13号']\n", "utf-8"
    )
    export.write(fit.fit(data.load(pack), lambda: None), pack / "model", {})
    context = [{"role": "user", "text": "多少钱"}, {"role": "assistant", "text": "您想约哪一天"}]
    said = [{"text": "多少钱", "id": "first"}, {"text": "明天", "context": context}]
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in said)
    found = rows(run("understand", "--model", pack / "model", text=text))
    assert (found[0]["id"], "id" in found[1]) == ("first", False)
    assert found[1]["intents"][0]["name"] == "inform"  # type: ignore[index]
    assert found[1]["slots"][0]["raw"] == "明天"  # type: ignore[index]


def test_understand_names_a_wrong_line_after_answering_those_before(pack: Path) -> None:
    words = ["understand", "--json-lines", "--model", str(pack / "model")]
    result = CliRunner().invoke(application(words), words, input='{"text": "好的"}\n{"txt": 1}\n')
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["好的"]
    assert isinstance(result.exception, BadMessage)
    assert str(result.exception).startswith("line 2: ")


def test_understand_answers_a_line_before_the_next_one_comes(pack: Path) -> None:
    command = [sys.executable, "-m", "kefu", "understand", "--model", str(pack / "model")]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for said in ("我要挂号", "好的"):
            process.stdin.write(f"{said}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == said
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0


def test_evaluate_measures_what_no_fold_has_seen(pack: Path) -> None:
    found = json.loads(run("evaluate", pack, "--folds", 2, "--json").stdout)
    assert found.keys() >= EXPECTED
    for name in EXPECTED:
        low, high = found["intervals"][name]
        assert low <= found[name] <= high
    assert found["near_duplicates"] == 0
    assert sum(one["texts"] for one in found["reliability"]) == found["tiers"]["linear"]["texts"]
    assert "most often confused" in run("evaluate", pack, "--folds", 2).stdout


def test_evaluate_measures_a_model_and_warns_of_near_duplicates(pack: Path, texts: Path) -> None:
    result = run("evaluate", pack, "--model", pack / "model", "--on", texts, "--json")
    found = json.loads(result.stdout)
    assert (found["texts"], found["near_duplicates"]) == (4, 1)
    assert "1 of 4 texts are near-duplicates" in result.stderr
    assert "你们几点开门 ~ 你们几点开门 (1.00)" in result.stderr
    assert found["acceptable"] == found["exact"] + 0.25
    assert found["totals"]["exact"] == 4


def test_evaluate_compares_two_models(pack: Path, texts: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    export.write(fit.fit(data.load(pack), lambda: None, fit.Weighing(sharpness=0.05)), other, {})
    options = ("evaluate", pack, "--model", pack / "model", "--on", texts, "--against", other)
    found = json.loads(run(*options, "--json").stdout)["against"]
    assert found["model"] == str(other)
    assert found["figures"]["exact"].keys() == {"value", "against", "difference", "interval"}
    assert 0.0 <= found["mcnemar"]["p"] <= 1.0
    assert "McNemar's exact p" in " ".join(run(*options).stdout.split())


def test_compare_takes_a_pack_or_a_file(pack: Path, texts: Path) -> None:
    for on in (CLINIC, texts):
        said = " ".join(run("compare", on, pack / "model", pack / "model").stdout.split())
        assert "they disagree on 0 texts" in said
        assert "exact p = 1" in said


def test_labels_that_the_pack_does_not_have_are_named(pack: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"text": "退款", "intents": ["refund"]}\n', "utf-8")
    result = run("evaluate", pack, "--model", pack / "model", "--on", texts, "--json")
    assert "intents that the pack does not have: refund" in result.stderr


@pytest.mark.parametrize(
    "options", [["--model", "x"], ["--on", "x"], ["--against", "x"], ["--locale", "fr"]]
)
def test_options_that_do_not_fit_are_exit_code_2(pack: Path, options: list[str]) -> None:
    assert run("evaluate", pack, *options).exit_code == 2


def test_a_page_that_cannot_be_written_is_named(pack: Path, texts: Path, tmp_path: Path) -> None:
    options = ("--model", pack / "model", "--on", texts, "--html", tmp_path / "no" / "page.html")
    with pytest.raises(PackError, match=r"page.html: No such file"):
        run("evaluate", pack, *options)
