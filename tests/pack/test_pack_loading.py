from __future__ import annotations

from pathlib import Path

import pytest

from answering_pack import FILES, write_pack
from kefu.errors import PackError
from kefu.pack.pack import load
from kefu.pack.steps import Confirm, If, Look

HEAD = "flow: f\nintents: [f]\nslots: {order: {}}\nsteps:\n"


def flow(steps: str, head: str = HEAD) -> dict[str, str]:
    return {"pack.yaml": "name: x\n", "replies/r.yaml": "hi: 你好\n", "flows/f.yaml": head + steps}


def wrong(tmp_path: Path, files: dict[str, str]) -> str:
    with pytest.raises(PackError) as error:
        load(write_pack(tmp_path / "pack", files))
    return str(error.value)


def test_a_whole_pack_loads(tmp_path: Path) -> None:
    pack = load(write_pack(tmp_path, FILES))
    assert (pack.name, pack.locale) == ("lab", "zh")
    assert pack.manifest.languages == ("zh", "en")
    assert pack.manifest.title.say("en", {}) == "Lab"
    assert pack.starters["move"] == "move"
    assert pack.intents == tuple(sorted(pack.starters))
    assert [entry.id for entry in pack.faq] == ["fee", "hours"]
    assert pack.prompts == {"system": "你是小助手。"}
    assert pack.policy == "七天内可退。"
    assert pack.settings == {}
    assert (pack.model, pack.words) == (tmp_path / "model", tmp_path / "words")
    look, branch, _, confirm = pack.flows["move"].steps
    assert isinstance(look, Look)
    assert isinstance(branch, If)
    assert isinstance(confirm, Confirm)
    assert confirm.id == "steps[3]"


def test_the_engines_own_words_are_there_and_a_pack_may_replace_them(tmp_path: Path) -> None:
    files = {"pack.yaml": "name: x", "replies/r.yaml": "unknown: 不知道\n"}
    pack = load(write_pack(tmp_path, files))
    assert pack.replies.say("unknown", "en") == "不知道"
    assert "offer_human" in pack.replies
    assert "unknown" in set(pack.replies)
    with pytest.raises(PackError, match="no reply 'nope'"):
        pack.replies.say("nope", "zh")


