"""What makes two short texts alike, and what makes alike texts mean different things."""

from __future__ import annotations

import re
from itertools import pairwise

_NOISE = re.compile(
    r"<[A-Z_]+_\d+>|\d{6,}|请问一下|请问|你好|您好|麻烦(?:问|你|您)?一?下?|我?想(?:问|知道|了解)一?下?"
)
_RUN = re.compile(r"[a-z][a-z']*|\d+(?:\.\d+)?|[\u3400-\u9fff]+")
_LONGEST = 300
"""Characters of a message that count; a longer one is no question of the FAQ's kind."""

_YES_OR_NO = re.compile(r"(.)(?:不|没)\1|有没有|是否|能否|可否|要不然|要不")
_NO_NEGATION = re.compile(
    r"不(?:同|错|过|仅|但|好意思|管|论|知道|懂|清楚|明白|晓得)|没(?:关系|问题|事)"
    r"|怎么还[不没]|不是.{0,12}吗|not only"
)
_NEGATION = re.compile(r"[不没无未别]|非(?!常)|\b(?:not?|never|without|cannot)\b|n't\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_COMMON = frozenset(
    ("怎么", "什么", "可以", "一下", "这个", "那个", "如何", "现在", "我的", "你们", "我们")
)
COMMON = 0.3
"""Weight of a pair that any question may have, however rare it is in a small FAQ."""
UNIGRAM = 0.5
"""Weight of a single Chinese character beside a pair: it says less."""


def normal(text: str) -> str:
    """The text without what every question may have: placeholders, long numbers, courtesies."""
    return _NOISE.sub(" ", text[:_LONGEST].lower())


def features(text: str) -> dict[str, float]:
    """Features of a normalised text with their weights: characters and pairs, words and their stems."""
    found: dict[str, float] = {}
    for run in _RUN.findall(text):
        if run[0] >= "\u3400":
            for char in run:
                found[char] = UNIGRAM
            for left, right in pairwise(run):
                pair = left + right
                found[pair] = COMMON if pair in _COMMON else 1.0
        else:
            found[run] = 1.0
            if len(run) > 4:
                found[run[:4] + "~"] = 0.7
    return found


def negative(text: str) -> bool:
    """Whether a normalised text says no somewhere; "能不能" and "不好意思" do not.

    >>> negative("不能退吗"), negative("能不能退")
    (True, False)
    """
    rest = _NO_NEGATION.sub(" ", _YES_OR_NO.sub(" ", text))
    return _NEGATION.search(rest) is not None


def numbers(text: str) -> frozenset[str]:
    """The numbers of a normalised text."""
    return frozenset(_NUMBER.findall(text))
