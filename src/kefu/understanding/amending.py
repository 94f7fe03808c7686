"""A held address with one part put right: 不对，是88号.

The only place of understanding where raw text passes: out of the vault and, whole again, back into it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from kefu.dialogue.vault import Vault
from kefu.messages import Meaning, Slot
from kefu.understanding.mending import address_part, opening
from kefu.understanding.slots.addresses import complete, merge
from kefu.understanding.text import flatten


def amended(meaning: Meaning, text: str, held: Mapping[str, str], vault: Vault) -> Meaning:
    """The meaning with the withdrawn address made whole, where its parts and what was said make one.

    `text` is masked, `held` are the values of the flow that waits. Where a parcel would not find the new
    address, or it stays as it was, the meaning is left as it is: the flow asks for the address again.
    """
    name = next((name for name in meaning.withdrawn if name in held), None)
    flat = flatten(text)
    start = None if name is None else opening(flat.text, confirming=True)
    span = None if start is None else address_part(flat.text, start)
    if name is None or span is None:
        return meaning
    before = vault.reveal(held[name])
    raw = flat.raw(*span)
    after = merge(before, vault.reveal(raw))
    if after is None or after.text == before or not complete(after):
        return meaning
    slot = Slot(name, raw, vault.keep("address", after.text), *flat.span(*span))
    return replace(
        meaning,
        slots=(*meaning.slots, slot),
        withdrawn=tuple(one for one in meaning.withdrawn if one != name),
    )
