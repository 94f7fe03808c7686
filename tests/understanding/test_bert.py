from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import msgspec
import numpy as np
import pytest

import tiny_bert
from kefu.errors import MissingExtra, ModelBroken, PackError
from kefu.understanding.bert import (
    FORMAT,
    META,
    ONNX,
    TOKENIZER,
    Batch,
    Tokens,
    load_meta,
    load_tokens,
    read,
    whole,
)
from kefu.understanding.encoder.joint import emotion, tagging, wishes
from kefu.understanding.text import MARK, flatten
from tiny_bert import INTENTS, TEXTS, Written


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Written:
    texts = (*TEXTS, "iphone15买3件10kg", "abcdefghijklmnopqrstuvwxyz")
    return tiny_bert.written(tmp_path_factory.mktemp("bert"), texts)


def pieces(tokens: Tokens, text: str) -> list[str]:
    """The stretches of the flat text that the pieces stand for."""
    batch = tokens.cut([text])
    size = int(batch.sizes[0])
    bounds = zip(batch.starts[0, :size].tolist(), batch.ends[0, :size].tolist(), strict=True)
    return [text[start:end] for start, end in bounds]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我要退款", ["我", "要", "退", "款"]),
        ("退 款\n了", ["退", "款", "了"]),
        ("买iphone15", ["买", "i", "p", "h", "o", "n", "e", "1", "5"]),
        ("10kg3件", ["1", "0", "k", "g", "3", "件"]),
        ("退🙏款é", ["退", "🙏", "款", "é"]),
        ("退\u200b款", ["退", "款"]),
        ("", []),
        (" ", []),
    ],
)
def test_pieces_stand_for_their_place_in_the_flat_text(
    text: str, expected: list[str], model: Written
) -> None:
    assert pieces(model.tokens, text) == expected


def test_a_placeholder_is_a_piece_of_its_own_with_a_number_of_its_own(model: Written) -> None:
    flat = flatten("打<PHONE_1>找<NAME_1><NAME_2>，<WHATEVER_1>").text
    assert pieces(model.tokens, flat) == [
        "打",
        MARK["PHONE"],
        "找",
        MARK["NAME"],
        MARK["NAME"],
        ",",
        flat[-1],
    ]
    ids = model.tokens.cut([flat]).tensors["input_ids"][0].tolist()
    phone, name, again, other = ids[2], ids[4], ids[5], ids[7]
    unknown = model.tokens.cut(["🙏"]).tensors["input_ids"][0, 1]
    assert name == again
    assert len({phone, name, other, unknown}) == 4


def test_a_number_parts_from_the_letters_beside_it_though_the_word_is_unknown(
    model: Written,
) -> None:
    assert pieces(model.tokens, "买ß15") == ["买", "ß", "1", "5"]


def test_special_words_in_a_text_are_words(model: Written) -> None:
    ids = model.tokens.cut(["[SEP]退[PAD]"]).tensors["input_ids"][0]
    assert (ids == model.meta.after).sum() == 1
    assert (ids == model.meta.pad).sum() == 0


