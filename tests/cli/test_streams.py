from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from kefu.cli.streams import batches
from kefu.errors import BadMessage


class Pipe:
    """Gives one chunk a read, as a pipe into which somebody writes now and then."""

    def __init__(self, *chunks: bytes) -> None:
        self.reads = 0
        self._chunks: Iterator[bytes] = iter(chunks)

    def read1(self, size: int = -1, /) -> bytes:
        self.reads += 1
        return next(self._chunks, b"")


def test_what_is_there_is_given_before_more_is_waited_for() -> None:
    pipe = Pipe(b"a\nb\nc", b"d\n", b"e")
    found = batches(pipe, 256)
    assert next(found) == [(1, "a"), (2, "b")]
    assert pipe.reads == 1
    assert list(found) == [[(3, "cd")], [(4, "e")]]


def test_a_long_input_comes_in_batches_of_at_most_so_many() -> None:
    stream = io.BufferedReader(io.BytesIO(b"x\n" * 1000))  # type: ignore[arg-type]
    sizes = [len(batch) for batch in batches(stream, 256)]
    assert sizes == [256, 256, 256, 232]


def test_blank_lines_count_but_are_left_out() -> None:
    assert list(batches(io.BytesIO("\ufeffa\r\n\n  \nb".encode()), 9)) == [[(1, "a")], [(4, "b")]]


def test_a_character_may_be_cut_in_two_by_the_pipe() -> None:
    encoded = "退\n".encode()
    assert list(batches(Pipe(encoded[:1], encoded[1:]), 9)) == [[(1, "退")]]


def test_what_is_not_utf_8_is_named_by_its_line() -> None:
    with pytest.raises(BadMessage, match="line 2: not UTF-8"):
        list(batches(io.BytesIO(b"a\n\xff\xfe\n"), 1))


def test_a_line_without_end_is_refused_in_bounded_memory() -> None:
    pipe = Pipe(*[b"x" * 65536] * 100)
    with pytest.raises(BadMessage, match="line 1: longer than"):
        list(batches(pipe, 9))
    assert pipe.reads < 20
