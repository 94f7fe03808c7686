"""Phrasebooks: `(我|俺|)想(退|退掉){product}` stands for every sentence that can be read off it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PART = re.compile(r"\(([^()]*\|[^()]*)\)|\{([a-z_]+)\}")
_MARKS = re.compile(r"\]\([a-z_]+\)")
_OPEN, _CLOSE = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class Slotted:
    """Any value of a slot."""

    slot: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several wordings."""

    of: tuple[str, ...]


Part = str | Choice | Slotted


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sentences of one intent. What `sample` gives is marked text, as an example would be written."""

    intent: str
    parts: tuple[Part, ...]

    @property
    def slots(self) -> frozenset[str]:
        """The slots it needs values for."""
        return frozenset(part.slot for part in self.parts if isinstance(part, Slotted))

    def sample(self, values: Mapping[str, Sequence[str]], rng: random.Random) -> str:
        """One sentence; `values` holds the values of each slot."""
        return "".join(_said(part, values, rng) for part in self.parts)


def parse(written: str, intent: str) -> Pattern:
    """Read a pattern. Raises ValueError for an unbalanced or nested group.

    >>> parse("(我|)要退{product}", "return_apply").parts
    (Choice(of=('我', '')), '要退', Slotted(slot='product'))
    """
    # The brackets of a mark, "[昨天](date)", are no group.
    shielded = _MARKS.sub(lambda m: f"]{_OPEN}{m[0][2:-1]}{_CLOSE}", written)
    parts: list[Part] = []
    end = 0
    for match in _PART.finditer(shielded):
        parts.append(_shown(shielded[end : match.start()]))
        if match[2] is not None:
            parts.append(Slotted(match[2]))
        else:
            parts.append(Choice(tuple(_shown(one) for one in match[1].split("|"))))
        end = match.end()
    parts.append(_shown(shielded[end:]))
    for part in parts:
        plain = _MARKS.sub("", part) if isinstance(part, str) else ""
        if any(sign in plain for sign in "(){}|"):
            raise ValueError(f"a group that is nested or not closed, near {plain!r}")
    return Pattern(intent, tuple(part for part in parts if part != ""))


def _shown(text: str) -> str:
    return text.replace(_OPEN, "(").replace(_CLOSE, ")")


def _said(part: Part, values: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    if isinstance(part, Slotted):
        return f"[{rng.choice(values[part.slot])}]({part.slot})"
    return rng.choice(part.of) if isinstance(part, Choice) else part
