"""The reader of server-sent events, over every way of cutting a stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.errors import ModelBroken
from kefu.llms.events import EventReader


def read(stream: bytes, cuts: list[int] | None = None) -> list[str]:
    """The events of a stream that arrives cut at these places."""
    reader, events, start = EventReader(), [], 0
    for cut in [*sorted(cuts or []), len(stream)]:
        events += reader.feed(stream[start:cut])
        start = cut
    return events


LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8)


@given(st.lists(LINES, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_any_cut_and_any_line_end_give_the_same_events(
    lines: list[str], end: str, data: st.DataObject
) -> None:
    stream = "".join(f"data: {line}{end}{end}" for line in lines).encode()
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=12))
    assert read(stream, cuts) == lines


def test_a_character_in_two_chunks_is_whole() -> None:
    stream = "data: 您好\n\n".encode()
    assert [read(stream, [cut]) for cut in range(len(stream))] == [["您好"]] * len(stream)


def test_lines_of_data_are_joined_and_other_fields_are_passed_over() -> None:
    assert read(b": ping\nid: 7\nevent: x\nretry: 1\ndata: a\ndata:b\ndata\n\n") == ["a\nb\n"]


def test_a_separator_of_unicode_is_no_line_end() -> None:
    assert read("data: a\u2028b\u0085c\n\n".encode()) == ["a\u2028b\u0085c"]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b"\xef\xbb\xbfdata: a\n\n") == ["a"]


def test_an_event_that_was_not_ended_is_none() -> None:
    assert read(b"data: a\n") == []


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(ModelBroken, match="line"):
        EventReader(bound=10).feed(b"data: 123456")


def test_an_event_without_end_is_refused() -> None:
    reader = EventReader(bound=10)
    reader.feed(b"data: 1234\n")
    with pytest.raises(ModelBroken, match="event"):
        reader.feed(b"data: 123456\n")


def test_broken_utf8_is_refused() -> None:
    with pytest.raises(ModelBroken, match="UTF-8"):
        read(b"data: \xe6\x82\n\n")


def test_an_event_has_its_own_name_and_no_others() -> None:
    stream = b"event: done\ndata: a\n\ndata: b\n\nevent: lost\n\ndata: c\n\n"
    assert EventReader().named(stream) == [("done", "a"), ("message", "b"), ("message", "c")]
