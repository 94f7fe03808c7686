"""Where a customer's mood has come to."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kefu.dialogue.events import Answered, Event, GivenBack, Said, Understood
from kefu.dialogue.records import Codec
from kefu.dialogue.sealing import Sealer
from kefu.dialogue.state import Dialogue, replay
from kefu.dialogue.trajectory import Trajectory, heard, served
from kefu.messages import Emotion, Frame, Mood

ANGRY, CALM = Emotion("negative", 0.9), Emotion("neutral", 0.9)
EMOTIONS = st.builds(
    Emotion,
    label=st.sampled_from(["negative", "neutral", "positive"]),
    score=st.floats(0, 1),
    sarcasm=st.booleans(),
    trouble=st.floats(0, 1),
)


def after(*emotions: Emotion) -> Trajectory:
    mood = Trajectory()
    for emotion in emotions:
        mood = heard(mood, emotion)
    return mood


@given(st.lists(EMOTIONS, max_size=40))
def test_heat_and_trouble_stay_between_0_and_1(emotions: list[Emotion]) -> None:
    mood = after(*emotions)
    assert 0.0 <= mood.heat <= 1.0
    assert 0.0 <= mood.trouble <= 1.0


def test_anger_that_repeats_heats_faster_each_time() -> None:
    heats = [after(*[ANGRY] * times).heat for times in range(5)]
    assert heats == sorted(heats)
    assert heats[2] > 1.5 * heats[1]
    assert heats[4] > 0.9


def test_calm_messages_cool_and_sincere_thanks_end_it() -> None:
    hot = [ANGRY, ANGRY]
    assert after(*hot, CALM, CALM).heat < after(*hot).heat
    thanked = after(*hot, Emotion("positive", 0.9))
    assert (thanked.heat < 0.3, thanked.row) == (True, 0)
    assert after(*hot, Emotion("positive", 0.6)).row == 2


def test_irony_counts_however_mild_it_sounds() -> None:
    mild = Emotion("negative", 0.2)
    assert after(Emotion("negative", 0.2, sarcasm=True)).heat > 2 * after(mild).heat


def test_trouble_is_known_in_whatever_mood_it_was_told() -> None:
    told = after(Emotion("neutral", 0.9, trouble=0.7))
    assert (told.heat, told.trouble) == (0.0, 0.7)
    assert served(told).trouble < 0.2


def understood(emotion: Emotion, *intents: str) -> Event:
    return Understood(intents or ("a",), {}, emotion)


def test_a_dialogue_remembers_its_mood_and_an_agent_starts_afresh() -> None:
    events = [understood(ANGRY), understood(ANGRY)]
    assert replay(events).mood == after(ANGRY, ANGRY)
    assert replay([*events, GivenBack("小李")]).mood == Trajectory()


def test_only_a_yes_to_a_change_that_was_made_takes_the_trouble_away() -> None:
    told = understood(Emotion("neutral", 0.9, trouble=0.8))
    asked = Answered("退吗?", "flow", frames=(Frame("refund", "refund", "confirm"),))
    open_ = replay([told, asked]).mood.trouble

    def ending(intent: str, *frames: Frame) -> float:
        answered = Answered("好", "flow", frames=frames)
        return replay([told, asked, understood(CALM, intent), answered]).mood.trouble

    assert ending("affirm") < 0.5 * open_
    assert ending("deny") > 0.5 * open_
    assert ending("affirm", Frame("refund", "refund", "confirm")) > 0.5 * open_


def test_a_mood_survives_the_hot_store_and_old_snapshots_are_still_read() -> None:
    codec = Codec(Sealer(b"k" * 32))
    dialogue = replay([Said(0, "骗子", "zh"), understood(ANGRY)])
    assert codec.thaw(codec.freeze(dialogue, 1)).dialogue == dialogue
    old = msgspec.to_builtins(dialogue)
    del old["mood"]
    assert msgspec.convert(old, Dialogue).mood == Trajectory()
    before: dict[str, Mood | float | bool] = {"label": "negative", "score": 0.9, "sarcasm": False}
    assert msgspec.convert(before, Emotion) == ANGRY
