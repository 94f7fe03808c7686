"""The normal form of personal data, which understanding itself sees only as placeholders: for the doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kefu.dialogue.vault import PLACEHOLDER
from kefu.understanding.slots import addresses, phones
from kefu.understanding.slots.checks import email
from kefu.understanding.text import half_width

_FORMS: Mapping[str, Callable[[str], str | None]] = {
    "PHONE": phones.value,
    "EMAIL": email,
    "ADDRESS": addresses.normal,
}


def revealed(value: str, vault: Mapping[str, str]) -> str:
    """A slot's value with the customer's own data put back; one that is a single placeholder in normal form.

    A placeholder that is not in the vault stays as it is.

    >>> revealed("<PHONE_1>", {"<PHONE_1>": "+86 138-0013-8000"})
    '13800138000'
    """
    if "<" not in value:
        return value
    alone = PLACEHOLDER.fullmatch(value)
    if alone is not None and value in vault:
        raw = vault[value]
        form = _FORMS.get(alone[1])
        return (form(half_width(raw)) if form else None) or raw
    return PLACEHOLDER.sub(lambda match: vault.get(match.group(), match.group()), value)
