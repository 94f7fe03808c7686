"""Phrasebooks: `(我|俺|)想(退|退掉){product}` stands for every sentence that can be read off it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_GROUP = re.compile(r"\(([^()]*\|[^()]*)\)")
_SLOT = re.compile(r"\{([a-z_]+)\}")
_MARK = re.compile(r"\]\(([a-z_]+)\)")
_OPEN, _CLOSE = "\x02", "\x03"
"""Stand for the brackets of a mark, "[昨天](date)", which are no group."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sentences of one intent: `parts` are said one after the other, each in one of its wordings."""

    intent: str
    parts: tuple[tuple[str, ...], ...]

    @property
    def slots(self) -> frozenset[str]:
        """The slots it needs values for."""
        return frozenset(
            slot for part in self.parts for words in part for slot in _SLOT.findall(words)
        )

    @property
    def latin(self) -> bool:
        """Whether it is written in Latin letters."""
        return all(words.isascii() for part in self.parts for words in part)

    def sample(self, values: Mapping[str, Sequence[str]], rng: random.Random) -> str:
        """One sentence, marked as an example would be; `values` holds the values of each slot."""
        said = "".join(rng.choice(part) for part in self.parts)
        return _SLOT.sub(lambda match: f"[{rng.choice(values[match[1]])}]({match[1]})", said)


def parse(written: str, intent: str) -> Pattern:
    """Read a pattern. Raises ValueError for a group that is nested or not closed.

    >>> parse("(我|)要退{product}", "return_apply").parts
    (('我', ''), ('要退{product}',))
    """
    shielded = _MARK.sub(rf"]{_OPEN}\1{_CLOSE}", written)
    parts: list[tuple[str, ...]] = []
    end = 0
    for match in _GROUP.finditer(shielded):
        parts.append(_plain(shielded[end : match.start()]))
        parts.append(tuple(_shown(words) for words in match[1].split("|")))
        end = match.end()
    parts.append(_plain(shielded[end:]))
    return Pattern(intent, tuple(part for part in parts if part != ("",)))


def _plain(text: str) -> tuple[str]:
    if any(sign in _SLOT.sub("", text) for sign in "(){}|"):
        raise ValueError(f"a group that is nested, not closed or without |, near {_shown(text)!r}")
    return (_shown(text),)


def _shown(text: str) -> str:
    return text.replace(_OPEN, "(").replace(_CLOSE, ")")
