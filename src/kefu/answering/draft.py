"""The reply while it grows: lines and pieces, sent as they come."""

from __future__ import annotations

from kefu.messages import Degraded, Piece, Send, Source


class Draft:
    """Sends every piece at once; `text` is what was sent. Lines are kept apart by line breaks.

    `source` is that of the first part which is not a template: a greeting before an answer does not count.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._parts: list[str] = []
        self._lines: set[str] = set()
        self._break = False
        self.source = Source.TEMPLATE
        self.degraded: Degraded | None = None

    @property
    def text(self) -> str:
        """All that was sent."""
        return "".join(self._parts)

    async def line(self, text: str) -> None:
        """Send a line of its own; an empty one is none, and one that was said is not said again."""
        if text in self._lines:
            return
        self._lines.add(text)
        self.new_line()
        await self.piece(text)
        self.new_line()

    async def piece(self, text: str) -> None:
        """Send a piece that goes on where the last one ended."""
        if not text:
            return
        if self._break and self._parts:
            text = "\n" + text
        self._break = False
        self._parts.append(text)
        await self._send(Piece(text))

    def new_line(self) -> None:
        """What comes next begins on a line of its own."""
        self._break = True

    def credit(self, source: Source) -> None:
        """Name who wrote a part; the first one that is no template counts."""
        if self.source is Source.TEMPLATE:
            self.source = source

    def degrade(self, reason: str) -> None:
        """Note why a lesser answer is given; the first reason counts."""
        self.degraded = self.degraded or Degraded(reason, "answer")
        self.credit(Source.DEGRADED)
