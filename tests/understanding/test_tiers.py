"""Which tiers a reader gets, where the operator wants more than the pack has."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

import servers
import tiny_bert
from kefu.deadline import Deadline
from kefu.errors import PackError, SettingsError
from kefu.understanding.context import ReadingContext
from kefu.understanding.encoder.tier import GRAPH
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.runtimes.inference_protocol import ModelServer
from kefu.understanding.tiers import Further, open_reader

CONTEXT = ReadingContext(datetime(2026, 11, 21, 2, 30, tzinfo=UTC))
Failures = list[tuple[str, Exception]]


@pytest.fixture(scope="module")
def model(encoder_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiers 0 and 1 that were taught, and an untaught tier 2 of the same labels."""
    model = tmp_path_factory.mktemp("tiers") / "model"
    shutil.copytree(encoder_pack / "model", model)
    meta = LinearTier.load(model).artefact.meta
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiny_bert, "SLOTS", meta.slots)
        written = tiny_bert.written(tmp_path_factory.mktemp("bert"), intents=meta.intents)
    shutil.copytree(written.folder, model / "bert")
    return model


async def opened(model: Path, further: Further, failures: Failures) -> Reader:
    return await open_reader(model, lambda *failure: failures.append(failure), further)


async def tier_of(reader: Reader, text: str) -> str:
    tier = (await reader.read(text, CONTEXT, Deadline.after(30.0))).tier
    await reader.close()
    return tier


def kinds(failures: Failures) -> list[tuple[str, type[Exception]]]:
    return [(tier, type(exc)) for tier, exc in failures]


@pytest.mark.parametrize("where", ["onnx", "int8", "torchscript"])
async def test_tier_2_in_this_process_is_asked_last(model: Path, where: str) -> None:
    failures = Failures()
    assert await tier_of(await opened(model, Further(where), failures), "我要挂号") == "bert"
    assert failures == []


async def test_a_broken_encoder_does_not_take_tier_2_along(model: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "model"
    shutil.copytree(model, damaged)
    (damaged / GRAPH).write_bytes(b"no model at all")
    failures = Failures()
    reader = await opened(damaged, Further("onnx"), failures)
    assert kinds(failures) == [("encoder", PackError)]
    assert len(reader._cascade.steps) == 1
    await reader.close()


async def test_a_pack_without_tier_2_does_without_and_says_so(encoder_pack: Path) -> None:
    failures = Failures()
    reader = await opened(encoder_pack / "model", Further("onnx"), failures)
    assert kinds(failures) == [("bert", PackError)]
    assert await tier_of(reader, "我要挂号") == "encoder"


async def test_a_tier_2_of_other_labels_is_refused(model: Path, tmp_path: Path) -> None:
    other = tmp_path / "model"
    shutil.copytree(model, other)
    meta = other / "bert" / "meta.json"
    meta.write_text(
        meta.read_text("utf-8").replace("appointment_cancel", "fly_to_the_moon"), "utf-8"
    )
    with pytest.raises(PackError, match=r"bert: trained on other intents .* --checkpoint NAME"):
        await open_reader(other, further=Further("onnx"))


async def test_a_kind_that_nobody_knows_is_named(model: Path) -> None:
    with pytest.raises(SettingsError, match=r"understanding\.bert: 'tensorflow' is neither"):
        await open_reader(model, further=Further("tensorflow"))


async def test_a_model_server_that_is_down_at_the_start_is_asked_again(model: Path) -> None:
    failures = Failures()
    nobody = ModelServer(f"http://127.0.0.1:{servers.free_port()}", "kefu")
    reader = await opened(model, Further(nobody), failures)
    assert [tier for tier, _ in failures] == ["bert"]
    assert await tier_of(reader, "我要挂号") == "encoder"
    assert [tier for tier, _ in failures] == ["bert", "bert"]
