"""The page's own words in both languages; the page can change between them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

import msgspec

from kefu.messages import Locale

LOCALES: tuple[Locale, Locale] = ("zh", "en")


@cache
def words() -> Mapping[str, tuple[str, str]]:
    """By key: 简体中文, English."""
    content = Path(__file__).with_name("words.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, tuple[str, str]])


class Words:
    """Labels in the language that the page opens in."""

    def __init__(self, locale: Locale) -> None:
        self._at = LOCALES.index(locale)

    def plain(self, key: str) -> str:
        """The word, for attributes; escaped."""
        return escape(words()[key][self._at])

    def __call__(self, key: str) -> str:
        """The word as an element that changes with the language; a name without a word stays as it is."""
        if key not in words():
            return escape(key)
        return f'<span data-word="{key}">{self.plain(key)}</span>'
