"""How the fake vendor behaves."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from kefu.llms.fake.script import Cue


class Fault(StrEnum):
    """What can go wrong with a vendor, each seen in the wild."""

    NONE = "none"
    TOO_MANY = "429"
    BROKEN = "500"
    DENIED = "401"
    FILTERED = "filtered"
    HANG = "hang"
    STALL = "stall"
    TRUNCATED = "truncated"
    UNFINISHED = "unfinished"
    MALFORMED = "malformed"
    HTML = "html"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Delays in milliseconds; `after` counts the tokens before a fault in mid-stream.

    `share` of the requests meet the fault, chosen by `seed` and the request's number: the same run fails
    the same way.
    `tokens` is the length of a reply, 0 for its natural one. `script` says what to reply to which words;
    without `schemas`, a request for a JSON Schema is refused, as servers do that know none.
    """

    ttft_ms: float = 0.0
    token_ms: float = 0.0
    tokens: int = 0
    fault: Fault = Fault.NONE
    share: float = 1.0
    after: int = 3
    seed: int = 1
    script: tuple[Cue, ...] = ()
    schemas: bool = True

    def fault_of(self, number: int) -> Fault:
        """The fault that request `number` meets."""
        if self.fault is Fault.NONE or self.share >= 1.0:
            return self.fault
        dice = random.Random(f"{self.seed}/{number}")  # noqa: S311 -- reproducible, not secret
        return self.fault if dice.random() < self.share else Fault.NONE