def test_intents_are_the_files_named_after_them(tmp_path: Path) -> None:
    files = {**flow("  - say: hi\n"), "intents/f.yaml": "", "intents/_moods.yaml": ""}
    assert load(write_pack(tmp_path, files)).intents == ("f",)


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ("  - sai: hi\n", "flows/f.yaml: steps[0]: a step is exactly one of look, if, ask"),
        ("  - {say: hi, stop: true}\n", "steps[0]: a step is exactly one of"),
        ("  - {say: hi, x: 1}\n", "steps[0]: unknown key 'x'; known are say"),
        ("  - say: nope\n", "steps[0].say: there is no reply 'nope' in replies/"),
        ("  - say: {fr: salut}\n", "steps[0].say: unknown key 'fr'"),
        ("  - say: {}\n", "steps[0].say: there is no text"),
        ("  - say: []\n", "steps[0].say: there is no text"),
        ("  - say: '{zip.x} {order}'\n", "there is no reply"),
        ("  - say: {zh: '{zip.x}'}\n", "steps[0].say: 'zip' is neither a slot of this flow nor"),
        ("  - {ask: colour, text: hi}\n", "steps[0].ask: the slot 'colour' is not among"),
        ("  - {ask: order}\n", "steps[0].text: there is no reply 'ask_order'"),
        ("  - {ask: order, text: hi, choices: abc}\n", "steps[0].choices: must be a list of texts"),
        ("  - {look: t, with: {a: $nope.b}}\n", "steps[0].with: 'nope' is neither a slot"),
        ("  - {look: t, with: {a: $..}}\n", "steps[0].with: '$..' is not a reference"),
        ("  - {look: t, as: order}\n", "steps[0].as: 'order' is already a slot"),
        ("  - {look: []}\n", "steps[0].look: there is nothing to look up"),
        ("  - {look: [{with: {}}]}\n", "steps[0].look[0]: 'tool' is missing"),
        ("  - {look: [{tool: t}], as: x}\n", "steps[0]: unknown key 'as'"),
        ("  - {look: 3}\n", "steps[0].look: must be a list, not the number 3"),
        ("  - {if: {}}\n", "steps[0].if: there is no condition"),
        ("  - {if: {order: {more: 3}}}\n", "steps[0].if.order: unknown key 'more'"),
        ("  - {if: {order: {known: 3}}}\n", "steps[0].if.order.known: must be true or false"),
        ("  - {if: {order: {gt: $.}}}\n", "steps[0].if.order: '$.' is not a reference"),
        ("  - {if: {'a b': 1}}\n", "steps[0].if: 'a b' is not a path"),
        ("  - {if: {pick.n: 1}}\n", "steps[0].if: 'pick' is neither a slot"),
        ("  - {if: {order: x}, then: [{say: no_}]}\n", "steps[0].then[0].say: there is no reply"),
        ("  - {confirm: hi}\n", "steps[0]: 'do' is missing"),
        ("  - {confirm: hi, do: t, yes: 3}\n", "steps[0].yes: must be a list"),
        ("  - {hand_over: ''}\n", "steps[0].hand_over: must be a text, not an empty text"),
        ("  - {stop: false}\n", "steps[0].stop: must be true"),
        ("  - 7\n", "steps[0]: must be a mapping, not the number 7"),
        ("  []\n", "steps: there is no step"),
    ],
)
def test_a_wrong_step_is_named_by_file_and_path(tmp_path: Path, steps: str, complaint: str) -> None:
    message = wrong(tmp_path, flow(steps))
    assert complaint in message
    assert message.startswith("flows/f.yaml: steps")


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({}, "pack.yaml: the file is missing"),
        ({"pack.yaml": "nam: x"}, "pack.yaml: unknown key 'nam'"),
        ({"pack.yaml": "title: x"}, "pack.yaml: 'name' is missing"),
        ({"pack.yaml": "name: x\nlanguages: [fr]"}, "languages: unknown language 'fr'"),
        ({"pack.yaml": "name: x\nlanguages: []"}, "languages: there is no language"),
        ({"pack.yaml": "name: [a"}, "pack.yaml, line "),
        ({"pack.yaml": "name: a\nname: b"}, "pack.yaml, line 1: the same key is there twice"),
        ({"pack.yaml": "1: a"}, "the key 1 must be a text; put it in quotes"),
        ({**flow(""), "flows/f.yaml": "flow: f\nintents: [f]"}, "flows/f.yaml: 'steps' is missing"),
        (
            flow("  - say: hi\n", HEAD.replace("order: {}", "order: {learn: 3}")),
            "slots.order.learn: must be a reference",
        ),
        (
            flow("  - say: hi\n", HEAD.replace("order: {}", "order: {frsh: true}")),
            "slots.order: unknown key 'frsh'",
        ),
        (
            {**flow("  - say: hi\n"), "flows/g.yaml": HEAD + "  - say: hi\n"},
            "flows/g.yaml: flow: another file has a flow named 'f'",
        ),
        (
            {
                **flow("  - say: hi\n"),
                "flows/g.yaml": HEAD.replace("flow: f", "flow: g") + "  - say: hi\n",
            },
            "'f' already starts the flow 'f'",
        ),
        ({**flow("  - say: hi\n"), "intents/g.yaml": ""}, "there is no intents/f.yaml"),
        (
            {"pack.yaml": "name: x", "replies/a.yaml": "a: x", "replies/b.yaml": "a: y"},
            "replies/b.yaml: a: another file has a reply of this name",
        ),
        ({"pack.yaml": "name: x", "faq.yaml": "{}"}, "faq.yaml: 'faq' is missing"),
        (
            {"pack.yaml": "name: x", "faq.yaml": "faq: [{id: a, questions: [], answer: x}]"},
            "faq.yaml: faq[0].questions: there is no question",
        ),
        (
            {"pack.yaml": "name: x", "faq.yaml": "faq: [{id: a, questions: [q], answer: {}}]"},
            "faq.yaml: faq[0].answer: there is no answer",
        ),
        (
            {
                "pack.yaml": "name: x",
                "faq.yaml": "faq: [{id: a, questions: [q], answer: x}, "
                "{id: a, questions: {zh: [q], en: q}, answer: x}]",
            },
            "faq.yaml: faq[1].id: 'a' is there twice",
        ),
        (
            {
                "pack.yaml": "name: x",
                "intents/f.yaml": "",
                "faq.yaml": "faq: [{id: a, intent: g, questions: [q], answer: x}]",
            },
            "faq.yaml: faq[0]: there is no intents/g.yaml",
        ),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    (tmp_path / "pack").mkdir()
    assert complaint in wrong(tmp_path, files)


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such folder"):
        load(tmp_path / "nope")


def test_a_file_that_is_not_utf8_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_bytes(b"name: \xff")
    with pytest.raises(PackError, match="not UTF-8 at byte 6"):
        load(tmp_path)
