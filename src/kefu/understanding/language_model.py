"""Tier 3: a language model asked for the same labels, as JSON by a schema. Seconds, and it costs money."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kefu.deadline import Deadline
from kefu.errors import ModelTimeout
from kefu.llms.base import LanguageModel
from kefu.llms.failover import named
from kefu.pack.labels import Labels, read_labels
from kefu.pack.pack import Pack
from kefu.understanding.llm.answer import Labeller
from kefu.understanding.llm.prompt import Prompts
from kefu.understanding.llm.template import Template
from kefu.understanding.slots.specs import SlotSpec, specs
from kefu.understanding.tier import Guess, Question

RUNNING = 8
"""Questions asked at once: understanding shares the model with the replies, and leaves them room."""
PATIENCE_S = 8.0
"""The longest a call may take; the cascade's deadline, where there is one, includes the wait for its turn."""


class LanguageModelTier:
    """Asks one call per question. Only labels and places come out, whatever the text or the model says.

    `confidence` of a Guess is what the model says of itself: not calibrated.
    """

    name = "llm"

    def __init__(
        self,
        model: LanguageModel,
        prompts: Prompts,
        labeller: Labeller,
        running: int = RUNNING,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._model = model
        self._prompts = prompts
        self._labeller = labeller
        self._patience_s = patience_s
        self._room = asyncio.Semaphore(running)

    @classmethod
    def of(
        cls,
        pack: Pack,
        model: LanguageModel,
        running: int = RUNNING,
        patience_s: float = PATIENCE_S,
    ) -> LanguageModelTier:
        """The tier for a pack's labels. Reads all its examples, so call it in a thread; raises PackError."""
        labels = read_labels(pack)
        slots = _slots(labels)
        prompts = Prompts(labels, slots, Template.of(pack), pack.locale)
        return cls(model, prompts, Labeller(pack.intents, slots), running, patience_s)

    async def close(self) -> None:
        """Nothing: the model belongs to whoever configured it."""

    async def read(self, questions: Sequence[Question]) -> Sequence[Guess]:
        """A guess per question, in the same order; all of them, or the first error.

        Raises ModelTimeout, ModelRefused, or ModelBroken for an answer that is not what was asked for.
        Cancelling it hangs up on the model.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._guess(question)) for question in questions]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _guess(self, question: Question) -> Guess:
        prompt = self._prompts.of(question, self._labeller.schema)
        async with self._room:
            deadline = Deadline.after(self._patience_s)
            try:
                async with deadline.timeout():
                    completion = await self._model.complete(prompt, _unheard, deadline)
            except TimeoutError as exc:
                raise ModelTimeout(f"{self._model.name}: no labels in time") from exc
        return self._labeller.guess(completion.text, question.flat, question.context.now)


def language_model_tier(
    asked: str | None, model: LanguageModel | None, pack: Pack
) -> LanguageModelTier | None:
    """The tier where `understanding.llm` asks for it (`asked` is its model, "" for any) and there is a model.

    Checks the pack's own instructions in any case. Reads files, so call it in a thread. Raises PackError, or
    SettingsError where no model of that name is configured.
    """
    Template.of(pack)
    if asked is None or model is None:
        return None
    return LanguageModelTier.of(pack, named(model, asked) if asked else model)


async def _unheard(piece: str) -> None:
    """Nobody hears a label before all are there."""


def _slots(labels: Labels) -> tuple[SlotSpec, ...]:
    """The slots of slots.yaml, then those that only examples name: as training has them."""
    return specs(labels.slots, [name for one in labels.examples() for name, _ in one.slots])
