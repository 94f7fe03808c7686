from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import PackError
from kefu.training.data import Example, Mark, load, unmark

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
        (
            {"refund": "intent: refund\nexamples: []\n"},
            r"refund.yaml:2: the intent 'refund' has no examples; write some, or delete the file",
        ),
        ({"refund": "intent: refund\nexamples:\n"}, r"refund.yaml:2: .* has no examples"),
        (
            {"refund": "intent: refnd\nexamples: [退]\n"},
            r"refund.yaml:1: the intent 'refnd' stands in refund.yaml; one of the two is misspelt",
        ),
        ({"refund": "intent: refund\n"}, r"refund.yaml:1: the field 'examples' is missing"),
        ({"refund": "- 退款\n"}, r"refund.yaml:1: expected a mapping"),
        (
            {"_several": "several: [{text: 退, intents: [cake]}]"},
            r"_several.yaml:1: no such intent",
        ),
        (
            {"_several": "several:\n  - {text: 退, intents: [refund, refnd]}"},
            r"_several.yaml:2: no such intent 'refnd'; did you mean 'refund'\?",
        ),
        (
            {"_moods": "moods:\n  - {text: 好, label: neutral, intents: [refunds]}"},
            r"_moods.yaml:2: no such intent 'refunds'; did you mean 'refund'\?",
        ),
        (
            {"pack_faq": "faq:\n  - {id: a, intent: refud, questions: [怎么退]}"},
            r"faq.yaml:2: no such intent 'refud'; did you mean 'refund'\?",
        ),
        (
            {"pack_slots": "slots:\n  quantity: {kind: count, only_with: [refnd]}"},
            r"slots.yaml:2: no such intent 'refnd'; did you mean 'refund'\?",
        ),
        (
            {"pack_slots": "slots: {quantities: {kind: count}}"},
            r"refund.yaml:5: slots.yaml has no slot 'quantity'; did you mean 'quantities'\?",
        ),
        (
            {"refund": REFUND + "patterns:\n  - 退{sum}\n", "pack_slots": "slots: {quantity: {}}"},
            r"refund.yaml:7: slots.yaml has no slot 'sum'$",
        ),
        (
            {"cancel": "intent: cancel\nexamples:\n  - 不要了\n  - 我要退款\n"},
            r"refund.yaml:4: '我要退款' is refund here and cancel at .*cancel.yaml:4",
        ),
        (
            {"cancel": "intent: cancel\nexamples: [' 我要退款 ']\n"},
            r"refund.yaml:4: .* cancel at .*cancel.yaml:2; leave it in one of the two",
        ),
        (
            {
                "cancel": "intent: cancel\nexamples: [不要了]\n",
                "pack_faq": "faq:\n  - {id: a, intent: cancel, questions: [退两件]}",
            },
            r"faq.yaml:2: '退两件' is cancel here and refund at .*refund.yaml:5",
        ),
        (
            {
                "cancel": "intent: cancel\nexamples: [不要了]\n",
                "_several": "several: [{text: 我要退款, intents: [cancel, refund]}]",
            },
            r"_several.yaml:1: '我要退款' is cancel \+ refund here and refund at .*refund.yaml:4",
        ),
        (
            {
                "cancel": "intent: cancel\nexamples: [不要了]\n",
                "_moods": "moods: [{text: 我要退款, label: negative, intents: [cancel]}]",
            },
            r"_moods.yaml:1: '我要退款' is cancel here and refund at .*refund.yaml:4",
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


def test_a_text_that_stands_twice_under_one_intent_is_only_counted(tmp_path: Path) -> None:
    faq = "faq:\n  - {id: a, intent: refund, questions: [我要退款], answer: {zh: x}}\n"
    data = load(folder(tmp_path, refund=REFUND + "  - 我要退款\n", pack_faq=faq))
    assert data.repeated == 1


def test_questions_may_be_told_apart_by_language(tmp_path: Path) -> None:
    faq = (
        "faq:\n  - {id: a, intent: refund, questions: {zh: [怎么退], en: [how]}, answer: {zh: x}}\n"
    )
    data = load(folder(tmp_path, pack_faq=faq))
    assert [example.text for example in data.examples[2:]] == ["怎么退", "how"]


def test_files_may_be_numbered_and_names_may_hold_what_no_file_name_takes(tmp_path: Path) -> None:
    pack = folder(tmp_path)
    odd = pack / "intents" / "001-why_so_.yaml"
    odd.write_text("intent: why so?\nexamples: [为什么]\n", "utf-8")
    assert load(pack).intents == ("refund", "why so?")


@pytest.mark.parametrize("pack", ["packs/retail", "examples/clinic", "src/kefu/pack/scaffold"])
def test_the_shipped_packs_contradict_themselves_nowhere(pack: str) -> None:
    assert load(Path(__file__).parents[2] / pack).intents
