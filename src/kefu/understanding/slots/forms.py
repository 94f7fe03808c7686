"""The last step of a value: what a shop calls the same thing, what a check calls valid, what it sells.

A value that none of them knows stays as its kind has made it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kefu.errors import PackError
from kefu.messages import Slot
from kefu.pack.reading import read_yaml
from kefu.understanding.slots.catalogue import Catalogue, Choices
from kefu.understanding.slots.checks import CHECKS
from kefu.understanding.slots.shelf import Shelf, read_shelf
from kefu.understanding.slots.specs import SlotSpec, specs
from kefu.understanding.text import fold

SLOTS_FILE = "slots.yaml"
_NUMBER = re.compile(r"[\d.]+")


class Forms:
    """Normal forms by slot. `shelves` are the tables that the specs name, by the names they use for them."""

    def __init__(
        self, described: Sequence[SlotSpec] = (), shelves: Mapping[str, Shelf] | None = None
    ) -> None:
        tables = shelves or {}
        self._same = {spec.name: _others(spec) for spec in described if spec.same}
        self._checks = {spec.name: CHECKS[spec.check] for spec in described if spec.check}
        self._goods = {
            spec.name: Catalogue(tables[spec.catalogue].values())
            for spec in described
            if spec.catalogue
        }
        self._choices = {
            spec.name: _Assorted(tables[spec.choices]) for spec in described if spec.choices
        }

    @classmethod
    def beside(cls, model_dir: Path) -> Forms:
        """The forms of the pack that a model folder lies in; none where it lies alone."""
        pack = model_dir.parent
        return cls.of(pack) if (pack / SLOTS_FILE).is_file() else cls()

    @classmethod
    def of(cls, pack: Path) -> Forms:
        """The forms that a pack's slots.yaml describes.

        Raises PackError naming the file and line where a table or one of its columns is missing.
        """
        file = pack / SLOTS_FILE
        content = read_yaml(file, SLOTS_FILE) or {}
        described: Mapping[str, Any] = content.get("slots") or {}
        found = specs(described, ())
        by = next((spec.catalogue for spec in found if spec.catalogue), "")
        shelves: dict[str, Shelf] = {}
        for spec in found:
            for reference in filter(None, (spec.catalogue, spec.choices)):
                try:
                    shelves[reference] = read_shelf(pack, reference, by)
                except PackError as exc:
                    raise PackError(f"{SLOTS_FILE}:{_line(file, reference)}: {exc}") from exc
        return cls(found, shelves)

    def settle(self, slots: Sequence[Slot], known: Mapping[str, str]) -> tuple[Slot, ...]:
        """The slots with their normal forms; `known` are the values the conversation holds already."""
        named = [self._named(slot) for slot in slots]
        if not self._choices:
            return tuple(named)
        return tuple(self._chosen(slot, named, known) for slot in named)

    def _named(self, slot: Slot) -> Slot:
        if "<" in slot.raw:
            return slot
        same = self._same.get(slot.name, {}).get(_plain(slot.value))
        check, goods = self._checks.get(slot.name), self._goods.get(slot.name)
        value = same or (check and check(slot.value)) or (goods and goods.match(slot.value))
        return replace(slot, value=value) if value else slot

    def _chosen(self, slot: Slot, slots: Sequence[Slot], known: Mapping[str, str]) -> Slot:
        choices = self._choices.get(slot.name)
        if choices is None:
            return slot
        value = choices.match(slot.value, self._meant(slot, slots, known))
        return replace(slot, value=value) if value else slot

    def _meant(self, slot: Slot, slots: Sequence[Slot], known: Mapping[str, str]) -> str | None:
        """The goods that a colour or size is about: named before it, else after it, else earlier."""
        goods = [one for one in slots if one.name in self._goods]
        before = [one for one in goods if one.start <= slot.start]
        if goods:
            return (before or goods[:1])[-1].value
        return self.about(known)

    def about(self, known: Mapping[str, str]) -> str | None:
        """The goods that the conversation is about so far: what a colour or size may hang on."""
        return next((known[name] for name in self._goods if name in known), None)


class _Assorted:
    """Choices, of one kind of goods where it is known and has such a thing, else of all.

    A bare number says nothing without the goods: 12 is no dozen of milk.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._of = {key: Choices(values) for key, values in shelf.rows.items()}
        self._all = Choices(shelf.values())

    def match(self, said: str, of: str | None) -> str | None:
        own = self._of.get(of or "")
        found = own.match(said) if own else None
        if found is None and not _NUMBER.fullmatch(said):
            found = self._all.match(said)
        return found


def _others(spec: SlotSpec) -> dict[str, str]:
    return {_plain(other): own for own, others in spec.same.items() for other in (own, *others)}


def _plain(text: str) -> str:
    return fold(text).replace(" ", "")


def _line(file: Path, reference: str) -> int:
    lines = file.read_text("utf-8").splitlines()
    return next((at for at, line in enumerate(lines, start=1) if reference in line), 1)
