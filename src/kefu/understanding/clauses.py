"""Cut an utterance into clauses: at punctuation, at connectives, at gaps of voice input.

A cut too many does no harm: wishes.py joins what belongs together. Connectives are words of the language, so
they live here and not in a pack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_STOPS = r"[,.!?;:~\n\r\t]+|(?<=[^\x00-\x7f]) +(?=\S)|(?<=\S) +(?=[^\x00-\x7f])"
_CONNECTIVES = (
    "顺便|顺带|顺道|另外|还有就是|还有|然后|接着|以及|同时|再就是|再有|再帮|再给|再查|再问|并且|而且|"
    "对了|其次|最后再|完了再|之后再|外加|且帮|也帮|也给我|也想|也要|还想|还要问|还得|还请|就是还|"
    r"\b(?:and then|and also|and|also|then|besides|additionally|plus|by the way|btw)\b"
)
_CUT = re.compile(f"(?P<stop>{_STOPS})|(?P<word>{_CONNECTIVES})")
_NUMBERING = re.compile(r"\bno\. ?[\d\ue102]")
"""No. 5 Nanjing Road: a point, and before a placeholder a blank, that part nothing."""
_BLANK = " \t\r\n"

Span = tuple[int, int]


def split(text: str, extra: Iterable[int] = ()) -> list[Span]:
    """Spans of the clauses of a folded text, in order, without the punctuation between them.

    `extra` are further places to cut, in rising order (boundaries that a model found).
    """
    cuts: list[Span] = []
    for match in _CUT.finditer(text):
        if match.lastgroup == "stop" and not (_inside_number(text, match) or _numbers(text, match)):
            cuts.append(match.span())
        elif match.lastgroup == "word" and match.start():
            cuts.append((match.start(), match.start()))
    cuts += ((at, at) for at in extra)
    cuts.sort()
    return list(_between(text, cuts))


def _inside_number(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    return (
        end - start == 1
        and text[start] in ",.:"
        and start > 0
        and end < len(text)
        and text[start - 1].isascii()
        and text[start - 1].isalnum()
        and text[end].isascii()
        and text[end].isalnum()
    )


def _numbers(text: str, match: re.Match[str]) -> bool:
    at = match.start()
    return any(_NUMBERING.match(text, at - back) for back in (2, 3) if at >= back)


def _between(text: str, cuts: list[Span]) -> Iterable[Span]:
    start = 0
    for cut, resume in (*cuts, (len(text), len(text))):
        left, right = start, cut
        while left < right and text[left] in _BLANK:
            left += 1
        while right > left and text[right - 1] in _BLANK:
            right -= 1
        if left < right:
            yield left, right
        start = max(start, resume)
