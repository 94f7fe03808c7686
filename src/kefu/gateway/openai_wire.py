"""OpenAI's chat completions as JSON: what of the request we read, and all of the response."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from kefu.errors import BadMessage
from kefu.gateway.wire import encode
from kefu.messages import Usage


class ContentPart(Struct):
    """One part of a message; only text is read."""

    type: str
    text: str | None = None


class ChatMessage(Struct):
    """One message of the request."""

    role: str
    content: str | list[ContentPart] | None = None


class StreamOptions(Struct):
    """How to stream."""

    include_usage: bool | None = None


class CompletionRequest(Struct, kw_only=True):
    """POST /v1/chat/completions. Parameters of sampling are accepted and have no effect."""

    model: Annotated[str, Meta(min_length=1, max_length=256)]
    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=1024)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: Annotated[str, Meta(max_length=512)] | None = None
    n: Literal[1] | None = None


class CompletionUsage(Struct, gc=False):
    """Tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionMessage(Struct, gc=False):
    """The reply."""

    role: Literal["assistant"]
    content: str
    refusal: None = None


class CompletionChoice(Struct, gc=False):
    """The one choice."""

    index: int
    message: CompletionMessage
    logprobs: None
    finish_reason: Literal["stop"]


class Completion(Struct, gc=False):
    """The answer; `kefu` holds the whole turn as POST /v1/chat would tell it."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: CompletionUsage
    kefu: Raw


class ChunkDelta(Struct, gc=False, omit_defaults=True):
    """What a chunk adds."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType = UNSET


class ChunkChoice(Struct, gc=False):
    """The one choice of a chunk."""

    index: int
    delta: ChunkDelta
    logprobs: None
    finish_reason: Literal["stop"] | None


class Chunk(Struct, gc=False):
    """One event of a stream."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: CompletionUsage | UnsetType | None = UNSET


class ModelCard(Struct, gc=False):
    """One model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(Struct, gc=False):
    """GET /v1/models."""

    object: Literal["list"]
    data: list[ModelCard]


def said_last(request: CompletionRequest) -> str:
    """The text of the last user message. Raises BadMessage when there is none."""
    for message in reversed(request.messages):
        if message.role == "user":
            return _text_of(message.content)
    raise BadMessage("messages", "must hold a message of the role user")


def usage_of(usage: Usage) -> CompletionUsage:
    """Tokens, as OpenAI counts them."""
    total = usage.prompt_tokens + usage.completion_tokens
    return CompletionUsage(usage.prompt_tokens, usage.completion_tokens, total)


def chunk(head: Chunk, delta: ChunkDelta, ended: bool = False) -> bytes:
    """One event of a stream, like `head`."""
    choice = ChunkChoice(0, delta, None, "stop" if ended else None)
    return encode(Chunk(head.id, head.object, head.created, head.model, [choice], head.usage))


def _text_of(content: str | list[ContentPart] | None) -> str:
    if isinstance(content, list):
        return "\n".join(part.text for part in content if part.type == "text" and part.text)
    return content or ""
