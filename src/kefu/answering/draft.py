"""The reply while it grows: lines that are kept together, and pieces that are sent as they come."""

from __future__ import annotations

from kefu.messages import Degraded, Piece, Send, Source


class Draft:
    """Sends pieces at once, and lines together at the next `flush`; `text` is both.

    Lines come from flows and templates, which are whole in a millisecond: checking them in one go costs
    the guard half of what one by one does.

    `source` is that of the first part which is not a template: a greeting before an answer does not count.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._parts: list[str] = []
        self._held: list[str] = []
        self._lines: set[str] = set()
        self._break = False
        self.source = Source.TEMPLATE
        self.degraded: Degraded | None = None

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self._parts)

    def line(self, text: str) -> None:
        """Say a line of its own; an empty one is none, and one that was said is not said again."""
        if text and text not in self._lines:
            self._lines.add(text)
            self.new_line()
            self._held.append(self._joined(text))
            self.new_line()

    async def piece(self, text: str) -> None:
        """Send a piece that goes on where the last one ended."""
        if text:
            self._held.append(self._joined(text))
            await self.flush()

    async def flush(self) -> None:
        """Send what is held."""
        if self._held:
            text = "".join(self._held)
            self._held.clear()
            await self._send(Piece(text))

    def new_line(self) -> None:
        """What comes next begins on a line of its own."""
        self._break = True

    def _joined(self, text: str) -> str:
        if self._break and self._parts:
            text = "\n" + text
        self._break = False
        self._parts.append(text)
        return text

    def credit(self, source: Source) -> None:
        """Name who wrote a part; the first one that is no template counts."""
        if self.source is Source.TEMPLATE:
            self.source = source

    def degrade(self, reason: str) -> None:
        """Note why a lesser answer is given; the first reason counts."""
        self.degraded = self.degraded or Degraded(reason, "answer")
        self.credit(Source.DEGRADED)
