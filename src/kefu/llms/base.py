"""The port: one method."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from kefu.deadline import Deadline
from kefu.messages import Usage

SendText = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PromptLine:
    """One line of a prompt; masked."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Schema:
    """The JSON object that a reply must be. `body` is a JSON Schema as strict mode wants it: closed
    objects, every property required.

    A server may know no schemas, or not keep to them: who asks for one validates the reply.
    """

    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: lines, the most tokens it may write, and the shape of its reply if not prose."""

    lines: tuple[PromptLine, ...]
    max_tokens: int = 512
    temperature: float = 0.3
    schema: Schema | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished reply; `text` equals what was sent piece by piece."""

    text: str
    model: str
    usage: Usage


class LanguageModel(Protocol):
    """Something that writes prose."""

    name: str

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Send the reply piece by piece as it comes, then return it whole.

        Raises ModelTimeout, ModelRefused or ModelBroken; a stream that was cut is ModelBroken, never a reply.
        """
        ...
