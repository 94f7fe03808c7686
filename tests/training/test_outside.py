"""Labels by hash: texts that are not ours to give away are taught to whoever has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import PackError
from kefu.training.data import TrainingData, load
from kefu.training.outside import FOLDER, fingerprint, joined, labels, read
from trained import CLINIC

ROOT = Path(__file__).parents[2]
BOOK, BOTH, HELD = "想约个号", "先取消再问下几点开门", "帮我约一下"


def pack(folder: Path, *lines: str) -> Path:
    (folder / FOLDER).mkdir()
    (folder / FOLDER / "shop.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def label(text: str, intents: str, acceptable: str = "") -> str:
    return f"{fingerprint(text)}\t{intents}\t{acceptable}"


def texts(folder: Path, *lines: str) -> Path:
    path = folder / "messages.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def clinic() -> TrainingData:
    return load(CLINIC)


def held_out(of: str) -> str:
    """A wording of a text that is kept for measuring."""
    wordings = (f"{of}{number}" for number in range(1000))
    return next(each for each in wordings if int(fingerprint(each), 16) % 5 == 0)


def taught(of: str) -> str:
    """A wording of a text that is not."""
    wordings = (f"{of}{number}" for number in range(1000))
    return next(each for each in wordings if int(fingerprint(each), 16) % 5)


def test_whoever_has_the_texts_has_their_labels(tmp_path: Path) -> None:
    folder = pack(
        tmp_path,
        label(BOOK, "appointment_book", "visit_info;inform,visit_info"),
        label("nobody has this text", "deny"),
    )
    [found] = read(folder, texts(tmp_path, "没有标签的话", f"{BOOK}\tanother column", BOOK))
    assert (found.text, found.intents) == (BOOK, ("appointment_book",))
    assert found.acceptable == (("visit_info",), ("inform", "visit_info"))


def test_the_texts_join_what_is_taught(tmp_path: Path, clinic: TrainingData) -> None:
    one, two = taught(BOOK), taught(BOTH)
    folder = pack(
        tmp_path,
        label(one, "appointment_book"),
        label(two, "appointment_cancel,visit_info"),
    )
    data = joined(clinic, read(folder, texts(tmp_path, one, two)))
    assert (data.examples[-1].text, data.examples[-1].marked) == (one, False)
    assert data.several[-1].intents == ("appointment_cancel", "visit_info")
    assert len(data.examples) + len(data.several) == len(clinic.examples) + len(clinic.several) + 2
    assert data.digest != clinic.digest


def test_what_is_held_out_never_joins(tmp_path: Path, clinic: TrainingData) -> None:
    text = held_out(HELD)
    folder = pack(tmp_path, label(text, "appointment_book"))
    [found] = read(folder, texts(tmp_path, text))
    assert found.held_out
    data = joined(clinic, [found])
    assert data.examples == clinic.examples
    assert text not in {example.text for example in (*data.examples, *data.several)}


def test_one_in_five_is_held_out_whatever_else_is_there(tmp_path: Path) -> None:
    many = [f"{BOOK}{number}" for number in range(500)]
    folder = pack(tmp_path, *(label(text, "deny") for text in many))
    kept = {one.text for one in read(folder, texts(tmp_path, *many)) if one.held_out}
    assert 60 < len(kept) < 140
    fewer = read(folder, texts(tmp_path, *reversed(many[:250])))
    assert {one.text for one in fewer if one.held_out} == kept & set(many[:250])


def test_an_intent_that_the_pack_has_not_is_named_with_its_line(
    tmp_path: Path, clinic: TrainingData
) -> None:
    folder = pack(tmp_path, label("x", "deny"), label(BOOK, "fly_to_the_moon"))
    with pytest.raises(PackError, match=r"shop\.tsv:2: .*'fly_to_the_moon'"):
        joined(clinic, read(folder, texts(tmp_path, BOOK)))


@pytest.mark.parametrize(
    "wrong",
    [
        "deny",
        "abc\tdeny\t",
        f"{fingerprint('x')}\tdeny",
        f"{fingerprint('x')}\t\t",
        f"{fingerprint('x')}\tdeny\tx\ty",
        "我要退款我要退款我要退款我要退款\tdeny\t",
        "",
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, wrong: str) -> None:
    folder = pack(tmp_path, label("x", "deny"), wrong, label("y", "deny"))
    with pytest.raises(PackError, match=r"shop\.tsv:2: expected hash, intents and acceptable"):
        labels(folder)


def test_a_pack_without_labels_says_to_leave_the_option_away(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"no labels for .*leave the option away"):
        read(tmp_path, texts(tmp_path, BOOK))


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_texts_that_cannot_be_read_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "messages.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PackError, match=r"messages\.txt"):
        read(pack(tmp_path, label(BOOK, "deny")), path)


def test_the_shop_s_labels_name_intents_it_has() -> None:
    retail = ROOT / "packs" / "retail"
    known = {path.stem for path in (retail / "intents").glob("[a-z]*.yaml")}
    found = labels(retail)
    assert len(found) > 5000
    for intents, acceptable, place in found.values():
        for name in (*intents, *(name for other in acceptable for name in other)):
            assert name in known, place
