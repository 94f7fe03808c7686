"""The customer's state of mind: the sentence model's mood columns, and a few cues that hold in any trade."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from kefu.messages import Emotion, Mood
from kefu.understanding.sentences import Floats

MOODS: tuple[Mood, ...] = ("negative", "neutral", "positive")
COLUMNS = len(MOODS) + 1
"""The moods, then sarcasm."""

_PRAISE = re.compile(
    r"真行|厉害|真棒|真好|佩服|真牛|牛啊|优秀|完美|真快|好快|真是快|高效|贴心|专业|负责|周到|点赞|满意|靠谱|服气|学到了|"
    r"感谢|谢谢|多谢|太好了|great|amazing|awesome|brilliant|fantastic|wonderful|impressive|well done|good job|thank|love|nice work|bravo"
)
_PROBLEM = re.compile(
    r"还没|没发货|不发货|没人|不回|不理|没收到|没到|不动|破|坏|碎|错|漏|丢|裂|打不开|用不了|不能用|退不了|不给|推脱|敷衍|"
    r"still|never|broken|wrong|missing|nobody|no reply|ignored|late|cracked|lost|waiting"
)
_LONG = re.compile(
    r"[一二两三四五六七八九十半几\d]+(?:多)?(?:天|个?星期|周|个?礼拜|个?月|个?小时|年)(?:了|都|还|才|过去|没|,|$)|\d+ (?:days|weeks|months|hours)|a (?:week|month)|forever"
)
_ANGER = re.compile(
    r"垃圾|骗|恶心|气死|无语|差劲|离谱|过分|坑人|坑爹|受够|失望|糟糕|太差|差评|妈的|他妈|卧槽|滚|有病|脑子|投诉|举报|曝光|什么态度|什么玩意|"
    r"搞什么|受不了|忍|烦死|耍我|欺负|不要脸|缺德|太慢|worst|terrible|awful|scam|ridiculous|disgust|angry|furious|unacceptable|useless|pathetic|rubbish|joke|fed up"
)
_IRONY = re.compile(
    r"呵呵|可真|真行|真会|还真是|不愧|真有你|真有本事|了不起|真是谢谢|谢谢你们|太感谢|佩服|服了|厉害了|长见识|开眼|果然|就这|恭喜|"
    r"👏|🙃|😊|👍|wow|oh great|just great|lovely|congrat|well done|bravo|thanks for nothing|how nice"
)
_AGAIN = re.compile(r"第[二三四五六七八九十\d]+[次回遍]|[几多\d三四五]次了?|反复|天天|每次|又[是要没不被给来]|again|(?:second|third|fourth|\d(?:rd|th)) time|every time")
_ONES = tuple(
    re.compile(pattern) for pattern in (r"[!?]{2,}", r"!", r"\?", r"哈哈|嘻嘻|😄|😁|🌹|❤|:\)")
)
_SINGLES = (_PRAISE, _PROBLEM, _LONG, _ANGER, _IRONY, _AGAIN, *_ONES)
CUES = len(_SINGLES) + 5


def cues(text: str) -> list[float]:
    """(CUES,) zeros and ones about a folded text."""
    single = [1.0 if pattern.search(text) else 0.0 for pattern in _SINGLES]
    praise, problem, long, anger, irony, again = single[:6]
    trouble = max(problem, long, again)
    return [
        *single,
        praise * trouble,
        irony * trouble,
        praise * (1.0 - max(trouble, anger)),
        long * problem,
        again * problem,
    ]


class MoodReader:
    """Makes an Emotion of scores. `weights` is (CUES, COLUMNS), added to the sentence model's mood columns."""

    def __init__(self, weights: Floats, sarcasm: float) -> None:
        self._weights = weights
        self._sarcasm = sarcasm

    def read(self, text: str, logits: Floats) -> Emotion:
        """The mood of a folded text; `logits` is (COLUMNS,)."""
        scores = logits + np.asarray(cues(text), np.float32) @ self._weights
        chances = _softmax(scores[:-1].tolist())
        ironic = 1.0 / (1.0 + float(np.exp(-scores[-1])))
        if ironic >= self._sarcasm:
            return Emotion("negative", round(max(ironic, chances[0]), 3), sarcasm=True)
        best = max(range(len(MOODS)), key=chances.__getitem__)
        return Emotion(MOODS[best], round(chances[best], 3))


def _softmax(scores: Sequence[float]) -> list[float]:
    top = max(scores)
    powers = [float(np.exp(score - top)) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
