"""One suite for every runtime of neural models, the remote one against a real model server.

The server is KServe's, which takes tensors as JSON and as bytes (MLServer 1.7: JSON only, and a Starlette
older than ours). It lives in an environment of its own, .venv/model-server (scripts/install-test-needs.sh):
KServe holds protobuf, pandas and psutil back and brings forty packages that kefu has no use for.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import aiohttp.web
import msgspec
import numpy as np
import pytest

import model_servers
import servers
import tiny_bert
from kefu.errors import (
    KefuError,
    MissingExtra,
    ModelBroken,
    ModelRefused,
    ModelTimeout,
    PackError,
    SettingsError,
)
from kefu.understanding.bert import ONNX, SMALL_ONNX, TORCHSCRIPT, signature
from kefu.understanding.runtimes.inference_protocol import InferenceProtocol, ModelServer
from kefu.understanding.runtimes.onnx import OnnxRuntime
from kefu.understanding.runtimes.port import Runtime, Signature, Tensors
from kefu.understanding.runtimes.torchscript import TorchScriptRuntime
from tiny_bert import TEXTS, Written

KINDS = ("onnx", "torchscript", "protocol-bytes", "protocol-json")
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return tiny_bert.written(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def server(model: Written) -> Iterator[servers.Server]:
    with model_servers.kserve(model.folder) as started:
        yield started


def make(kind: str, request: pytest.FixtureRequest, wanted: Signature | None = None) -> Runtime:
    """A runtime of the kind for the module's model."""
    model: Written = request.getfixturevalue("model")
    wanted = wanted or model.meta.signature
    if kind == "onnx":
        return OnnxRuntime(model.folder / ONNX, wanted)
    if kind == "torchscript":
        return TorchScriptRuntime(model.folder / TORCHSCRIPT, wanted)
    server = request.getfixturevalue("server")
    return InferenceProtocol(place(server, model, binary=kind == "protocol-bytes"), wanted)


def place(server: servers.Server, model: Written, *, binary: bool = True) -> ModelServer:
    return ModelServer(server.url, model.meta.served_name, binary=binary, limit_s=PATIENCE_S)


@pytest.fixture(params=KINDS)
async def runtime(request: pytest.FixtureRequest) -> AsyncIterator[Runtime]:
    made = make(request.param, request)
    yield made
    await made.close()


