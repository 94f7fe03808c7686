"""pack.yaml: what a pack is called and which languages it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kefu.messages import Locale
from kefu.pack.places import Place
from kefu.pack.replies import LOCALES, Wording, read_wording

_KEYS = ("name", "title", "persona", "languages", "model", "settings")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The head of a pack. `model` is a folder inside it; `settings` go to whoever knows them."""

    name: str
    title: Wording
    persona: Wording
    languages: tuple[Locale, ...]
    model: str
    settings: Mapping[str, Any]


def read_manifest(value: object, place: Place) -> Manifest:
    """The content of pack.yaml. Raises PackError."""
    head = place.mapping(value, _KEYS, ("name",))
    name = place.key("name").text(head["name"])
    title = read_wording(head.get("title", name), place.key("title"))
    return Manifest(
        name=name,
        title=title,
        persona=read_wording(head["persona"], place.key("persona")) if "persona" in head else title,
        languages=_languages(head.get("languages", ["zh"]), place.key("languages")),
        model=place.key("model").text(head.get("model", "model")),
        settings=place.key("settings").mapping(head.get("settings") or {}),
    )


def _languages(value: object, place: Place) -> tuple[Locale, ...]:
    named = place.texts(value)
    for name in named:
        if name not in LOCALES:
            raise place.wrong(f"unknown language {name!r}; known are {', '.join(LOCALES)}")
    if not named:
        raise place.wrong("there is no language")
    return tuple(locale for name in named for locale in LOCALES if locale == name)
