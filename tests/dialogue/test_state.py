"""A conversation's state is a pure fold over its events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kefu.dialogue.events import (
    AgentSaid,
    Answered,
    Began,
    Event,
    GivenBack,
    HandoffAsked,
    Kept,
    Said,
    TakenOver,
    Understood,
)
from kefu.dialogue.state import WINDOW, Dialogue, apply, replay
from kefu.messages import Emotion, Frame, Source

TEXT = st.text(max_size=8)
SLOTS = st.dictionaries(st.sampled_from(["order", "date"]), TEXT, max_size=2)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Began, owner=st.none() | TEXT, tenant=st.just("t"), tier=st.just("vip")),
    st.builds(Kept, vault=st.dictionaries(st.just("<PHONE_1>"), TEXT)),
    st.builds(Said, seq=st.integers(0, 99), text=TEXT, locale=st.sampled_from(["zh", "en"])),
    st.builds(
        Understood,
        intents=st.just(("a",)),
        slots=SLOTS,
        emotion=st.builds(Emotion, label=st.sampled_from(["negative", "neutral", "positive"])),
    ),
    st.builds(Answered, text=TEXT, source=st.just("flow"), slots=SLOTS),
    st.builds(HandoffAsked, reason=TEXT),
    st.builds(TakenOver, agent=TEXT),
    st.builds(AgentSaid, agent=TEXT, text=TEXT),
    st.builds(GivenBack, agent=TEXT),
)


@given(st.lists(EVENTS, max_size=60), st.integers(0, 60))
def test_replaying_in_two_halves_gives_the_same_state(events: list[Event], cut: int) -> None:
    state = replay(events[:cut])
    for event in events[cut:]:
        state = apply(state, event)
    assert state == replay(events)


@given(st.lists(EVENTS, max_size=80))
def test_the_window_is_bounded_and_the_sequence_number_never_falls(events: list[Event]) -> None:
    state, highest = Dialogue(), -1
    for event in events:
        state = apply(state, event)
        assert state.seq >= highest
        highest = state.seq
    assert len(state.window) <= 2 * WINDOW


def test_all_slots_are_kept_after_the_words_left_the_window() -> None:
    events: list[Event] = [Understood(("inform",), {"order": "42"}, Emotion())]
    for seq in range(50):
        events += [Said(seq, "嗯", "zh"), Answered("好", "template")]
    state = replay(events)
    assert state.slots["order"] == "42"
    assert state.turns == 50


def test_anger_counts_up_and_ends_with_a_good_mood() -> None:
    def mood(label: str, score: float = 0.9) -> Event:
        return Understood(("a",), {}, Emotion(label, score))  # type: ignore[arg-type]  # a table value

    assert replay([mood("negative"), mood("neutral"), mood("negative")]).anger == 2
    assert replay([mood("negative"), mood("positive")]).anger == 0
    assert replay([mood("negative"), mood("positive", 0.6)]).anger == 1


def test_an_empty_value_is_never_known() -> None:
    def said(**slots: str) -> Event:
        return Understood(("a",), slots, Emotion())

    known = replay([said(order="1", spec="红"), said(spec="", size="")])
    assert known.slots == {"order": "1"}
    forgotten = Answered("好", Source.FLOW, (), {"order": ""}, None)
    assert replay([said(order="1"), forgotten]).slots == {}


def test_a_conversation_goes_to_the_desk_and_comes_back() -> None:
    asked = replay([HandoffAsked("asked")])
    assert (asked.mode, asked.handoff_reason) == ("queued", "asked")
    taken = apply(asked, TakenOver("小李"))
    assert (taken.mode, taken.agent) == ("human", "小李")
    said = apply(taken, AgentSaid("小李", "您好"))
    assert said.window[-1].role == "agent"
    back = apply(said, GivenBack("小李"))
    assert (back.mode, back.agent, back.handoff_reason) == ("bot", None, None)


def test_the_foremost_open_flow_is_the_flow() -> None:
    state = replay(
        [Answered("哪个?", "flow", frames=(Frame("f", "a", "order"), Frame("g", "b", "x")))]
    )
    assert state.flow == "f"
    assert Dialogue().flow is None
