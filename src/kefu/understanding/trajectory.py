"""A mood in the light of the conversation: what unsure words mean after trouble, and praise that is none.

呵呵 of a calm customer is a laugh, after three bad answers it is not; 你们真快 is praise, unless the order is
a week late. What is known comes from earlier messages (heat, trouble) and from dates of the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from kefu.dialogue.trajectory import CALMED, heard
from kefu.messages import Emotion
from kefu.understanding.context import ReadingContext
from kefu.understanding.moods import kinds, waits

__all__ = ["Leaning", "heard", "lean", "settle", "trouble"]

_END = r"(?:[吧啊呀哦呢哈嘛了的~!.,?。！ ]|👍|👏|🙃|🙂)*"
_PRAISED = re.compile(
    r"(?:(?:你们?|您|贵司|贵店|客服|你家|你们家)?(?:可|还|也)?(?:真行|真棒|真好|真快|真牛|真会|真可以|真厉害|太棒|"
    r"太好|太厉害|很好|很棒|好棒|好厉害|厉害|牛|优秀|完美|专业|给力|高效|可以可以|可以的可以的|好样的|佩服|服气|"
    r"真有你们?的|真有一套|真有本事|真是厉害|绝了|不错)|👏+|👍+|great job|good job|well done|nice(?: one)?|"
    r"(?:just )?great|wonderful|brilliant|amazing|awesome|impressive)" + _END
)
_SOUR = re.compile(
    r"(?:呵{2,}|呵|哼|嗯?行吧|行行行|好好好|哦豁|随便(?:你们?)?|随你们?(?:便)?|无所谓|爱咋咋地?|你们?看着办|"
    r"你们?(?:开心|高兴)就好|就这样|就这|也是醉|服|我服|算你们?狠|当我没说|拜拜了?您嘞?|"
    r"whatever|sure,? sure|if you say so|right\.{2,}|lol|haha sure)" + _END
)
_BARE = re.compile(
    r"(?:好|好的|好吧|好滴|嗯+|恩+|哦+|噢|行|可以|知道|明白|收到|了解|ok|okay|fine|alright|got it)"
    r"(?:[,. ]*(?:好|好的|知道|明白|嗯))*" + _END
)
_THANKS = re.compile(r"谢|感激|辛苦|麻烦(?:你|您)了|thank|appreciate")
_CURT = re.compile(r"(?:好的?,?)?(?:谢谢|多谢|谢了|thanks|thx)(?:你们?|您)?" + _END)
_SOLVED = re.compile(
    r"解决了|搞定|收到了|到账了|已经到了|修好了|处理好|弄好了|可以用了|原来如此|"
    r"fixed|solved|works now|got it now"
)
_IN_VAIN = re.compile(
    r"还没|怎么还|一直没|迟迟|到现在|等了|催了|说好的|又(?:没|不|错|坏|拖)|第[二三四五2-5]次|没人(?:理|回|管)|"
    r"still (?:not|no|haven't|waiting)|again|never"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_PRAISE, _SHORT_PRAISE = 30, 8
_SOME, _MUCH, _WARM = 0.4, 0.6, 0.3
_LATE, _FORGOTTEN = 2, 60
"""Days from which on a date tells of waiting, and after which it tells of nothing any more."""
_WEEK = 7.0
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Leaning:
    """What the conversation lends to a mood, in tenths: `heat` so far, `known` trouble of any kind, and what
    of it is `open`: told of and not put right. `asked` is true where the bot waits for an answer.
    """

    heat: float = 0.0
    open: float = 0.0
    known: float = 0.0
    asked: bool = False


CALM = Leaning()


def lean(context: ReadingContext, dated: Container[str] = ()) -> Leaning:
    """What is known before a message is read; `dated` are the slots that hold dates."""
    mood = context.mood
    waited = _waited(context, dated)
    calm = (1.0 - mood.heat) * (1.0 - mood.trouble) * (1.0 - waited)
    known = round(1.0 - calm, 1)
    asked = known > 0.0 and context.waiting is not None
    return Leaning(round(mood.heat, 1), round(mood.trouble, 1), known, asked)


def _waited(context: ReadingContext, dated: Container[str]) -> float:
    """0..1: how long ago the dates lie that the conversation knows, where it has a topic that waits."""
    if context.topic is None:
        return 0.0
    days = [
        (context.now.date() - date.fromisoformat(value)).days
        for name, value in context.slots.items()
        if name in dated and _DAY.fullmatch(value)
    ]
    late = [one for one in days if _LATE <= one <= _FORGOTTEN]
    return min(0.6, max(late) / _WEEK) if late else 0.0


def trouble(text: str) -> float:
    """0..1: how much a folded text says went wrong, in whatever tone."""
    if _SOLVED.search(text):
        return 0.0
    seen = kinds(text)
    marks = (
        0.35 if "trouble" in seen else 0.0,
        0.35 if _IN_VAIN.search(text) else 0.0,
        0.25 if waits(text) else 0.0,
        0.25 if "anger" in seen else 0.0,
    )
    return round(min(1.0, sum(marks)), 2)


def settle(emotion: Emotion, text: str, leaning: Leaning) -> Emotion:
    """The mood of a folded text after what is known; as it was where the conversation says nothing."""
    told = trouble(text)
    said = text.strip(" ,.!?~。！？")
    if leaning != CALM:
        emotion = _again(emotion, said, leaning)
    return replace(emotion, trouble=told) if told else emotion


def _again(emotion: Emotion, said: str, leaning: Leaning) -> Emotion:
    if leaning.known >= _SOME and not _THANKS.search(said):
        if _PRAISED.fullmatch(said):
            return _negative(emotion, leaning, sarcasm=True)
        if _SOUR.fullmatch(said) and not leaning.asked:  # else 行吧 is an answer
            return _negative(emotion, leaning, sarcasm=emotion.sarcasm)
    if emotion.label == "negative":
        return emotion
    if leaning.known >= _MUCH and _is_hollow(said, emotion):
        return _negative(emotion, leaning, sarcasm=True)
    if emotion.label == "positive" and _is_no_joy(said, emotion, leaning):
        return Emotion("neutral", round(1.0 - leaning.heat / 2, 3))
    return emotion


def _is_hollow(said: str, emotion: Emotion) -> bool:
    """Praise without a reason for it: no thanks, nothing solved, no joy of its own.

    A longer text speaks for itself; there the conversation only decides what the model was unsure of.
    """
    if len(said) > _LONGEST_PRAISE or _THANKS.search(said) or _SOLVED.search(said):
        return False
    sure = emotion.score >= CALMED
    if sure and (emotion.label == "neutral" or len(said) > _SHORT_PRAISE or "," in said):
        return False
    seen = kinds(said)
    return "praise" in seen and seen.isdisjoint({"joy", "calm", "not"})


def _is_no_joy(said: str, emotion: Emotion, leaning: Leaning) -> bool:
    """Whether a good mood rests on politeness alone: 好的; 谢谢啊 while nothing is solved; an unsure guess."""
    if leaning.heat < _WARM or _SOLVED.search(said):
        return False
    if _CURT.fullmatch(said):
        return leaning.open >= _MUCH
    return _BARE.fullmatch(said) is not None or emotion.score < CALMED


def _negative(emotion: Emotion, leaning: Leaning, sarcasm: bool) -> Emotion:
    strength = max(leaning.known, 0.55)
    if emotion.label == "negative":
        strength = max(strength, emotion.score)
    return Emotion("negative", round(min(strength, _SURE), 3), sarcasm)
