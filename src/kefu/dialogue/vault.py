"""The vault: personal data of one conversation, behind stable placeholders.

A placeholder looks like `<PHONE_2>`: the kind in capitals and a number that counts up per kind.
The same raw value always gets the same placeholder, so models can reason over it without seeing it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"<([A-Z]+(?:_[A-Z]+)?)_(\d{1,4})>")
LONGEST_PLACEHOLDER = 24
"""Characters; a stream that may end inside a placeholder is held back by at most this much."""


class Vault:
    """Placeholders for one turn: what the conversation knew, and what this turn added.

    >>> vault = Vault({})
    >>> vault.keep("phone", "13800138000")
    '<PHONE_1>'
    >>> vault.reveal("电话<PHONE_1>")
    '电话13800138000'
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._raw = dict(known)
        self._placeholder = {raw: placeholder for placeholder, raw in known.items()}
        self.added: dict[str, str] = {}

    @property
    def values(self) -> Mapping[str, str]:
        """Every placeholder with its raw value."""
        return self._raw

    def keep(self, kind: str, raw: str) -> str:
        """The placeholder of a raw value, new or known."""
        known = self._placeholder.get(raw)
        if known is not None:
            return known
        prefix = f"<{kind.upper()}_"
        number = 1 + sum(1 for placeholder in self._raw if placeholder.startswith(prefix))
        placeholder = f"{prefix}{number}>"
        self._raw[placeholder] = raw
        self._placeholder[raw] = placeholder
        self.added[placeholder] = raw
        return placeholder

    def reveal(self, text: str) -> str:
        """Put raw values back. A placeholder that nobody made (a model's invention) disappears."""
        if "<" not in text:
            return text
        return PLACEHOLDER.sub(lambda match: self._raw.get(match.group(), ""), text)
