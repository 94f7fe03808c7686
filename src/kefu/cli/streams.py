"""Lines as they come: in batches where many are waiting, one by one where somebody types, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from kefu.errors import BadMessage

_CHUNK = 1 << 16
_LONGEST = 1 << 20
"""Bytes of a line. What is longer is no message."""


class Bytes(Protocol):
    """What bytes come from."""

    def read1(self, size: int = -1, /) -> bytes:
        """What is there, at most `size`; waits for the first byte, b"" at the end."""
        ...


def batches(stream: Bytes, most: int) -> Iterator[list[tuple[int, str]]]:
    """Numbered lines that are not blank, at most so many at once; never waits while it has some.

    Raises BadMessage naming the line for one that is too long or not UTF-8.
    """
    number = 0
    waiting: list[tuple[int, str]] = []
    for lines in _chunks(stream):
        for line in lines:
            number += 1
            text = _decoded(line, number)
            if text.strip():
                waiting.append((number, text))
            if len(waiting) == most:
                yield waiting
                waiting = []
        if waiting:
            yield waiting
            waiting = []


def _chunks(stream: Bytes) -> Iterator[list[bytes]]:
    """The whole lines of each chunk."""
    rest = b""
    while chunk := stream.read1(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST:
            lines, rest = [*lines, rest], b""
        yield lines
    if rest:
        yield [rest]


def _decoded(line: bytes, number: int) -> str:
    if len(line) > _LONGEST:
        raise BadMessage(f"line {number}", f"longer than {_LONGEST} bytes; one text a line")
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
    except UnicodeDecodeError as exc:
        raise BadMessage(f"line {number}", f"not UTF-8: {exc.reason}; convert the file") from exc
