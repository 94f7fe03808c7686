from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import PackError
from kefu.training.data import Example, Mark, load, load_lines, unmark

REFUND = """\
intent: refund
title: {zh: 退款, en: Refund}
examples:
  - 我要退款
  - 退[两件](quantity)
"""


def folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "intents").mkdir()
    for name, content in {"refund": REFUND, **files}.items():
        where = tmp_path if name.startswith("pack_") else tmp_path / "intents"
        (where / f"{name.removeprefix('pack_')}.yaml").write_text(content, "utf-8")
    return tmp_path


def test_marks_become_spans_of_the_plain_text() -> None:
    text, marks = unmark("把[T恤](product)退[两件](quantity)吧")
    assert text == "把T恤退两件吧"
    assert marks == (Mark("product", 1, 3), Mark("quantity", 4, 6))


def test_a_pack_s_examples_are_read_with_their_slots(tmp_path: Path) -> None:
    data = load(folder(tmp_path))
    assert data.intents == ("refund",)
    assert data.examples[1] == Example("退两件", ("refund",), (Mark("quantity", 1, 3),))
    assert [slot.name for slot in data.slots] == ["quantity"]


def test_curated_questions_are_examples_too(tmp_path: Path) -> None:
    faq = "faq:\n  - {id: a, intent: refund, questions: [怎么退], answer: {zh: x}}\n"
    faq += "  - {id: b, questions: [别的], answer: {zh: x}}\n"
    data = load(folder(tmp_path, pack_faq=faq))
    assert [example.text for example in data.examples] == ["我要退款", "退两件", "怎么退"]


def test_slots_and_concepts_are_described_by_the_pack(tmp_path: Path) -> None:
    slots = "slots:\n  quantity: {kind: count}\n  colour: {words: [红色]}\n"
    data = load(folder(tmp_path, pack_slots=slots, pack_concepts="concepts: {no: [no, 12315]}"))
    assert [(slot.name, slot.kind) for slot in data.slots] == [
        ("quantity", "count"),
        ("colour", "words"),
    ]
    assert data.concepts == {"no": ("no", "12315")}


def test_the_digest_changes_with_the_files(tmp_path: Path) -> None:
    pack = folder(tmp_path)
    before = load(pack).digest
    (pack / "intents" / "refund.yaml").write_text(REFUND + "  - 退钱\n", "utf-8")
    assert load(pack).digest != before


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"refund": "intent: refund\nexamples:\n  - [两件](quantity)\n"}, "refund.yaml"),
        (
            {"refund": "intent: refund\nexamples:\n  - {a: b}\n"},
            r"refund.yaml:3: expected one text",
        ),
        ({"refund": "intent: refund\nexamples:\n  - ''\n"}, r"refund.yaml:3: an empty example"),
        (
            {"refund": "intent: refund\nexamples:\n  - '退](slot)'\n"},
            r"refund.yaml:3: a broken mark",
        ),
        ({"refund": "intent: refund\nexamples: 退款\n"}, r"refund.yaml:2: expected a list"),
        ({"refund": "intent: refund\n"}, r"refund.yaml:1: the field 'examples' is missing"),
        ({"refund": "- 退款\n"}, r"refund.yaml:1: expected a mapping"),
        (
            {"_several": "several: [{text: 退, intents: [cake]}]"},
            r"_several.yaml:1: no such intent",
        ),
        ({"_several": "several: [退]"}, r"_several.yaml:1: the field 'intents' is missing"),
        ({"_moods": "moods: [{text: 好, label: odd}]"}, r"_moods.yaml:1: 'odd' is none of"),
        ({"pack_slots": "slots: [a]"}, r"slots.yaml: expected a mapping"),
        ({"pack_slots": "slots: {a: {kind: odd}}"}, r"unknown kind 'odd'"),
        ({"pack_slots": "slots: {a: {odd: 1}}"}, r"unknown field 'odd'"),
        ({"pack_slots": "slots: {a: {patterns: ['(']}}"}, r"slot a: pattern"),
        ({"pack_concepts": "concepts: [a]"}, r"concepts.yaml:1: expected concept"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(PackError, match=message):
        load(folder(tmp_path, **files))


def test_a_pack_without_intents_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no intents"):
        load(tmp_path)


def test_labelled_lines_are_read(tmp_path: Path) -> None:
    lines = tmp_path / "texts.jsonl"
    lines.write_text(
        '{"text": "退[两件](quantity)", "intents": ["refund"]}\n{"text": "退,查", "intents": ["a", "b"]}\n'
    )
    data = load_lines(lines)
    assert len(data.examples) == len(data.several) == 1
    assert data.intents == ("a", "b", "refund")
    lines.write_text('{"text": 3}\n')
    with pytest.raises(PackError, match=r"texts.jsonl:1"):
        load_lines(lines)