def test_rows_are_padded_and_masked_to_the_longest(model: Written) -> None:
    batch = model.tokens.cut(["我要退款", "", "退"])
    ids, mask = batch.inputs
    assert ids.shape == mask.shape == (3, 6)
    assert batch.starts.shape == batch.ends.shape == (3, 4)
    assert mask.tolist() == [[1] * 6, [1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    assert ids[:, 0].tolist() == [model.meta.before] * 3
    assert [ids[0, 5], ids[1, 1], ids[2, 2]] == [model.meta.after] * 3
    assert set(ids[1, 2:].tolist()) == {model.meta.pad}
    assert batch.sizes.tolist() == [4, 0, 1]


def test_of_a_text_that_is_too_long_beginning_and_end_are_read(model: Written) -> None:
    text = "我" * 50 + "退" * 50
    batch = model.tokens.cut([text])
    size = int(batch.sizes[0])
    assert size == model.meta.longest == 60
    starts = batch.starts[0].tolist()
    assert starts[:2] == [0, 1]
    assert starts[-1] == len(text) - 1
    assert starts == sorted(starts)


def test_each_text_gets_its_share_and_the_heads_read_it(model: Written) -> None:
    batch = model.tokens.cut(TEXTS)
    outputs = model.expected(TEXTS)
    for at, (text, said) in enumerate(zip(TEXTS, read(outputs, batch), strict=True)):
        size = int(batch.sizes[at])
        assert said.intents.shape == (size, len(INTENTS))
        np.testing.assert_array_equal(said.slots, outputs["slots"][at, :size])
        np.testing.assert_array_equal(said.mood, outputs["mood"][at])
        wanted, sure = wishes(said, INTENTS, model.meta.weighing)
        assert 0 <= sure <= 1
        assert wanted[0].start == 0
        assert wanted[-1].end <= len(text)
        assert all(0 <= a < b <= len(text) for _, a, b in tagging(said, len(text)).spans)
        assert emotion(said, 0.5).label in ("negative", "neutral", "positive")
        assert abs(float(np.linalg.norm(said.vector)) - 1) < 1e-5


def test_a_text_without_pieces_still_gets_one(model: Written) -> None:
    texts = (" ", "退")
    said = read(model.expected(texts), model.tokens.cut(texts))
    assert len(said[0].intents) == 1
    assert len(wishes(said[0], INTENTS, model.meta.weighing)[0]) == 1


def test_outputs_of_another_batch_are_refused(model: Written) -> None:
    batch: Batch = model.tokens.cut(TEXTS)
    with pytest.raises(ModelBroken, match="intents is for"):
        read(model.expected(TEXTS[:1]), batch)


def test_what_was_written_is_read_back(model: Written) -> None:
    meta = load_meta(model.folder)
    assert meta == model.meta
    assert {name: whole(model.folder, name, meta).name for name in meta.files} == {
        name: name for name in meta.files
    }


@pytest.mark.parametrize("name", [TOKENIZER, ONNX])
@pytest.mark.parametrize("damage", ["gone", "cut short", "one byte"])
def test_a_damaged_file_is_named_with_a_remedy(
    name: str, damage: str, model: Written, tmp_path: Path
) -> None:
    folder = copytree(model.folder, tmp_path / "model")
    path, content = folder / name, (folder / name).read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(content[:-9] if damage == "cut short" else b"?" + content[1:])
    with pytest.raises(PackError, match="kefu train PACK --checkpoint") as told:
        whole(folder, name, load_meta(folder))
    assert str(path) in str(told.value)
    if name == TOKENIZER:
        with pytest.raises(PackError):
            load_tokens(folder, model.meta)


@pytest.mark.parametrize("content", [None, b"{}", b"not json"])
def test_a_folder_without_a_description_is_told(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / META).write_bytes(content)
    with pytest.raises(
        PackError, match=r"meta\.json: no description .*kefu train PACK --checkpoint"
    ):
        load_meta(tmp_path)


def test_another_format_is_told(model: Written, tmp_path: Path) -> None:
    meta = msgspec.structs.replace(model.meta, format=FORMAT + 1)
    (tmp_path / META).write_bytes(msgspec.json.encode(meta))
    with pytest.raises(PackError, match=f"format {FORMAT + 1}, this version reads {FORMAT}"):
        load_meta(tmp_path)


def test_a_file_that_was_not_written_is_told(model: Written) -> None:
    with pytest.raises(PackError, match=r"plan: not part of this model, only .*model\.onnx"):
        whole(model.folder, "plan", model.meta)


def test_tokenizers_that_are_not_installed_are_named_with_their_extra(
    model: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(
        MissingExtra, match=r"tokenizers is not installed: pip install 'kefu\[bert\]'"
    ):
        load_tokens(model.folder, model.meta)


def test_serving_needs_neither_pytorch_nor_transformers() -> None:
    code = (
        "import sys, kefu.understanding.bert, kefu.understanding.runtimes.onnx,"
        " kefu.understanding.runtimes.torchscript, kefu.understanding.runtimes.inference_protocol;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'tokenizers', 'onnxruntime')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
