"""A reply of a given shape: asked for in the request's field, or in words where there is no such field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openai import AsyncOpenAI

from kefu.deadline import Deadline
from kefu.errors import ModelRefused, SettingsError
from kefu.llms import wire
from kefu.llms.base import Prompt, PromptLine, Schema
from kefu.llms.failover import Failover, named
from kefu.llms.fake.behaviour import Behaviour, Fault
from kefu.llms.fake.script import Cue, read_script
from kefu.llms.fake.server import FakeServer
from kefu.llms.openai_compatible import Endpoint, OpenAICompatible
from kefu.llms.scripted import Scripted
from listening import PROMPT, Heard

BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "mood": {"type": "string", "enum": ["good", "bad"]},
        "words": {"type": "array", "items": {"type": "string"}},
        "sure": {"type": "boolean"},
        "points": {"type": "number"},
    },
    "required": ["mood", "words", "sure", "points"],
    "additionalProperties": False,
}
SHAPED = replace(PROMPT, schema=Schema("mood", BODY))


@asynccontextmanager
async def client(fake: FakeServer) -> AsyncIterator[OpenAICompatible]:
    model = OpenAICompatible(Endpoint(fake.base_url, "fake-llm"))
    try:
        yield model
    finally:
        await model.close()


def requests(fake: FakeServer) -> list[dict[str, Any]]:
    return [msgspec.json.decode(body) for body in fake.asked]


async def test_the_schema_goes_into_the_request_and_the_reply_has_its_shape() -> None:
    async with FakeServer(Behaviour()) as fake, client(fake) as model:
        completion = await model.complete(SHAPED, Heard(), Deadline.after(5))
        [asked] = requests(fake)
    said = msgspec.json.decode(completion.text)
    assert (said["mood"], said["sure"], said["points"]) == ("good", False, 0)
    assert [type(word) for word in said["words"]] == [str]
    assert asked["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "mood", "strict": True, "schema": BODY},
    }
    assert [line["content"] for line in asked["messages"]] == [line.text for line in PROMPT.lines]


async def test_the_official_client_reads_what_our_fake_gives_for_its_own_schema_request() -> None:
    async with (
        FakeServer(Behaviour()) as fake,
        AsyncOpenAI(base_url=fake.base_url, api_key="k", max_retries=0) as official,
    ):
        whole = await official.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "在吗"}],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "mood", "strict": True, "schema": BODY},
            },
        )
    assert msgspec.json.decode(whole.choices[0].message.content or "")["mood"] == "good"


async def test_a_server_that_knows_no_schemas_is_told_in_words_and_not_asked_again() -> None:
    behaviour = Behaviour(schemas=False, script=(Cue("发货", {"mood": "bad"}),))
    async with FakeServer(behaviour) as fake, client(fake) as model:
        for _ in range(2):
            completion = await model.complete(SHAPED, Heard(), Deadline.after(5))
            assert msgspec.json.decode(completion.text) == {"mood": "bad"}
        refused, told, again = requests(fake)
    assert "response_format" in refused
    for asked in (told, again):
        assert "response_format" not in asked
        system = asked["messages"][0]["content"]
        assert system.startswith(PROMPT.lines[0].text)
        assert msgspec.json.encode(BODY).decode() in system
        assert len(asked["messages"]) == len(PROMPT.lines)


async def test_a_refusal_for_another_reason_stays_one_and_the_schema_is_asked_for_again() -> None:
    bad_key = Behaviour(fault=Fault.DENIED)
    async with FakeServer(bad_key) as fake, client(fake) as model:
        with pytest.raises(ModelRefused, match="401"):
            await model.complete(SHAPED, Heard(), Deadline.after(5))
        assert fake.served == 1
    nonsense = replace(SHAPED, lines=(PromptLine("user", "x" * 20_000),))
    async with FakeServer(Behaviour(schemas=False, fault=Fault.DENIED)) as fake:
        async with client(fake) as model:
            for _ in range(2):
                with pytest.raises(ModelRefused):
                    await model.complete(nonsense, Heard(), Deadline.after(5))
        assert ["response_format" in asked for asked in requests(fake)] == [True, False] * 2


def test_without_a_system_line_the_schema_becomes_one() -> None:
    prompt = Prompt((PromptLine("user", "在吗"),), schema=Schema("mood", BODY))
    messages = msgspec.json.decode(wire.request("m", prompt, schemas=False))["messages"]
    assert [line["role"] for line in messages] == ["system", "user"]


async def test_a_reply_by_script_is_said_whole_and_other_messages_get_prose() -> None:
    script = (Cue("发货", "按页面说明"),)
    async with FakeServer(Behaviour(script=script, tokens=2)) as fake, client(fake) as model:
        scripted = await model.complete(PROMPT, Heard(), Deadline.after(5))
        other = Prompt((PromptLine("user", "在吗"),))
        prose = await model.complete(other, Heard(), Deadline.after(5))
    assert scripted.text == "按页面说明"
    assert prose.text != scripted.text
    assert prose.usage.completion_tokens == 2


def test_a_script_is_json_lines_and_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "script.jsonl"
    file.write_text('{"when": "退", "say": {"a": 1}}\n\n{"when": "换", "say": "好"}\n', "utf-8")
    assert [cue.text for cue in read_script(file)] == ['{"a":1}', "好"]
    file.write_text('{"when": "退", "say": 1}\n{"wen": "x"}\n', "utf-8")
    with pytest.raises(SettingsError, match=r"script\.jsonl:2: .*unknown field `wen`"):
        read_script(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_script(tmp_path / "nowhere.jsonl")


def test_one_model_of_several_is_found_by_name() -> None:
    small, large = Scripted(["a"], "small"), Scripted(["b"], "large")
    assert named(Failover([small, large]), "large") is large
    assert named(small, "small") is small
    with pytest.raises(SettingsError, match=r"'huge'.*there are small, large"):
        named(Failover([small, large]), "huge")
