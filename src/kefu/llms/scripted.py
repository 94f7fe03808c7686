"""A language model for tests and demonstrations: says what it was told to say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from kefu.deadline import Deadline
from kefu.errors import ModelError, ModelTimeout
from kefu.llms.base import Completion, Prompt, SendText
from kefu.messages import Usage


@dataclass(frozen=True, slots=True)
class Scene:
    """One call: the pieces to send, then an error to raise, if any, or a silence until the deadline."""

    pieces: tuple[str, ...] = ()
    error: ModelError | None = None
    silent: bool = False


class Scripted:
    """Plays its scenes in order, and the last one for ever after; `asked` keeps the prompts."""

    def __init__(self, scenes: Iterable[Scene | str], name: str = "scripted") -> None:
        self.name = name
        self.asked: list[Prompt] = []
        self._scenes = [Scene((s,)) if isinstance(s, str) else s for s in scenes] or [Scene()]

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Play the next scene. Tokens are counted as characters, so that usage is never zero."""
        scene = self._scenes[min(len(self.asked), len(self._scenes) - 1)]
        self.asked.append(prompt)
        for piece in scene.pieces:
            await send(piece)
        if scene.silent:
            await asyncio.sleep(deadline.remaining())
            raise ModelTimeout(f"{self.name} is silent")
        if scene.error is not None:
            raise scene.error
        text = "".join(scene.pieces)
        usage = Usage(sum(len(line.text) for line in prompt.lines), len(text))
        return Completion(text, self.name, usage)
