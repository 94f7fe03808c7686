"""Texts of a pack: variants per language, with `{dotted.path}` placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from kefu.errors import PackError
from kefu.messages import Locale
from kefu.pack.places import Place
from kefu.pack.references import Path, look_up

LOCALES: tuple[Locale, ...] = ("zh", "en")
_HOLE = re.compile(r"\{([A-Za-z_]\w*(?:\.\w+)*)\}")
_COMMA = {"zh": "、", "en": ", "}

Variant = tuple[str | Path, ...]
"""Literal text and paths in turn."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in its languages and variants. `name` is for errors."""

    name: str
    variants: Mapping[Locale, tuple[Variant, ...]]

    def say(self, locale: Locale, scope: Mapping[str, Any], key: str = "") -> str:
        """The text with its placeholders filled; an unknown one is empty.

        `key` picks the variant: the same key always gets the same one, so an answer can be repeated.
        """
        variants = self.variants.get(locale) or next(iter(self.variants.values()))
        variant = (
            variants[crc32(key.encode()) % len(variants)] if len(variants) > 1 else variants[0]
        )
        if len(variant) == 1 and isinstance(variant[0], str):
            return variant[0]
        return "".join(
            part if isinstance(part, str) else shown(look_up(scope, part), locale)
            for part in variant
        )

    def items(self) -> Iterator[tuple[Locale, tuple[str, ...]]]:
        """Each language with its variants as they were written."""
        for locale, variants in self.variants.items():
            yield locale, tuple(_written(variant) for variant in variants)

    def roots(self) -> Iterator[str]:
        """The first names of all placeholders."""
        for variants in self.variants.values():
            for variant in variants:
                yield from (part[0] for part in variant if not isinstance(part, str))


class Replies:
    """All named texts of a pack; names are unique over its files."""

    def __init__(self, wordings: Mapping[str, Wording]) -> None:
        self._wordings = dict(wordings)

    def __contains__(self, name: str) -> bool:
        return name in self._wordings

    def __iter__(self) -> Iterator[str]:
        return iter(self._wordings)

    def __getitem__(self, name: str) -> Wording:
        """The text of that name; raises PackError."""
        try:
            return self._wordings[name]
        except KeyError:
            raise PackError(f"replies/: there is no reply {name!r}") from None

    def say(
        self, name: str, locale: Locale, scope: Mapping[str, Any] | None = None, key: str = ""
    ) -> str:
        """The text of that name, filled; raises PackError where there is none."""
        return self[name].say(locale, scope or {}, key)


def read_wording(value: object, place: Place, name: str = "") -> Wording:
    """`{zh: text or [variants], en: ...}`, or a bare text for every language. Raises PackError."""
    if isinstance(value, str | list):
        return Wording(name or str(place), {"zh": _variants(value, place)})
    languages = place.mapping(value, LOCALES)
    if not languages:
        raise place.wrong("there is no text")
    found = {
        locale: _variants(languages[locale], place.key(locale))
        for locale in LOCALES
        if locale in languages
    }
    return Wording(name or str(place), found)


def read_replies(value: object, place: Place) -> dict[str, Wording]:
    """The texts of one file."""
    return {
        name: read_wording(one, place.key(name), name) for name, one in place.mapping(value).items()
    }


def shown(value: Any, locale: Locale) -> str:
    """A value as customers read it: lists joined, whole floats without their zero, nothing as nothing."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return {"zh": "是" if value else "否", "en": "yes" if value else "no"}[locale]
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return _COMMA[locale].join(shown(one, locale) for one in value)
    return str(value)


def _variants(value: object, place: Place) -> tuple[Variant, ...]:
    texts = place.texts(value)
    if not texts:
        raise place.wrong("there is no text")
    return tuple(_cut(text) for text in texts)


def _written(variant: Variant) -> str:
    return "".join(p if isinstance(p, str) else "{" + ".".join(p) + "}" for p in variant)


def _cut(text: str) -> Variant:
    parts: list[str | Path] = []
    for index, part in enumerate(_HOLE.split(text)):
        if index % 2:
            parts.append(tuple(part.split(".")))
        elif part:
            parts.append(part)
    return tuple(parts)
