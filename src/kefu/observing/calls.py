"""A call to a language model, as it is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from kefu.messages import Usage


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call that ended, in seconds.

    `first_s` is None when nothing was said; `outcome` is "ok" or an error's name.
    """

    model: str
    outcome: str
    seconds: float
    first_s: float | None = None
    usage: Usage = field(default_factory=Usage)
