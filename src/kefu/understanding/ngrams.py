"""Features of a clause: character n-grams with boundary marks, pairs with a gap, and Latin words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from kefu.understanding.text import is_latin

LONGEST = 3
_BEGIN, _END, _GAP, _WORD = "\ue000", "\ue001", "\ue002", "\ue003"
_RUNS = ("\ue010", "\ue011", "\ue011", "\ue012", "\ue013")
_CODE = "\ue014"
_NUMBERS = re.compile(r"[a-z]{0,4}-?\d[\d-]*")
_WORDS = re.compile(r"[a-z']+")


def _number(match: re.Match[str]) -> str:
    """A run of digits as its length class: which number it is does not tell what is wanted."""
    run = match.group()
    if len(run) >= 6:
        return _CODE
    if run.isdigit():
        return _RUNS[min(len(run), len(_RUNS)) - 1]
    return run.rstrip("0123456789-") + _RUNS[0]


def shape(clause: str) -> str:
    """The clause with its numbers made alike, between boundary marks."""
    return f"{_BEGIN}{_NUMBERS.sub(_number, clause)}{_END}"


def features(clause: str) -> Iterator[str]:
    """All features of one folded clause, with repetitions."""
    text = shape(clause)
    size = len(text)
    yield from text[1:-1]
    for width in range(2, LONGEST + 1):
        for start in range(size - width + 1):
            yield text[start : start + width]
    for start in range(1, size - 3):
        yield text[start] + _GAP + text[start + 2]
    if is_latin(text):
        yield from _words(text)


def _words(text: str) -> Iterator[str]:
    words = [_WORD + word for word in _WORDS.findall(text)]
    yield from words
    for first, second in pairwise(words):
        yield first + second
