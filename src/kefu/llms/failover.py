"""The next model when one fails, as long as the customer has seen nothing."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.deadline import Deadline
from kefu.errors import ModelError, SettingsError
from kefu.llms.base import Completion, LanguageModel, Prompt, SendText


class Failover:
    """Asks models in order of preference. After the first piece a failure is final: one reply is all."""

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        if not models:
            raise SettingsError("llm: a failover needs at least one model")
        self.name = models[0].name
        self.models = tuple(models)

    async def complete(self, prompt: Prompt, send: SendText, deadline: Deadline) -> Completion:
        """Complete with the first model that can. The Completion names the one that did."""
        said = False

        async def heard(text: str) -> None:
            nonlocal said
            said = True
            await send(text)

        *others, last = self.models
        for model in others:
            try:
                return await model.complete(prompt, heard, deadline)
            except ModelError:
                if said or not deadline.remaining():
                    raise
        return await last.complete(prompt, heard, deadline)


def named(model: LanguageModel, name: str) -> LanguageModel:
    """The one of that name among the models of a failover, or the model itself. Raises SettingsError."""
    models = model.models if isinstance(model, Failover) else (model,)
    found = next((one for one in models if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in models)
        raise SettingsError(
            f"understanding.llm: no model {name!r} is configured; there are {known}"
        )
    return found
