"""OpenAI's chat completions on the wire, as far as we read and write them."""

from __future__ import annotations

from typing import Any

import msgspec

from kefu.errors import ModelBroken
from kefu.llms.base import Prompt, Schema


class Delta(msgspec.Struct):
    """What a chunk adds."""

    content: str | None = None


class Choice(msgspec.Struct):
    """One of the replies; we ask for one."""

    delta: Delta | None = None
    finish_reason: str | None = None


class Tokens(msgspec.Struct):
    """The usage that the vendor counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Chunk(msgspec.Struct):
    """One event of the stream; a vendor that fails half-way sends `error` in place of choices."""

    choices: list[Choice] | None = None
    usage: Tokens | None = None
    model: str | None = None
    error: Any = None


class Trouble(msgspec.Struct):
    """The names in an error body. Its prose is left out: it may quote the prompt, or the key."""

    type: str | None = None
    code: str | int | None = None


class TroubleBody(msgspec.Struct):
    """The body of a refused request."""

    error: Trouble | None = None


_CHUNK = msgspec.json.Decoder(Chunk)
_TROUBLE = msgspec.json.Decoder(TroubleBody)
_ENCODER = msgspec.json.Encoder()
_IN_WORDS = (
    "Reply with one JSON object and nothing else. It must be valid against this JSON Schema:\n"
)


def request(model: str, prompt: Prompt, schemas: bool = True) -> bytes:
    """The request's body; asks for a stream that ends with its usage.

    Without `schemas` the server knows none, and the schema is told to the model in words.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": line.role, "content": line.text} for line in prompt.lines],
        "max_tokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if prompt.schema is not None and schemas:
        schema = {"name": prompt.schema.name, "strict": True, "schema": prompt.schema.body}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif prompt.schema is not None:
        body["messages"] = _told(body["messages"], prompt.schema)
    return _ENCODER.encode(body)


def _told(messages: list[dict[str, str]], schema: Schema) -> list[dict[str, str]]:
    """The messages with the schema at the end of the first system message: some models take only one."""
    words = _IN_WORDS + _ENCODER.encode(schema.body).decode()
    if messages and messages[0]["role"] == "system":
        first = {"role": "system", "content": f"{messages[0]['content']}\n\n{words}"}
        return [first, *messages[1:]]
    return [{"role": "system", "content": words}, *messages]


def chunk(data: str) -> Chunk:
    """One event, read. Raises ModelBroken when it is not what was promised, or reports an error."""
    try:
        read = _CHUNK.decode(data)
    except msgspec.DecodeError as exc:
        raise ModelBroken("an event of the stream is not a chunk of a completion") from exc
    if read.error is not None:
        raise ModelBroken("the stream reports an error")
    return read


def trouble(body: bytes) -> str:
    """The code, or else the type, of an error body; "" when it names none."""
    try:
        error = _TROUBLE.decode(body).error
    except msgspec.DecodeError:
        return ""
    name = (error.code or error.type) if error else None
    return str(name or "")[:64]
