"""What came of running a flow once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kefu.messages import Frame


@dataclass(frozen=True, slots=True)
class Outcome:
    """Lines to say, and a question where the flow waits: then `frame` is what it waits with.

    `slots` are values learnt, `handoff` the reason why a person is wanted, `failed` the tool that failed.
    """

    flow: str
    lines: tuple[str, ...] = ()
    question: str = ""
    frame: Frame | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    handoff: str | None = None
    failed: str | None = None
