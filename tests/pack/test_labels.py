"""The labels of a pack, as its files describe them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import PackError
from kefu.pack.labels import Labelled, read_labels
from kefu.pack.pack import load


def pack(folder: Path, **files: str) -> Path:
    """A pack of these files; `__` in a name is a slash."""
    for name, text in {"pack": "name: tiny", **files}.items():
        file = folder / f"{name.replace('__', '/')}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def test_intents_have_titles_descriptions_and_marked_examples(tmp_path: Path) -> None:
    order = (
        "title: {zh: 退货, en: Return}\ndescription: 要退\nexamples: ['退[两件](quantity)', 退货]"
    )
    folder = pack(
        tmp_path,
        pack="name: tiny\nsettings: {intents: {hello: {zh: 问候}}}",
        intents__returning=order,
        intents__hello="examples: [你好]",
        intents___several="several: [{text: '你好,|退[一件](quantity)', intents: [hello, returning]}]",
        slots="slots: {quantity: {kind: count}, colour: null}",
    )
    labels = read_labels(load(folder))
    hello, returning = labels.intents
    assert (hello.called("zh"), hello.explained("zh")) == ("问候", "")
    assert (returning.called("en"), returning.explained("zh")) == ("Return", "要退")
    two = Labelled("退两件", ("returning",), (("quantity", "两件"),), ("退两件",))
    assert returning.examples[0] == two
    assert labels.several == (
        Labelled(
            "你好,退一件",
            ("hello", "returning"),
            (("quantity", "一件"),),
            ("你好,", "退一件"),
        ),
    )
    assert labels.slots == {"quantity": {"kind": "count"}, "colour": {}}
    assert len(list(labels.examples())) == 4


def test_a_pack_without_intent_files_has_bare_names(tmp_path: Path) -> None:
    flow = "flow: book\nintents: [book]\nsteps: [{say: booked}]"
    folder = pack(tmp_path, flows__book=flow, replies__all="booked: 好了")
    labels = read_labels(load(folder))
    assert [(page.name, page.called("zh"), page.examples) for page in labels.intents] == [
        ("book", "", ())
    ]
    assert (labels.several, labels.slots) == ((), {})


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"intents__a": "examples: [{b: c}]"}, r"intents/a\.yaml: examples\[0\]: must be a text"),
        (
            {"intents__a": "examples: [b]", "intents___several": "several: [{text: b}]"},
            r"_several\.yaml: several\[0\]: 'intents' is missing",
        ),
        ({"slots": "slots: [a]"}, r"slots\.yaml: slots: must be a mapping"),
        ({"slots": "slots: {a: b}"}, r"slots\.yaml: slots\.a: must be a mapping"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, files: dict[str, str], place: str) -> None:
    with pytest.raises(PackError, match=place):
        read_labels(load(pack(tmp_path, **files)))
