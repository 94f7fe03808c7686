"""Server-sent events, read from bytes as they come (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import re

from kefu.errors import ModelBroken

BOUND = 256 * 1024
"""Bytes of one line, and of one event: far above any honest token."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


class EventReader:
    """Turns chunks of bytes into whole events: their `data`, and where wanted their names.

    Lines are cut before they are decoded, so a character that spans two chunks is never seen in half.

    >>> reader = EventReader()
    >>> reader.feed(b"data: a") + reader.feed(b"b" + bytes([10, 10]))
    ['ab']
    """

    def __init__(self, bound: int = BOUND) -> None:
        self._bound = bound
        self._rest = b""
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, chunk: bytes) -> list[str]:
        """The data of the events that this chunk completes.

        Raises ModelBroken for a line or an event too long, or not in UTF-8.
        """
        return [data for _, data in self.named(chunk)]

    def named(self, chunk: bytes) -> list[tuple[str, str]]:
        """The same with the names of the events; "message" where none is given."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if chunk.endswith(b"\r"):
            self._after_cr = True
        *lines, self._rest = _LINE_END.split(self._rest + chunk)
        if len(self._rest) > self._bound:
            raise ModelBroken("the stream has a line without end")
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: bytes) -> tuple[str, str] | None:
        """Take one line in; the event that it ends, if any."""
        if self._first:
            line = line.removeprefix(_BOM)
            self._first = False
        if not line:
            return self._end()
        name, _, value = line.partition(b":")
        if name == b"data":
            self._keep(value.removeprefix(b" "))
        elif name == b"event":
            self._name = value.removeprefix(b" ")
        return None

    def _keep(self, value: bytes) -> None:
        self._data.append(value)
        self._size += len(value) + 1
        if self._size > self._bound:
            raise ModelBroken("the stream has an event without end")

    def _end(self) -> tuple[str, str] | None:
        name, self._name = self._name, b""
        if not self._data:
            return None
        data, self._data, self._size = b"\n".join(self._data), [], 0
        try:
            return name.decode() or "message", data.decode()
        except UnicodeDecodeError as exc:
            raise ModelBroken("the stream is not UTF-8") from exc
