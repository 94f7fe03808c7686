"""Tier 2 is taught here from a tiny checkpoint that the tests make; a real one goes the same way."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, GPT2Config, GPT2Model

import tiny_bert
from kefu.errors import MissingExtra, PackError
from kefu.training.data import TrainingData, load
from kefu.training.neural import checkpoint
from kefu.training.neural.bert import BertCourse, BertJoint, rates, train_bert
from kefu.training.neural.lessons import Lesson
from kefu.training.neural.network import Shape
from kefu.training.neural.teach import batch
from kefu.understanding.bert import (
    ONNX,
    SMALL_ONNX,
    TOKENIZER,
    TORCHSCRIPT,
    load_meta,
    load_tokens,
    read,
    whole,
)
from kefu.understanding.encoder.joint import NAMES, wishes
from kefu.understanding.runtimes.onnx import OnnxRuntime
from kefu.understanding.runtimes.port import Runtime, Tensors
from kefu.understanding.runtimes.torchscript import TorchScriptRuntime
from kefu.understanding.text import flatten
from tiny_bert import TEXTS

CLINIC = Path(__file__).parents[2] / "examples" / "clinic"
QUICK = BertCourse(epochs=8, batch=16, rate=3e-3, top=2e-3)
"""A checkpoint without knowledge must learn faster than one with."""


@pytest.fixture(scope="module")
def clinic() -> TrainingData:
    return load(CLINIC)


@pytest.fixture(scope="module")
def tiny(clinic: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    return tiny_bert.checkpoint(folder, [example.text for example in clinic.examples])


@pytest.fixture(scope="module")
def trained(
    clinic: TrainingData, tiny: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, float], int]:
    """The folder, its metrics and how often the progress ticked."""
    out, ticks = tmp_path_factory.mktemp("bert") / "model", [0]
    metrics = train_bert(clinic, str(tiny), out, lambda: ticks.append(1), QUICK)
    return out, metrics, sum(ticks)


def computed(runtime: Runtime, tensors: Tensors) -> Tensors:
    """One batch, from open to close."""

    async def once() -> Tensors:
        given = await runtime.run(tensors)
        await runtime.close()
        return given

    return asyncio.run(once())


def test_the_loss_falls(trained: tuple[Path, dict[str, float], int]) -> None:
    _, metrics, ticks = trained
    assert metrics["loss"] < 0.5 * metrics["loss_before"]
    assert ticks == QUICK.epochs + 1


def test_it_reads_what_it_was_taught(
    trained: tuple[Path, dict[str, float], int], clinic: TrainingData
) -> None:
    folder, metrics, _ = trained
    meta = load_meta(folder)
    assert meta.metrics == metrics
    assert (meta.intents, meta.data) == (clinic.intents, clinic.digest)
    examples = clinic.examples[:128]
    cut = load_tokens(folder, meta).cut([flatten(example.text).text for example in examples])
    said = read(computed(OnnxRuntime(folder / ONNX, meta.signature), cut.tensors), cut)
    right = sum(
        [wish.name for wish in wishes(each, meta.intents, meta.weighing)[0]]
        == list(example.intents)
        for each, example in zip(said, examples, strict=True)
    )
    assert right > 0.8 * len(examples)


def test_all_exported_files_say_the_same(
    trained: tuple[Path, dict[str, float], int], clinic: TrainingData
) -> None:
    folder, _, _ = trained
    meta = load_meta(folder)
    texts = [example.text for example in clinic.examples[:40]]
    cut = load_tokens(folder, meta).cut(texts)
    kinds = {ONNX: OnnxRuntime, TORCHSCRIPT: TorchScriptRuntime, SMALL_ONNX: OnnxRuntime}
    full, script, small = (
        computed(kind(whole(folder, name, meta), meta.signature), cut.tensors)
        for name, kind in kinds.items()
    )
    for name in NAMES:
        np.testing.assert_allclose(full[name], script[name], atol=1e-4, err_msg=name)
    best, close = (
        [wishes(each, meta.intents, meta.weighing)[0][0].name for each in read(tensors, cut)]
        for tensors in (full, small)
    )
    agree = sum(a == b for a, b in zip(best, close, strict=True))
    assert agree >= 0.95 * len(texts)


def test_the_same_files_give_the_same_model(
    clinic: TrainingData, tiny: Path, tmp_path: Path
) -> None:
    few = replace(clinic, examples=clinic.examples[:40], moods=clinic.moods[:5])
    for name in "ab":
        train_bert(few, str(tiny), tmp_path / name, lambda: None, replace(QUICK, epochs=1))
    files = [load_meta(tmp_path / name).files for name in "ab"]
    for name in (
        ONNX,
        SMALL_ONNX,
        TOKENIZER,
    ):  # TorchScript numbers its classes throughout a process
        assert files[0][name] == files[1][name]


@pytest.mark.parametrize("make", [tiny_bert.checkpoint, tiny_bert.electra, tiny_bert.roberta])
def test_encoders_of_several_kinds_are_exported_as_they_are(
    make: Callable[[Path, Iterable[str]], Path], tmp_path: Path
) -> None:
    model = tiny_bert.written(tmp_path, make=make)
    session = onnxruntime.InferenceSession(model.folder / ONNX)
    for texts in (TEXTS, ("退",), ("订单" * 25, "谢")):
        given = session.run(list(NAMES), dict(model.tokens.cut(texts).tensors))
        for name, array in zip(NAMES, given, strict=True):
            np.testing.assert_allclose(array, model.expected(texts)[name], atol=2e-5, err_msg=name)


def test_bytes_of_one_character_stand_in_its_place(tmp_path: Path) -> None:
    model = tiny_bert.written(tmp_path, make=tiny_bert.roberta)
    cut = model.tokens.cut(["退🙏款"])
    size = int(cut.sizes[0])
    places = set(zip(cut.starts[0, :size].tolist(), cut.ends[0, :size].tolist(), strict=True))
    assert places == {(0, 1), (1, 2), (2, 3)}


def test_what_is_new_learns_fastest_and_the_lowest_layers_slowest(tiny: Path) -> None:
    read = checkpoint.read(str(tiny))
    network = BertJoint(read.encoder, Shape(3, 2, width=read.width))
    groups = rates(network, BertCourse(rate=1e-3, top=1e-4, fall=0.5, decay=0.1))
    of = {id(each): group for group in groups for each in group["params"]}
    assert len(of) == len(list(network.parameters()))
    named = dict(network.named_parameters())

    def rate(name: str) -> float:
        return float(of[id(named[name])]["lr"])

    assert rate("heads.intents.weight") == rate("forth.weight_ih_l0") == 1e-3
    assert rate("encoder.encoder.layer.1.output.dense.weight") == 1e-4
    assert rate("encoder.encoder.layer.0.output.dense.weight") == 5e-5
    assert rate("encoder.embeddings.word_embeddings.weight") == 2.5e-5
    assert {group["weight_decay"] for group in groups if group["params"][0].ndim < 2} == {0.0}
    assert of[id(named["heads.intents.weight"])]["weight_decay"] == 0.1


def test_lessons_lie_on_the_pieces_of_a_checkpoint(clinic: TrainingData, tmp_path: Path) -> None:
    model = tiny_bert.written(tmp_path)
    text = "退50元，订单123456到哪了"
    lesson = Lesson(text, ((0, 5, 1), (5, len(text), 0)), ((1, 4, 0), (7, 13, 1)))
    asked = batch([lesson], model.tokens)
    cut = model.tokens.cut([text])
    covered = [text[a:b] for a, b in zip(cut.starts[0].tolist(), cut.ends[0].tolist(), strict=True)]
    first, second = (
        "".join(np.array(covered)[asked.parts[0, wish].numpy()].tolist()) for wish in (0, 1)
    )
    assert (first, second) == ("退50元，", "订单123456到哪了")
    assert covered[int((asked.begins[0] == 1).nonzero())] == "订"
    tagged = [
        (piece, tag) for piece, tag in zip(covered, asked.tags[0].tolist(), strict=True) if tag
    ]
    assert tagged[:2] == [("5", 1), ("0", 2)]
    assert "".join(piece for piece, tag in tagged if tag in (3, 4)) == "123456"


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_checkpoint_that_is_none_is_named_with_a_remedy(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    with pytest.raises(PackError, match="give a folder saved by transformers") as told:
        checkpoint.read(str(folder))
    assert str(folder) in str(told.value)


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    folder = tiny_bert.roberta(tmp_path / "a", TEXTS)
    config = GPT2Config(vocab_size=400, n_embd=32, n_layer=1, n_head=2)
    GPT2Model(config).save_pretrained(folder)
    path = folder / "tokenizer.json"
    cutter = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**cutter, "post_processor": None}), "utf-8")
    with pytest.raises(PackError, match="not of BERT's kind"):
        checkpoint.read(str(folder))


def test_transformers_that_is_not_installed_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r"pip install 'kefu\[train-bert\]'"):
        checkpoint.read(str(tmp_path))


def test_weights_in_half_precision_are_widened(tiny: Path, tmp_path: Path) -> None:
    AutoModel.from_pretrained(tiny).half().save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny).save_pretrained(tmp_path)
    assert {each.dtype for each in checkpoint.read(str(tmp_path)).encoder.parameters()} == {
        torch.float32
    }
