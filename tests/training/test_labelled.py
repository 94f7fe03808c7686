from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import PackError
from kefu.training.data import Example, Mark, MoodExample, TrainingData
from kefu.training.labelled import Feeling, Labelled, NamedValue, of_pack, read, unknown


def lines(folder: Path, *content: str) -> Path:
    path = folder / "texts.jsonl"
    path.write_text("".join(f"{line}\n" for line in content), "utf-8")
    return path


def test_a_line_needs_text_and_intents_alone(tmp_path: Path) -> None:
    path = lines(tmp_path, '{"text": "退", "intents": ["refund"], "id": 7}', "")
    assert read(path) == [Labelled("退", ("refund",))]


def test_a_line_may_have_slots_mood_and_other_answers(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        '{"text": "退两件", "intents": ["a"], "slots": [{"name": "quantity", "raw": "两件"}],'
        ' "emotion": {"label": "negative", "sarcasm": true}, "acceptable": [["b"], ["a", "b"]]}',
    )
    values = (NamedValue("quantity", "两件"),)
    wanted = Labelled("退两件", ("a",), values, Feeling("negative", True), (("b",), ("a", "b")))
    assert read(path) == [wanted]


def test_values_may_be_marked_in_the_text(tmp_path: Path) -> None:
    found = read(lines(tmp_path, '{"text": "退[两件](quantity)", "intents": ["a"]}'))
    assert found == [Labelled("退两件", ("a",), (NamedValue("quantity", "两件"),))]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": 3}', "texts.jsonl:2: .*expected"),
        ("{", "texts.jsonl:2: "),
        ('{"text": "退", "intents": []}', "texts.jsonl:2: no intents; expected .*我要退款"),
        ('{"text": " ", "intents": ["a"]}', "texts.jsonl:2: the text is empty"),
        ('{"text": "退", "intents": ["a"], "emotion": {"label": "odd"}}', "texts.jsonl:2: .*odd"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(PackError, match=said):
        read(lines(tmp_path, '{"text": "退", "intents": ["refund"]}', line))


def test_a_file_without_texts_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no labelled texts; write a line"):
        read(lines(tmp_path))
    with pytest.raises(PackError, match=r"nowhere.jsonl: No such file"):
        read(tmp_path / "nowhere.jsonl")


def test_a_pack_s_own_examples_are_texts_to_measure_by() -> None:
    data = TrainingData(
        intents=("a",),
        examples=(
            Example("退两件", ("a",), (Mark("quantity", 1, 3),)),
            Example("x", ("a",), marked=False),
        ),
        several=(),
        moods=(MoodExample("真行", "negative", True),),
        slots=(),
        concepts={},
        digest="",
    )
    assert of_pack(data) == [
        Labelled("退两件", ("a",), (NamedValue("quantity", "两件"),)),
        Labelled("x", ("a",)),
        Labelled("真行", (), None, Feeling("negative", True)),
    ]


def test_labels_that_nobody_knows_are_named() -> None:
    assert unknown([Labelled("x", ("b", "a")), Labelled("y", ("c",))], ["a"]) == ["b", "c"]
