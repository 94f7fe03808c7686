"""The customer's state of mind: the sentence model's mood columns, and cues that hold in any trade.

Praise beside trouble is the mark of sarcasm, so the cues are kinds of words and which kinds meet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind

from kefu.messages import Emotion, Mood
from kefu.understanding.sentences import Floats

MOODS: tuple[Mood, ...] = ("negative", "neutral", "positive")
COLUMNS = len(MOODS) + 1
"""The moods, then sarcasm."""


def read_words() -> dict[str, list[str]]:
    """The words of mood_words.txt by kind, in the file's order."""
    kinds: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("mood_words.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kinds[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            kinds[list(kinds)[-1]] += (word.replace("_", " ") for word in line.split())
    return kinds


_WORDS = read_words()
_KINDS = tuple(_WORDS)
_LONG = re.compile(
    r"(?<![一二两三四五六七八九十半几\d])[一二两三四五六七八九十半几\d]+多?"
    r"(?:天|个?星期|周|个?礼拜|个?月|个?钟头|个?小时|年|次|回|遍)|从.到|"
    r"(?<!\d)\d+ (?:days|weeks|months|hours)|an? (?:week|month|hour)|forever"
)
"""Numbers are looked at from their first digit alone, or 2,000 digits would take a quarter of a second."""
_MARKS = tuple(re.compile(mark) for mark in (r"[!?]{2,}", r"!", r"\?", r"哈哈|嘻嘻|😄|😁|🌹|❤|:\)"))
_BASE = len(_KINDS) + 1
_PAIRS = tuple(combinations(range(_BASE), 2))
CUES = _BASE + len(_MARKS) + len(_PAIRS) + 1
_PRAISE, _TROUBLE, _ANGER = (_KINDS.index(kind) for kind in ("praise", "trouble", "anger"))


class _Lexicon:
    """Kinds of words by one pass over the text."""

    def __init__(self) -> None:
        owner: dict[str, int] = {}
        for number, words in enumerate(_WORDS.values()):
            for word in words:
                owner.setdefault(word, number)
        self._kinds = list(owner.values())
        self._finder = AhoCorasick(list(owner), matchkind=MatchKind.LeftmostLongest)

    def kinds(self, text: str) -> list[float]:
        """(kinds,) zeros and ones: which kinds of words occur."""
        seen = [0.0] * len(_KINDS)
        for word, start, end in self._finder.find_matches_as_indexes(text):
            if not (text[start].isascii() and _inside_word(text, start, end)):
                seen[self._kinds[word]] = 1.0
        return seen


def _inside_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())


_LEXICON = _Lexicon()


def cues(text: str) -> list[float]:
    """(CUES,) zeros and ones about a folded text: kinds of words, marks, kinds that meet, and praise alone."""
    seen = _LEXICON.kinds(text)
    seen.append(1.0 if _LONG.search(text) else 0.0)
    marks = [1.0 if mark.search(text) else 0.0 for mark in _MARKS]
    pairs = [seen[one] * seen[other] for one, other in _PAIRS]
    alone = seen[_PRAISE] * (1.0 - max(seen[_TROUBLE], seen[_ANGER], seen[-1]))
    return [*seen, *marks, *pairs, alone]


def kinds(text: str) -> frozenset[str]:
    """Which kinds of words of mood_words.txt occur in a folded text."""
    return frozenset(kind for kind, seen in zip(_KINDS, _LEXICON.kinds(text), strict=True) if seen)


def waits(text: str) -> bool:
    """Whether a folded text counts days, times or hours."""
    return _LONG.search(text) is not None


def is_plain(text: str) -> bool:
    """Whether a folded text has no word that speaks of a mood or of trouble."""
    return not any(_LEXICON.kinds(text)[: _KINDS.index("calm")])


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
