"""The cascade: the next tier is asked only while confidence is low and the deadline allows.

    linear ──sure?──▶ answer          microseconds, always there
       └─▶ encoder ──sure?──▶ answer  below a millisecond, in batches
              └─▶ bert ─▶ llm         where a pack and its operator have them

A tier that fails or is late costs its time and nothing else: the guess of the tier below stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from kefu.deadline import Deadline
from kefu.understanding.linear import LinearTier
from kefu.understanding.tier import Guess, Question, Tier, Vectors

Failed = Callable[[str, Exception], None]
"""Told the tier's name and what happened to it."""


class Ask(Protocol):
    """One question among the many of other callers."""

    async def __call__(self, question: Question, deadline: Deadline) -> Guess: ...


@dataclass(frozen=True, slots=True)
class Step:
    """A further tier. It is asked below `trust` of the tiers before it, where `needs_s` seconds are left.

    `at_most_s` bounds its answer; `asks` gathers concurrent callers into batches.
    """

    tier: Tier
    trust: float
    needs_s: float
    at_most_s: float
    ask: Ask
    vectors: Callable[[Sequence[str]], Awaitable[Vectors]] | None = None
    """Where its guesses have sentence vectors: those of flat texts. At most one step of a cascade has them."""
    single: bool = False
    """Asked one question at a time, even where many are there; then what it raises costs only that one."""
    close: Callable[[], Awaitable[None]] | None = None
    """Ends what gathers the callers."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A guess, and the tier that made it.

    `whole` is false where a tier that was wanted had no time or failed: another time may read better.
    """

    guess: Guess
    tier: str
    whole: bool = True


class Cascade:
    """Reads a text with as many tiers as it needs."""

    def __init__(
        self, first: LinearTier, steps: Sequence[Step] = (), failed: Failed = lambda *_: None
    ) -> None:
        self.first = first
        self.steps = tuple(steps)
        self._failed = failed

    async def read(self, question: Question, deadline: Deadline) -> Judged:
        """The best guess that the time allows; never raises what a tier raises."""
        judged = Judged(self.first.guess(question.flat, question.context.now), self.first.name)
        whole = True
        for step in self.steps:
            if judged.guess.confidence >= step.trust:
                continue
            guess = None
            if deadline.remaining() >= step.needs_s:
                guess = await self._ask(step, question, deadline)
            if guess is None:
                whole = False
            else:
                judged = better(judged, Judged(guess, step.tier.name))
        return judged if whole else replace(judged, whole=False)

    async def _ask(self, step: Step, question: Question, deadline: Deadline) -> Guess | None:
        within = deadline.sooner(step.at_most_s)
        try:
            async with within.timeout():
                return await step.ask(question, within)
        except Exception as exc:  # noqa: BLE001 - whatever broke up there, the guess below stands
            self._failed(step.tier.name, exc)
            return None

    async def read_all(self, questions: Sequence[Question]) -> list[Judged]:
        """Many texts at once, without deadline: for evaluation and for /v1/understand.

        Raises what a tier raises.
        """
        judged = [Judged(guess, self.first.name) for guess in await self.first.read(questions)]
        for step in self.steps:
            unsure = [at for at, one in enumerate(judged) if one.guess.confidence < step.trust]
            for first in range(0, len(unsure), _AT_ONCE):
                some = unsure[first : first + _AT_ONCE]
                guesses = await self._many(step, [questions[at] for at in some])
                for at, guess in zip(some, guesses, strict=True):
                    if guess is not None:
                        judged[at] = better(judged[at], Judged(guess, step.tier.name))
                await asyncio.sleep(0)
        return judged

    async def vectors(self, texts: Sequence[str]) -> Vectors | None:
        """(texts, V) the sentence vectors of flat texts, as guesses hold them; None where no tier gives any."""
        step = next((step for step in self.steps if step.vectors), None)
        if step is None or step.vectors is None or not texts:
            return None
        order = sorted(
            range(len(texts)), key=lambda at: len(texts[at])
        )  # like lengths, little padding
        found: list[Vectors] = []
        try:
            for first in range(0, len(order), _AT_ONCE):
                some = order[first : first + _AT_ONCE]
                found.append(await step.vectors([texts[at] for at in some]))
        except Exception as exc:  # noqa: BLE001 - a broken tier is one that gives none
            self._failed(step.tier.name, exc)
            return None
        return np.concatenate(found)[np.argsort(order)]

    async def _many(self, step: Step, questions: Sequence[Question]) -> Sequence[Guess | None]:
        if not step.single:
            return await step.tier.read(questions)
        deadline = Deadline.after(step.at_most_s * len(questions))
        return await asyncio.gather(*(self._ask(step, each, deadline) for each in questions))

    async def close(self) -> None:
        """Let go of all models."""
        for step in self.steps:
            if step.close is not None:
                await step.close()
            await step.tier.close()


_AT_ONCE = 32


def better(before: Judged, after: Judged) -> Judged:
    """The later tier's guess, with the earlier one's sentence vector where it has none."""
    if after.guess.vector or not before.guess.vector:
        return after
    return replace(after, guess=replace(after.guess, vector=before.guess.vector))
