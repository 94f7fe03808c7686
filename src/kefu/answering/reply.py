"""One reply in the making: what was said, the flows it ran, and what it is remembered by."""

from __future__ import annotations

from kefu.answering.asked import AskedTurn
from kefu.answering.draft import Draft
from kefu.answering.flows.frames import Frames
from kefu.answering.flows.runner import Runner
from kefu.llms.base import Completion
from kefu.messages import Answer, Send, Source, Usage, Wish
from kefu.pack.pack import Pack


class Reply:
    """Collects the parts of one reply. `handoff` is the reason why a person is called."""

    def __init__(self, pack: Pack, runner: Runner, asked: AskedTurn, send: Send) -> None:
        self.asked = asked
        self.draft = Draft(send)
        self.frames = Frames(pack, runner, asked)
        self.handoff: str | None = None
        self._topic: str | None = None
        self._model: str | None = None
        self._usage = Usage()

    def line(self, text: str) -> None:
        """Say a line."""
        self.draft.line(text)

    def credit(self, source: Source, topic: str | None) -> None:
        """Name who wrote the part, and what it was about."""
        self.draft.credit(source)
        self._topic = topic or self._topic

    def paid(self, completion: Completion) -> None:
        """Note the model and what it cost."""
        self._model = completion.model
        one, other = self._usage, completion.usage
        self._usage = Usage(
            one.prompt_tokens + other.prompt_tokens,
            one.completion_tokens + other.completion_tokens,
            one.cost + other.cost,
        )

    async def start(self, wish: Wish) -> None:
        """Run the flow of a new wish."""
        self._flow(await self.frames.start(wish))

    async def go_on(self, wish: Wish, attempt: bool) -> None:
        """Run the open flows with the customer's answer."""
        self._flow(await self.frames.go_on(wish, attempt))

    async def resume(self, attempt: bool) -> None:
        """Put the open question again after something else was answered; that is nobody's credit."""
        if self.frames.went_on:
            return
        lines = await self.frames.go_on(attempt=attempt)
        if self.frames.heard.something:
            self._flow(lines)
            return
        self._note_failure()
        for line in lines:
            self.line(line)

    def answer(self) -> Answer:
        """The finished answer."""
        frames = self.frames
        asking = frames.asking
        return Answer(
            text=self.draft.text,
            source=self.draft.source,
            frames=frames.open,
            slots=frames.learnt,
            vault=self.asked.vault.added,
            handoff=self.handoff,
            model=self._model,
            degraded=self.draft.degraded,
            usage=self._usage,
            quick=frames.quick,
            intent=asking.intent if asking is not None else self._topic,
        )

    def _flow(self, lines: list[str]) -> None:
        self._note_failure()
        self.credit(Source.FLOW, self.frames.topic)
        for line in lines:
            self.line(line)

    def _note_failure(self) -> None:
        if self.frames.failed is not None:
            self.draft.degrade(self.frames.failed)
