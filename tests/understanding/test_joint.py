"""The joint heads' tensors, made by hand, and what is read off them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.understanding.belief import Belief
from kefu.understanding.encoder import joint
from kefu.understanding.encoder.joint import Said, Weighing
from kefu.understanding.wishes import Wanted

INTENTS = ("greeting", "refund", "track", "urge")
SURE, HARDLY = 8.0, -8.0
WEIGHING = Weighing()


def said(
    text: str,
    wanted: Sequence[str | None],
    *,
    begins: Mapping[int, float] | None = None,
    counts: Mapping[int, float] | None = None,
    tags: Sequence[int] = (),
    slots: int = 2,
    mood: Sequence[float] = (0.0, 0.0, 0.0, HARDLY),
) -> Said:
    """A piece per character; `wanted` is the intent of each or None, `begins` are logits."""
    size = len(wanted)
    intents = np.zeros((size, len(INTENTS)), np.float32)
    for at, name in enumerate(wanted):
        if name is not None:
            intents[at, INTENTS.index(name)] = SURE
    places = np.zeros((size, 2), np.float32)
    places[:, 1] = HARDLY
    for column, given_ in enumerate((counts or {}, begins or {})):
        for at, value in given_.items():
            places[at, column] = value
    scores = np.zeros((size, 2 * slots + 1), np.float32)
    for at, tag in enumerate(tags or [0] * size):
        scores[at, tag] = SURE
    starts = np.arange(size, dtype=np.int32)
    ends = np.minimum(starts + 1, len(text)).astype(np.int32)
    vector = np.array([1.0, 0.0], np.float32)
    return Said(starts, ends, intents, places, scores, np.array(mood, np.float32), vector)


def read(of: Said, weighing: Weighing = WEIGHING) -> list[tuple[str, int, int]]:
    return [(wish.name, wish.start, wish.end) for wish in joint.wishes(of, INTENTS, weighing)[0]]


def test_a_text_without_a_border_is_one_wish_from_end_to_end() -> None:
    assert read(said("我要退款", ["refund"] * 4)) == [("refund", 0, 4)]
    assert read(said("退", ["refund"])) == [("refund", 0, 1)]


def test_a_border_parts_two_wishes_in_the_order_said() -> None:
    two = said("退款查快递", ["refund"] * 2 + ["track"] * 3, begins={2: SURE})
    assert read(two) == [("refund", 0, 2), ("track", 2, 5)]


def test_three_wishes_have_three_places() -> None:
    three = said(
        "退款查快递催一下",
        ["refund"] * 2 + ["track"] * 3 + ["urge"] * 3,
        begins={2: SURE, 5: SURE},
    )
    assert read(three) == [("refund", 0, 2), ("track", 2, 5), ("urge", 5, 8)]


def test_the_beginning_of_a_text_is_no_border() -> None:
    assert read(said("退款", ["refund"] * 2, begins={0: SURE})) == [("refund", 0, 2)]


def test_the_same_wish_on_both_sides_of_a_border_is_one() -> None:
    assert read(said("退款退钱", ["refund"] * 4, begins={2: SURE})) == [("refund", 0, 4)]


def test_a_piece_that_counts_more_outvotes_the_others() -> None:
    mixed = said("退款了吗", ["track", "refund", "track", "track"], counts={1: 5.0})
    assert read(mixed) == [("refund", 0, 4)]


def test_a_wish_is_read_by_itself_however_much_the_pieces_of_another_count() -> None:
    quiet = {at: -8.0 for at in (2, 3, 4)}
    two = said("退款查快递", ["refund"] * 2 + ["track"] * 3, begins={2: SURE}, counts=quiet)
    assert read(two) == [("refund", 0, 2), ("track", 2, 5)]


def test_a_greeting_before_a_wish_falls_away() -> None:
    polite = said("你好退款", ["greeting"] * 2 + ["refund"] * 2, begins={2: SURE})
    assert read(polite) == [("refund", 2, 4)]


def test_what_nothing_speaks_for_is_out_of_scope() -> None:
    [wish], _ = joint.wishes(said("嗯嗯", [None, None]), INTENTS, Weighing(known=0.3))
    assert (wish.name, wish.start, wish.end) == ("out_of_scope", 0, 2)
    assert wish.confidence == pytest.approx(0.75, abs=0.01)


def test_sharper_scores_make_surer_wishes() -> None:
    of = said("退款", ["refund", None])
    blunt, sharp = (
        joint.wishes(of, INTENTS, Weighing(sharpness=sharpness))[0][0].confidence
        for sharpness in (0.2, 2.0)
    )
    assert blunt < sharp


def test_a_border_that_may_be_one_makes_the_list_doubtful() -> None:
    texts = [said("退款退钱", ["refund"] * 4, begins={2: logit}) for logit in (HARDLY, 0.0)]
    clear, doubtful = (joint.wishes(of, INTENTS, WEIGHING)[1] for of in texts)
    assert clear > 0.9
    assert doubtful < 0.6 * clear


def test_tags_become_spans_of_the_text() -> None:
    tagging = joint.tagging(said("退两件红色", [None] * 5, tags=(0, 1, 2, 3, 4)), 5)
    assert tagging.spans == ((0, 1, 3), (1, 3, 5))


def test_a_value_beside_another_of_its_slot_begins_anew() -> None:
    tagging = joint.tagging(said("红蓝色", [None] * 3, tags=(1, 1, 2)), 3)
    assert tagging.spans == ((0, 0, 1), (0, 1, 3))


def test_a_tag_that_goes_on_with_nothing_begins_a_value() -> None:
    tagging = joint.tagging(said("红色两件", [None] * 4, tags=(2, 2, 4, 4)), 4)
    assert tagging.spans == ((0, 0, 2), (1, 2, 4))


def test_how_likely_a_slot_begins_is_told_for_each_character() -> None:
    begins = joint.tagging(said("退两", [None] * 2, tags=(0, 3)), 4).begins
    assert begins.shape == (4, 2)
    assert begins[1].tolist() == [0.0, SURE]
    assert (begins[2:] < HARDLY).all(), "no piece stands there"


def test_the_likeliest_mood_is_told_with_its_chance() -> None:
    felt = joint.emotion(said("好", [None], mood=(0.0, 1.0, 4.0, HARDLY)), 0.5)
    assert (felt.label, felt.sarcasm) == ("positive", False)
    assert felt.score == pytest.approx(0.936, abs=0.002)


def test_sarcasm_is_negative_whatever_the_words_say() -> None:
    kind = said("真棒", [None] * 2, mood=(0.0, 0.0, 6.0, 1.0))
    assert joint.emotion(kind, 0.7).label == "negative"
    assert joint.emotion(kind, 0.7).sarcasm
    assert joint.emotion(kind, 0.9).label == "positive", "not sure enough to be believed"


def test_belief_is_the_share_that_was_right_at_such_a_confidence() -> None:
    line = Belief((0.2, 0.6, 0.9), (0.1, 0.5, 0.8))
    assert [line.of(said_) for said_ in (0.0, 0.2, 0.4, 0.75, 1.0)] == pytest.approx(
        [0.1, 0.1, 0.3, 0.65, 0.8]
    )


def apart(found: Sequence[Wanted], size: int) -> bool:
    """Whether wishes lie in the text one after the other."""
    edges = [edge for wish in found for edge in (wish.start, wish.end)]
    return edges == sorted(edges) and edges[0] >= 0 and edges[-1] <= size


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 30), st.integers(0, 2**32 - 1), st.floats(0.1, 15.0))
def test_whatever_the_tensors_say_a_defined_list_comes_out(
    size: int, seed: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    of = said("字" * size, [None] * size)
    for tensor in (of.intents, of.places, of.slots, of.mood):
        tensor += (rng.standard_normal(tensor.shape) * spread).astype(np.float32)
    found, raw = joint.wishes(of, INTENTS, WEIGHING)
    assert found
    assert apart(found, size)
    assert all(0.0 <= wish.confidence <= 1.0 + 1e-6 for wish in found)
    assert 0.0 <= raw <= 1.0 + 1e-6
    spans = joint.tagging(of, size).spans
    assert all(0 <= start < end <= size and slot in (0, 1) for slot, start, end in spans)
    assert 0.0 <= joint.emotion(of, 0.5).score <= 1.0
