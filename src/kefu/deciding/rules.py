"""What the decider goes by: the pack's tables, and the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

SOCIAL = frozenset({"greeting", "thanks_bye", "chitchat"})
REPLIES = frozenset({"affirm", "deny", "inform"})
"""Intents that answer a question of ours instead of making a wish."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores in 0..1, and counts.

    A hit at `faq_sure` is answered as it stands, one at `faq_maybe` for want of better. An intent starts a
    flow from `understood` on, one that ends in a change from `understood_change` on: on held-out wishes two in
    three guesses below 0.45 are wrong, from 0.55 on most are right. A person is offered to who is angry
    `angry_twice`, or negative while the conversation is as hot as `heated`.
    """

    faq_sure: float = 0.72
    faq_maybe: float = 0.45
    understood: float = 0.35
    understood_change: float = 0.55
    angry: float = 0.5
    angry_twice: int = 2
    heated: float = 0.6
    injection: float = 0.6
    injected: float = 0.7
    llm_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """`flows` maps an intent to the flow it starts.

    `faq_intents` are answered from the FAQ first, where the conversation knows a value and a flow could look
    it up only by a sure hit; `faq_when_sure` always by a sure hit alone, and only
    where the message holds no value that the flow could look up. `changing` are the flows that may end in a
    change.
    """

    flows: Mapping[str, str]
    faq_intents: frozenset[str] = frozenset()
    faq_when_sure: frozenset[str] = frozenset()
    thresholds: Thresholds = field(default_factory=Thresholds)
    changing: frozenset[str] = frozenset()

    def moved(self, thresholds: Mapping[str, Any]) -> Rules:
        """These rules with some thresholds moved."""
        return replace(self, thresholds=replace(self.thresholds, **thresholds))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else counts at this moment."""

    llm: bool = False
    seconds_left: float = 30.0