def same(given: Tensors, expected: Tensors, within: float = 2e-5) -> None:
    assert set(given) == set(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(given[name], array, atol=within, err_msg=name)


async def test_every_runtime_gives_what_pytorch_gives(runtime: Runtime, model: Written) -> None:
    for texts in (TEXTS, TEXTS[:1], ("",), ("退" * 60, "退")):
        given = await runtime.run(model.tokens.cut(texts).tensors)
        same(given, model.expected(texts))


async def test_a_text_reads_the_same_beside_a_longer_one(runtime: Runtime, model: Written) -> None:
    alone = await runtime.run(model.tokens.cut(["我要退款"]).tensors)
    beside = await runtime.run(model.tokens.cut(["我要退款", "快递到哪了，订单123456"]).tensors)
    assert beside["intents"].shape[1] > alone["intents"].shape[1] == 4
    same(
        {name: array[:1, :4] for name, array in beside.items()},
        {n: a[:, :4] for n, a in alone.items()},
    )


async def test_many_at_once_each_get_their_own(runtime: Runtime, model: Written) -> None:
    texts = [TEXTS[at % len(TEXTS)] for at in range(12)]
    given = await asyncio.gather(*(runtime.run(model.tokens.cut([t]).tensors) for t in texts))
    for text, tensors in zip(texts, given, strict=True):
        same(tensors, model.expected([text]))


async def test_it_is_ready_once_it_was_opened(runtime: Runtime) -> None:
    await runtime.open()
    await runtime.open()
    assert await runtime.ready()


async def test_a_closed_one_opens_again_when_it_is_asked(runtime: Runtime, model: Written) -> None:
    await runtime.open()
    await runtime.close()
    await runtime.close()
    same(await runtime.run(model.tokens.cut(TEXTS).tensors), model.expected(TEXTS))


async def test_what_is_no_batch_is_refused_and_harms_nobody(
    runtime: Runtime, model: Written
) -> None:
    tensors = dict(model.tokens.cut(TEXTS).tensors)
    with pytest.raises(ModelBroken):
        await runtime.run({"input_ids": tensors["input_ids"]})
    same(await runtime.run(tensors), model.expected(TEXTS))


async def test_a_cancelled_caller_harms_nobody(runtime: Runtime, model: Written) -> None:
    await runtime.open()
    tensors = model.tokens.cut(TEXTS).tensors
    left, stays = (asyncio.create_task(runtime.run(tensors)) for _ in range(2))
    await asyncio.sleep(0)
    left.cancel()
    same(await stays, model.expected(TEXTS))
    with pytest.raises(asyncio.CancelledError):
        await left


@pytest.mark.parametrize("kind", KINDS)
async def test_another_model_is_told_with_its_place_and_a_remedy(
    kind: str, request: pytest.FixtureRequest
) -> None:
    runtime = make(kind, request, signature(intents=5, slots=2, vector=16))
    error, remedy = (
        (SettingsError, "load the folder") if "protocol" in kind else (PackError, "kefu train")
    )
    with pytest.raises(error, match=r", 3\) and should have \(any, any, 5\)") as told:
        await runtime.open()
    assert remedy in str(told.value)
    await runtime.close()


async def test_eight_bits_are_close_to_full_precision(model: Written) -> None:
    small = OnnxRuntime(model.folder / SMALL_ONNX, model.meta.signature)
    given = await small.run(model.tokens.cut(TEXTS).tensors)
    same(given, model.expected(TEXTS), within=0.15)
    assert (model.folder / SMALL_ONNX).stat().st_size < (model.folder / ONNX).stat().st_size
    await small.close()


@pytest.mark.parametrize("kind", [OnnxRuntime, TorchScriptRuntime])
async def test_a_file_that_is_missing_or_broken_is_named(
    kind: type[OnnxRuntime] | type[TorchScriptRuntime], model: Written, tmp_path: Path
) -> None:
    for path, content in (
        (tmp_path / "gone", None),
        (tmp_path / "broken", b"\x08\x01garbage" * 99),
    ):
        if content:
            path.write_bytes(content)
        runtime = kind(path, model.meta.signature)
        with pytest.raises(PackError, match="kefu train") as told:
            await runtime.open()
        assert str(path) in str(told.value)
        assert not await runtime.ready()
        await runtime.close()


async def test_a_library_that_is_not_installed_is_named_with_its_extra(
    model: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    runtime = TorchScriptRuntime(model.folder / ONNX, model.meta.signature)
    with pytest.raises(MissingExtra, match=r"torch is not installed: pip install 'kefu\[torch\]'"):
        await runtime.open()
    await runtime.close()


async def test_a_server_that_is_down_is_named_with_a_remedy(model: Written) -> None:
    url = f"http://127.0.0.1:{servers.free_port()}"
    runtime = InferenceProtocol(ModelServer(url, "kefu"), model.meta.signature)
    assert not await runtime.ready()
    with pytest.raises(ModelBroken, match=f"{url}/v2/models/kefu: .*cannot be reached.*start it"):
        await runtime.run(model.tokens.cut(TEXTS).tensors)
    await runtime.close()


async def test_a_name_that_the_server_does_not_know_is_a_wrong_setting(
    server: servers.Server, model: Written
) -> None:
    runtime = InferenceProtocol(
        replace(place(server, model), model="kefu of yesterday"), model.meta.signature
    )
    with pytest.raises(SettingsError, match="has no model 'kefu of yesterday'"):
        await runtime.open()
    assert not await runtime.ready()
    await runtime.close()


async def test_a_server_that_hangs_is_given_up_at_the_limit_and_asked_again(model: Written) -> None:
    tensors = model.tokens.cut(TEXTS).tensors
    with model_servers.kserve(model.folder) as server:
        patient = InferenceProtocol(place(server, model), model.meta.signature)
        hasty = InferenceProtocol(replace(place(server, model), limit_s=0.2), model.meta.signature)
        await patient.run(tensors)
        await hasty.open()
        server.freeze()
        with pytest.raises(ModelTimeout, match=r"no answer within 0\.2 s"):
            await hasty.run(tensors)
        assert not await hasty.ready()
        server.thaw()
        same(await patient.run(tensors), model.expected(TEXTS))
        await patient.close()
        await hasty.close()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A model with an intent more."""
    intents = (*tiny_bert.INTENTS, "warranty")
    return tiny_bert.written(tmp_path_factory.mktemp("other"), intents=intents)


async def test_a_model_exchanged_under_way_is_noticed(model: Written, other: Written) -> None:
    name, port = model.meta.served_name, servers.free_port()
    tensors = model.tokens.cut(TEXTS).tensors
    with model_servers.kserve(model.folder, port=port) as server:
        runtime = InferenceProtocol(place(server, model), model.meta.signature)
        await runtime.run(tensors)
    with model_servers.kserve(other.folder, "--model_name", name, port=port):
        with pytest.raises(ModelBroken, match="another model's answer: intents has the shape"):
            await runtime.run(tensors)
        with pytest.raises(SettingsError, match="another model under this name"):
            await runtime.run(tensors)
    await runtime.close()


def test_the_served_name_changes_with_the_weights(model: Written, other: Written) -> None:
    assert other.meta.served_name != model.meta.served_name


@pytest.fixture
async def answers() -> AsyncIterator[tuple[str, list[aiohttp.web.Request], dict[str, object]]]:
    """A web server that answers every request with what stands in the mapping, and keeps the requests."""
    seen: list[aiohttp.web.Request] = []
    says: dict[str, object] = {"status": 200, "body": b""}

    async def answer(request: aiohttp.web.Request) -> aiohttp.web.Response:
        seen.append(request)
        body = says["body"]
        if request.method == "POST" and "infer" in says:
            body = says["infer"]
        return aiohttp.web.Response(status=int(str(says["status"])), body=body)

    app = aiohttp.web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = aiohttp.web.AppRunner(app)
    await runner.setup()
    port = servers.free_port()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}", seen, says
    await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "body", "error", "told"),
    [
        (200, b"<html>hello</html>", ModelBroken, "REST port"),
        (401, b'{"error": "who are you"}', ModelRefused, "HTTP 401 who are you"),
        (500, b'{"detail": "out of memory"}', ModelBroken, "HTTP 500 out of memory"),
        (503, b"busy", ModelBroken, "HTTP 503 busy"),
    ],
)
async def test_what_else_a_server_says_is_told_as_what_it_is(
    status: int, body: bytes, error: type[KefuError], told: str, model: Written, answers: tuple
) -> None:
    url, _, says = answers
    says |= {"status": status, "body": body}
    runtime = InferenceProtocol(ModelServer(url, "kefu"), model.meta.signature)
    with pytest.raises(error, match=told):
        await runtime.open()
    await runtime.close()


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b'{"outputs": [{"name": "mood", "shape": [1, 4], "datatype": "FP32", "data": [1, 2]}]}',
        b'{"outputs": [{"name": "mood", "shape": [1], "datatype": "BYTES", "data": ["x"]}]}',
        b'{"outputs": [{"name": "mood", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4]}]}',
    ],
)
async def test_an_answer_that_is_none_is_a_broken_model(
    body: bytes, model: Written, answers: tuple
) -> None:
    url, _, says = answers
    says |= {"body": _metadata(model), "infer": body}
    runtime = InferenceProtocol(ModelServer(url, "kefu"), model.meta.signature)
    with pytest.raises(ModelBroken, match=f"{url}/v2/models/kefu"):
        await runtime.run(model.tokens.cut(["退"]).tensors)
    await runtime.close()


async def test_version_and_key_go_where_the_protocol_wants_them(
    model: Written, answers: tuple
) -> None:
    url, seen, says = answers
    says["body"] = _metadata(model)
    server = ModelServer(url + "/", "a b", version="3", api_key="secret")
    runtime = InferenceProtocol(server, model.meta.signature)
    await runtime.open()
    assert seen[0].raw_path == "/v2/models/a%20b/versions/3"
    assert seen[0].headers["Authorization"] == "Bearer secret"
    assert "secret" not in repr(server)
    await runtime.close()


def _metadata(model: Written) -> bytes:
    names = {"int64": "INT64", "float32": "FP32"}
    sides = {
        side: [
            {"name": spec.name, "datatype": names[spec.dtype], "shape": spec.shape}
            for spec in getattr(model.meta.signature, side)
        ]
        for side in ("inputs", "outputs")
    }
    return msgspec.json.encode({"name": "kefu", **sides})
