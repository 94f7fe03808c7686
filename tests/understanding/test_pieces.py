"""How texts are cut for the encoder: places that lead back to the text, rows that depend on nothing else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.understanding.encoder.lexicon import Lexicon
from kefu.understanding.encoder.pieces import BITS, LONGEST, WIDTH, Cutter, Pieces
from kefu.understanding.text import flatten, fold

SOUNDS = {"火": 7, "货": 8, "发": 9, "在": 11, "再": 11}
ALIKE, SLOT, CONCEPT = 1, 7, 8
"""Columns of `rows`: how a piece sounds, whose slot word and whose concept it is in."""
TEXTS = (
    "发货",
    "我要退iphone 15 pro吧",
    "订单202611180042187, 到哪了",
    "👍",
    "",
    "a",
    " 退 ",
    "12",
)


@pytest.fixture(scope="module")
def cutter() -> Cutter:
    syllables = np.zeros(1 << 16, np.uint16)
    for char, sound in SOUNDS.items():
        syllables[ord(char)] = sound
    return Cutter(syllables, Lexicon({"product": ["手机", "tea"]}, {"no": ["不", "没有"]}))


def pieces_of(cutter: Cutter, text: str) -> list[str]:
    cut = cutter.cut([text])
    size = int(cut.sizes[0])
    places = zip(cut.starts[0, :size], cut.ends[0, :size], strict=True)
    return [text[start:end] for start, end in places]


def rows_of(cut: Pieces, at: int) -> np.ndarray:
    return cut.rows[at, : int(cut.sizes[at])]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("发火了吗", ["发", "火", "了", "吗"]),
        ("我要退iphone 15吧", ["我", "要", "退", "iphone", "15", "吧"]),
        ("where's my order", ["where's", "my", "order"]),
        ("红色 黑色", ["红", "色", " ", "黑", "色"]),
        ("  退货  ", ["退", "货"]),
        ("退 ok 吗", ["退", " ", "ok", " ", "吗"]),
        ("13:30", ["13", ":", "30"]),
        ("好👍🏽", ["好", "👍", "🏽"]),
        ("\ue100!", ["\ue100", "!"]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_piece_is_a_character_a_latin_word_or_a_number(
    cutter: Cutter, text: str, pieces: list[str]
) -> None:
    assert pieces_of(cutter, text) == pieces


def test_a_placeholder_is_one_piece_whatever_it_hides(cutter: Cutter) -> None:
    flat = flatten("打<PHONE_1>吧")
    cut = cutter.cut([flat.text])
    at = [
        flat.raw(int(start), int(end))
        for start, end in zip(cut.starts[0], cut.ends[0], strict=True)
    ]
    assert at == ["打", "<PHONE_1>", "吧"]
    other = cutter.cut([flatten("打<PHONE_2>吧").text])
    assert np.array_equal(cut.rows, other.rows)


def test_a_text_of_2000_characters_keeps_its_beginning_and_its_end(cutter: Cutter) -> None:
    text = "".join(chr(0x4E00 + at) for at in range(2000))
    kept = "".join(pieces_of(cutter, text))
    assert len(kept) == LONGEST
    assert text.startswith(kept[:100])
    assert text.endswith(kept[-40:])


def test_half_a_character_is_cut_like_any_other(cutter: Cutter) -> None:
    assert len(pieces_of(cutter, fold("我要\ud800退\udc00款"))) == 6


def test_long_numbers_differ_by_their_length_alone(cutter: Cutter) -> None:
    first, second, longer = cutter.cut(["20261118", "99990000", "999900001"]).rows[:, 0, 0]
    assert first == second != longer
    assert len(set(cutter.cut(["12", "13", "1"]).rows[:, 0, 0])) == 3


def test_characters_that_sound_alike_share_a_row(cutter: Cutter) -> None:
    rows = cutter.cut(["在", "再", "货"]).rows[:, 0, ALIKE]
    assert rows[0] == rows[1] != rows[2]
    assert cutter.cut(["吗"]).rows[0, 0, ALIKE] == 0, "nobody said how it sounds"


def test_a_neighbour_changes_the_rows_of_a_piece_but_not_its_own(cutter: Cutter) -> None:
    alone, beside = cutter.cut(["发"]).rows[0, 0], cutter.cut(["发火"]).rows[0, 0]
    assert alone[0] == beside[0]
    assert not np.array_equal(alone, beside)


def test_words_of_the_pack_are_marked_where_they_stand_alone(cutter: Cutter) -> None:
    rows = cutter.cut(["买手机没有货"]).rows[0]
    assert (rows[:, SLOT] > 0).tolist() == [False, True, True, False, False, False]
    assert (rows[:, CONCEPT] > 0).tolist() == [False, False, False, True, True, False]
    assert cutter.cut(["tea"]).rows[0, 0, SLOT]
    assert not cutter.cut(["team"]).rows[0, 0, SLOT]


def test_a_text_has_the_same_rows_alone_and_in_a_batch(cutter: Cutter) -> None:
    together = cutter.cut(TEXTS)
    assert together.rows.shape == (len(TEXTS), together.sizes.max(), WIDTH)
    for at, text in enumerate(TEXTS):
        assert np.array_equal(rows_of(together, at), rows_of(cutter.cut([text]), 0)), text
        assert not together.rows[at, int(together.sizes[at]) :].any(), "padding is 0"


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        st.sampled_from("发火货a b1 0,。'\t\n👍🏽\ue100é\u200b𠮷\ud800") | st.characters(),
        max_size=200,
    )
)
def test_pieces_lie_in_the_text_in_rising_order_and_never_overlap(
    cutter: Cutter, text: str
) -> None:
    folded = fold(text)
    cut = cutter.cut([folded, "发货"])
    size = int(cut.sizes[0])
    starts, ends = cut.starts[0, :size].tolist(), cut.ends[0, :size].tolist()
    assert all(0 <= start < end <= len(folded) for start, end in zip(starts, ends, strict=True))
    assert all(end <= start for end, (_, start) in zip(ends, pairwise(starts), strict=False))
    rows = rows_of(cut, 0)
    assert (rows[:, 0] > 0).all(), "the first row tells a piece from padding"
    assert ((rows >= 0) & (rows < 2**BITS)).all()
    if size < LONGEST:
        inside = {at for start, end in zip(starts, ends, strict=True) for at in range(start, end)}
        assert all(char.isspace() for at, char in enumerate(folded) if at not in inside)
