"""What a pack says of its slots: the kind of value, known words, patterns, and with which intents it counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kefu.errors import PackError
from kefu.understanding.slots import codes, counts, dates, money, times

Find = Callable[[str], list[tuple[int, int]]]
Value = Callable[[str, datetime], "str | None"]

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z.]{2,}")


def _nothing(text: str) -> list[tuple[int, int]]:
    return []


def _spans(pattern: re.Pattern[str]) -> Find:
    return lambda text: [match.span() for match in pattern.finditer(text)]


def _as_written(raw: str, now: datetime) -> str | None:
    return raw.strip() or None


def _digits(raw: str, now: datetime) -> str | None:
    if "<" in raw:
        return raw
    return "".join(char for char in raw if char.isdigit() or char == "+") or None


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of values: where they surely are, their normal form, and the placeholder that hides them."""

    find: Find = _nothing
    value: Value = _as_written
    placeholder: str | None = None


KINDS: Mapping[str, Kind] = {
    "words": Kind(),
    "code": Kind(codes.find, lambda raw, now: codes.value(raw)),
    "money": Kind(money.find, lambda raw, now: money.value(raw)),
    "count": Kind(counts.find, lambda raw, now: counts.value(raw)),
    "date": Kind(dates.find, lambda raw, now: dates.value(raw, now.date())),
    "time": Kind(times.find, lambda raw, now: times.value(raw)),
    "phone": Kind(_spans(_MOBILE), _digits, "PHONE"),
    "email": Kind(_spans(_MAIL), placeholder="EMAIL"),
    "name": Kind(placeholder="NAME"),
    "address": Kind(placeholder="ADDRESS"),
}


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """One slot. `words` are names it is known by; `closed` means that such a word is always this slot.

    `patterns` are regular expressions over the folded text that always are this slot; `only_with` names the
    intents beside which it counts (empty: all); `asked` are words by which the bot asks for it.
    """

    name: str
    kind: str = "words"
    words: tuple[str, ...] = ()
    closed: bool = False
    patterns: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            known = ", ".join(KINDS)
            raise PackError(f"slot {self.name}: unknown kind {self.kind!r}; one of {known}")
        for pattern in self.patterns:
            try:
                re.compile(pattern)
            except re.error as exc:
                raise PackError(f"slot {self.name}: pattern {pattern!r}: {exc}") from exc


def specs(described: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> tuple[SlotSpec, ...]:
    """The slots a pack describes, then those only named; a slot named like a kind is of that kind.

    Raises PackError for an unknown kind or field, or a broken pattern.
    """
    found = [_spec(name, fields or {}) for name, fields in described.items()]
    known = {spec.name for spec in found}
    rest = sorted(set(names) - known)
    return (*found, *(SlotSpec(name, name if name in KINDS else "words") for name in rest))


def _spec(name: str, fields: Mapping[str, Any]) -> SlotSpec:
    unknown = set(fields) - set(SlotSpec.__slots__)
    if unknown:
        raise PackError(f"slot {name}: unknown field {sorted(unknown)[0]!r}")
    lists = {
        key: tuple(str(item) for item in fields[key])
        for key in ("words", "patterns", "only_with", "asked")
        if key in fields
    }
    kind = str(fields.get("kind", name if name in KINDS else "words"))
    return SlotSpec(name=name, kind=kind, closed=bool(fields.get("closed", False)), **lists)
