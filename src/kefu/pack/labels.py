"""What a pack teaches to label: its intents with titles and examples, and its slots as described.

Slot values are marked in place, `取消[两件](quantity)`; in an example with several wishes a `|` stands where
the next one begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu.messages import Locale
from kefu.pack.pack import Pack
from kefu.pack.places import Place
from kefu.pack.reading import read_yaml
from kefu.pack.replies import Wording, read_wording

_MARKED = re.compile(r"\[([^\[\]]+)\]\(([a-z_][a-z0-9_]*)\)")
_BEGINS = "|"
_SEVERAL = "_several"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, its intents in the order said, and (slot, value as written) pairs.

    `parts` are the words of each intent, in the same order; empty where nobody marked them.
    """

    text: str
    intents: tuple[str, ...]
    slots: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntentPage:
    """One intent as its file describes it; `examples` in the file's order, the typical ones first."""

    name: str
    title: Wording | None
    description: Wording | None
    examples: tuple[Labelled, ...]

    def called(self, locale: Locale) -> str:
        """The title, "" where there is none."""
        return self.title.say(locale, {}) if self.title else ""

    def explained(self, locale: Locale) -> str:
        """The description, "" where there is none."""
        return self.description.say(locale, {}) if self.description else ""


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels of a pack. `slots` has the fields of slots.yaml by name; examples may mark further ones."""

    intents: tuple[IntentPage, ...]
    several: tuple[Labelled, ...]
    slots: Mapping[str, Mapping[str, Any]]

    def examples(self) -> Iterator[Labelled]:
        """Every example there is."""
        for page in self.intents:
            yield from page.examples
        yield from self.several


def read_labels(pack: Pack) -> Labels:
    """The labels of a pack, read from its files. Raises PackError naming file and place."""
    titles = pack.settings.get("intents", {})
    folder = pack.path / "intents"
    return Labels(
        intents=tuple(_page(folder, name, titles) for name in pack.intents),
        several=tuple(_several(folder)),
        slots=_slots(pack.path / "slots.yaml"),
    )


def _page(folder: Path, name: str, titles: Mapping[str, Any]) -> IntentPage:
    place = Place(f"intents/{name}.yaml")
    file = folder / f"{name}.yaml"
    # A pack without this file knows the intent only because a flow starts with it.
    fields = place.mapping(read_yaml(file, place.file)) if file.exists() else {}
    examples = place.key("examples")
    return IntentPage(
        name=name,
        title=_wording(fields.get("title", titles.get(name)), place.key("title")),
        description=_wording(fields.get("description"), place.key("description")),
        examples=tuple(
            _labelled(text, (name,)) for text in examples.texts(fields.get("examples", []))
        ),
    )


def _wording(value: object, place: Place) -> Wording | None:
    return None if value is None else read_wording(value, place)


def _several(folder: Path) -> Iterator[Labelled]:
    file, place = folder / f"{_SEVERAL}.yaml", Place(f"intents/{_SEVERAL}.yaml")
    if not file.exists():
        return
    written = place.mapping(read_yaml(file, place.file), required=("several",))["several"]
    for number, one in enumerate(place.key("several").items(written)):
        here = place.key("several").item(number)
        fields = here.mapping(one, required=("text", "intents"))
        intents = here.key("intents").texts(fields["intents"])
        yield _labelled(here.key("text").text(fields["text"]), intents)


def _labelled(marked: str, intents: tuple[str, ...]) -> Labelled:
    slots = tuple((match[2], match[1]) for match in _MARKED.finditer(marked))
    plain = _MARKED.sub(r"\1", marked)
    if len(intents) == 1:
        return Labelled(plain, intents, slots, (plain,))
    parts = tuple(plain.split(_BEGINS))
    return Labelled("".join(parts), intents, slots, parts if len(parts) == len(intents) else ())


def _slots(file: Path) -> Mapping[str, Mapping[str, Any]]:
    if not file.exists():
        return {}
    place = Place("slots.yaml")
    written = place.mapping(read_yaml(file, place.file), required=("slots",))["slots"]
    place = place.key("slots")
    slots = place.mapping(written)
    return {name: place.key(name).mapping(fields or {}) for name, fields in slots.items()}
