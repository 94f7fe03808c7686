"""Who gets which variant: a stable hash of the unit, so that nothing need be stored or looked up.

The bucket of a unit is the first 64 bits of blake2b(salt, NUL, unit). It is in the experiment when its bucket
is below share * 2^64. Hence the same unit always gets the same variant in every process, a larger share
only adds units, and experiments with different salts are independent of each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BUCKETS = 2**64


@dataclass(frozen=True, slots=True)
class Experiment:
    """A change of some thresholds for a `share` in 0..1 of the units. A new `salt` draws anew."""

    name: str
    share: float
    salt: str
    thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Variant:
    """What a unit gets: "" for the bot as it is, else "name:on" (several: joined by a comma)."""

    name: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)


CONTROL = Variant()


def assign(experiments: Sequence[Experiment], unit: str) -> Variant:
    """The variant of a unit (a session id). Pure: the same arguments always give the same variant."""
    if not experiments:
        return CONTROL
    chosen = [one for one in experiments if bucket(one.salt, unit) < one.share * BUCKETS]
    if not chosen:
        return CONTROL
    name = ",".join(f"{one.name}:on" for one in chosen)
    return Variant(name, {key: to for one in chosen for key, to in one.thresholds.items()})


def bucket(salt: str, unit: str) -> int:
    """Where a unit falls, uniformly in 0..2^64-1."""
    digest = hashlib.blake2b(f"{salt}\0{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest)
