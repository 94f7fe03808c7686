"""What every test of a language model needs: a question, and a customer who listens."""

from __future__ import annotations

from collections.abc import Callable

from kefu.llms.base import Prompt, PromptLine

PROMPT = Prompt((PromptLine("system", "你是客服"), PromptLine("user", "什么时候发货")))


class Heard:
    """A customer who listens: the pieces, in order."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.on_piece: Callable[[str], None] = lambda _piece: None

    async def __call__(self, text: str) -> None:
        """Take a piece."""
        self.pieces.append(text)
        self.on_piece(text)

    @property
    def text(self) -> str:
        """All that was heard."""
        return "".join(self.pieces)
