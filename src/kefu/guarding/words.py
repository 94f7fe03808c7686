"""All listed words as one automaton: what is in a text, and what its end may still become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import add

from ahocorasick_rs import AhoCorasick

from kefu.guarding.folded import BREAK, Folded, compress, fold
from kefu.guarding.wordlist import WordList
from kefu.messages import Action

_SEVERITY: dict[Action, int] = {"mask": 1, "block": 2, "handover": 3, "allow": 4}
"""Which list keeps a word that is in several. A person in need comes before a refusal; innocence before all."""


@dataclass(frozen=True, slots=True)
class Word:
    """A listed word, folded. `breaks` are the places of `text` where the list has a space before."""

    text: str
    category: str
    action: Action
    breaks: frozenset[int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed word at [start, end) of the text, or at [low, high) of its folded form."""

    word: Word
    start: int
    end: int
    low: int
    high: int


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _entries(lists: Iterable[WordList]) -> Iterator[Word]:
    for words in lists:
        for written in words.words:
            parts = [compress(part) for part in written.split()]
            text = "".join(parts)
            if text:
                breaks = (len("".join(parts[:i])) for i in range(1, len(parts)))
                yield Word(text, words.category, words.action, frozenset(breaks))


class Words:
    """Finds listed words, the leftmost first and of those the longest; they do not overlap."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        chosen: dict[str, Word] = {}
        for word in _entries(lists):
            other = chosen.get(word.text)
            if other is None or _SEVERITY[word.action] > _SEVERITY[other.action]:
                chosen[word.text] = word
        self._words = tuple(chosen.values())
        self._automaton = AhoCorasick([word.text for word in self._words])
        self._starts = {text[:n] for text in chosen for n in range(1, len(text))}
        self._starts.update(text for text in chosen if _latin(text[-1]))
        self._pairs = frozenset(text[:2] for text in chosen if len(text) > 1)
        self._singles = frozenset(text for text in chosen if len(text) == 1)
        self._longest = max(map(len, chosen), default=0)

    def __len__(self) -> int:
        return len(self._words)

    def find(self, text: str) -> list[Hit]:
        """Every listed word in the text, in order; innocent words are left out."""
        if not self._any(compress(text)):
            return []
        hits, _ = self.settle(text, "", final=True)
        return hits

    def quiet(self, text: str) -> bool:
        """Whether no listed word is in the text, nor could begin at its end. Cheap, and true of most texts."""
        plain = compress(text)
        return not self._any(plain) and not self._may_begin(plain)

    def _any(self, plain: str) -> bool:
        """Whether a listed word is in a folded text."""
        return self._likely(plain) and bool(self._automaton.find_matches_as_indexes(plain))

    def _likely(self, plain: str) -> bool:
        """False for most texts, which hold not even the first two characters of a listed word.

        A set tells that sooner than the automaton, which lets go of the interpreter lock: in a busy process
        it is long until it has it back.
        """
        pairs = map(add, plain, plain[1:])
        return not (self._pairs.isdisjoint(pairs) and self._singles.isdisjoint(plain))

    def settle(self, text: str, before: str, *, final: bool) -> tuple[list[Hit], int]:
        """The hits that no further text can change, and up to where the text is settled.

        `before` is the folded character that came just before the text, "" for none.
        With `final` all is settled.
        """
        folded = fold(text)
        hits = self._hits(folded, before)
        settled: list[Hit] = []
        done = 0
        live = self._live(folded, done, final)
        for hit in hits:
            if hit.low < done:
                continue
            if hit.low >= live:
                break
            settled.append(hit)
            done = hit.high
            live = self._live(folded, done, final)
        upto = folded.places[live] if live < len(folded.text) else len(text)
        return [hit for hit in settled if hit.word.action != "allow"], upto

    def _hits(self, folded: Folded, before: str) -> list[Hit]:
        if not self._likely(folded.text):
            return []
        found = self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
        hits = [
            Hit(self._words[i], folded.places[low], folded.places[high - 1] + 1, low, high)
            for i, low, high in found
            if not _inside(folded, low) and _whole(self._words[i], folded, low, high, before)
        ]
        hits.sort(key=lambda hit: (hit.low, -hit.high))
        return hits

    def _live(self, folded: Folded, done: int, final: bool) -> int:
        """Where the earliest word begins that more text could complete; the length where there is none."""
        size = len(folded.text)
        if final:
            return size
        for low in range(max(done, size - self._longest), size):
            if folded.text[low:] in self._starts and not _inside(folded, low):
                return low
        return size

    def _may_begin(self, text: str) -> bool:
        size = len(text)
        return any(text[low:] in self._starts for low in range(max(0, size - self._longest), size))


def _inside(folded: Folded, low: int) -> bool:
    """Whether this is the second half of one character, such as the 0 of ⑩: no word begins there."""
    return (
        low > 0 and folded.places[low - 1] == folded.places[low] and folded.text[low - 1] != BREAK
    )


def _whole(word: Word, folded: Folded, low: int, high: int, before: str) -> bool:
    """Whether a Latin word stands on its own, and is not the end of one word and the start of the next."""
    text, gaps = folded.text, folded.gaps
    if _latin(text[low]) and not gaps[low] and _latin(text[low - 1] if low else before or " "):
        return False
    if _latin(text[high - 1]):
        after = gaps[high] if high < len(text) else folded.tail
        if not after and high < len(text) and _latin(text[high]):
            return False
    inner = [
        gaps[i]
        for i in range(low + 1, high)
        if i - low not in word.breaks and _latin(text[i]) and _latin(text[i - 1])
    ]
    return all(inner) or not any(" " in gap or "\n" in gap for gap in inner)
