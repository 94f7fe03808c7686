"""What a pack says of its slots: the kind of value, known words, patterns, and with which intents it counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kefu.errors import PackError
from kefu.understanding.slots import addresses, codes, counts, dates, money, phones, times
from kefu.understanding.slots.checks import CHECKS, email
from kefu.understanding.text import fold, half_width

Find = Callable[[str], list[tuple[int, int]]]
Value = Callable[[str, datetime], "str | None"]

_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z.]{2,}", re.ASCII)


def _nothing(text: str) -> list[tuple[int, int]]:
    return []


def _spans(pattern: re.Pattern[str]) -> Find:
    return lambda text: [match.span() for match in pattern.finditer(text)]


def _as_written(raw: str, now: datetime) -> str | None:
    return half_width(raw).strip() or None


def _phone(raw: str, now: datetime) -> str | None:
    return phones.value(half_width(raw))


def _email(raw: str, now: datetime) -> str | None:
    return raw if "<" in raw else email(half_width(raw))


def _address(raw: str, now: datetime) -> str | None:
    return raw if "<" in raw else addresses.normal(raw) or None


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of values: where they surely are, their normal form, and the placeholder that hides them."""

    find: Find = _nothing
    value: Value = _as_written
    placeholder: str | None = None


KINDS: Mapping[str, Kind] = {
    "words": Kind(),
    "code": Kind(codes.find, lambda raw, now: codes.value(half_width(raw))),
    "money": Kind(money.find, lambda raw, now: money.value(fold(raw))),
    "count": Kind(counts.find, lambda raw, now: counts.value(fold(raw))),
    "date": Kind(dates.find, lambda raw, now: dates.value(fold(raw), now.date())),
    "time": Kind(times.find, lambda raw, now: times.value(fold(raw), now.date())),
    "phone": Kind(phones.find, _phone, "PHONE"),
    "email": Kind(_spans(_MAIL), _email, "EMAIL"),
    "name": Kind(placeholder="NAME"),
    "address": Kind(value=_address, placeholder="ADDRESS"),
}


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """One slot. `words` are names it is known by; `closed` means that such a word is always this slot.

    `patterns` are regular expressions over the folded text that always are this slot; `only_with` names the
    intents beside which it counts (empty: all); `asked` are words by which the bot asks for it.
    `same` maps a name to others for the same thing; `check` is the rule of checks.py that valid values keep.
    `catalogue` is a CSV file of the pack and the column with the names of goods: shop/goods.csv#name; `choices`
    likewise, with columns of values apart by blanks: shop/goods.csv#colours,sizes.
    """

    name: str
    kind: str = "words"
    words: tuple[str, ...] = ()
    closed: bool = False
    patterns: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    same: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    check: str = ""
    catalogue: str = ""
    choices: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            known = ", ".join(KINDS)
            raise PackError(f"slot {self.name}: unknown kind {self.kind!r}; one of {known}")
        if self.check and self.check not in CHECKS:
            known = ", ".join(CHECKS)
            raise PackError(f"slot {self.name}: unknown check {self.check!r}; one of {known}")
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
    lists: dict[str, Any] = {
        key: tuple(str(item) for item in fields[key])
        for key in ("words", "patterns", "only_with", "asked")
        if key in fields
    }
    kind = str(fields.get("kind", name if name in KINDS else "words"))
    same = _same(name, fields.get("same") or {})
    texts: dict[str, Any] = {
        key: str(fields[key]) for key in ("check", "catalogue", "choices") if key in fields
    }
    return SlotSpec(
        name=name,
        kind=kind,
        closed=bool(fields.get("closed", False)),
        same=same,
        **lists,
        **texts,
    )


def _same(name: str, described: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(described, Mapping) or not all(
        isinstance(others, list) for others in described.values()
    ):
        raise PackError(f"slot {name}: 'same' maps a name to a list of others: {{顺丰: [SF]}}")
    return {str(own): tuple(str(one) for one in others) for own, others in described.items()}
