"""What tokens cost."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.messages import Usage

_UNIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a million prompt and completion tokens, in the configured currency.

    >>> Price(prompt=2.0, completion=8.0).of(500_000, 250_000).cost
    3.0
    """

    prompt: float = 0.0
    completion: float = 0.0

    def of(self, prompt_tokens: int, completion_tokens: int) -> Usage:
        """The usage with its cost."""
        cost = (prompt_tokens * self.prompt + completion_tokens * self.completion) / _UNIT
        return Usage(prompt_tokens, completion_tokens, cost)
