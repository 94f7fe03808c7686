"""A reply on its way out: held back just long enough to be checked across the places where it was cut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container

from kefu.dialogue.vault import Vault
from kefu.guarding.holding import Item, Kept, Numbers, Placeholders, Wording, through
from kefu.guarding.words import Words
from kefu.messages import Piece


class Outgoing:
    """Takes a reply in pieces and sends what is safe. After `close`, `reply` and `said` are whole."""

    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        vault: Vault,
        words: Words,
        public: Container[str] = frozenset(),
    ) -> None:
        self._send = send
        self._filters = (Placeholders(vault), Numbers(vault, public), Wording(words))
        self._reply: list[str] = []
        self._said: list[str] = []

    @property
    def reply(self) -> str:
        """Masked and moderated: what the record keeps."""
        return "".join(self._reply)

    @property
    def said(self) -> str:
        """What the customer saw."""
        return "".join(self._said)

    async def piece(self, piece: Piece) -> None:
        """Take the next piece."""
        await self._let_out([piece.text], final=False)

    async def close(self) -> None:
        """Send what is still held. Nothing may come after it."""
        await self._let_out([], final=True)

    async def _let_out(self, items: list[Item], *, final: bool) -> None:
        for stage in self._filters:
            items = through(stage, items, final=final)
        said: list[str] = []
        for item in items:
            kept = item if isinstance(item, Kept) else Kept(item, item)
            self._reply.append(kept.reply)
            said.append(kept.said)
        seen = "".join(said)
        if seen:
            self._said.append(seen)
            await self._send(seen)
