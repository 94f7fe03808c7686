"""Carries a decision out, wish by wish, into one reply. Start here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from kefu.answering.asked import AskedTurn
from kefu.answering.curated import Curated
from kefu.answering.flows.hearing import VAGUE
from kefu.answering.flows.runner import Runner
from kefu.answering.generated import Generated
from kefu.answering.human import Human
from kefu.answering.reply import Reply
from kefu.answering.templates import Templates
from kefu.errors import DeadlineExceeded, ModelError
from kefu.knowledge.faq import FaqIndex
from kefu.llms.base import LanguageModel
from kefu.messages import Answer, Route, Send, Source, Wish
from kefu.pack.pack import Pack
from kefu.pack.toolbox import Toolbox

__all__ = ["Answerers", "AskedTurn"]

PARTING = frozenset({"thanks_bye"})
"""Intents after which an open question is not put again."""


class Answerers:
    """Everyone who can answer, for one pack. `model` is None where no language model is configured."""

    def __init__(
        self, pack: Pack, toolbox: Toolbox, faq: FaqIndex, model: LanguageModel | None = None
    ) -> None:
        self._pack = pack
        self._runner = Runner(pack.replies, toolbox)
        self._curated = Curated(pack, faq)
        self._templates = Templates(pack.replies)
        self._human = Human(pack.replies)
        self._generated = None if model is None else Generated(pack, model)
        self._by: Mapping[Route, Callable[[Wish, Reply], Awaitable[None]]] = {
            Route.FLOW: self._by_flow,
            Route.FAQ: self._by_faq,
            Route.TEMPLATE: self._by_template,
            Route.LLM: self._by_model,
            Route.HUMAN: self._by_human,
            Route.REFUSE: self._by_refusal,
        }

    async def carry_out(self, asked: AskedTurn, send: Send) -> Answer:
        """Answer every wish in order, in one reply, sent piece by piece.

        The source is that of the first part that is no template. A failing tool or model makes the answer a
        lesser one, with `degraded` set; only a failing `send` raises.
        """
        if asked.decision.silent:
            return Answer("", Source.HUMAN, asked.dialogue.frames)
        reply = Reply(self._pack, self._runner, asked, send)
        if asked.decision.apologise:
            reply.line(self._templates.named("sorry_first", asked))
        for wish in asked.decision.wishes:
            if reply.frames.heard.is_answer(wish):
                await reply.go_on(wish, attempt=wish.intent in VAGUE)
            else:
                await self._by[wish.route](wish, reply)
        await self._close(reply)
        await reply.draft.flush()
        return reply.answer()

    async def _by_flow(self, wish: Wish, reply: Reply) -> None:
        await reply.start(wish)

    async def _by_faq(self, wish: Wish, reply: Reply) -> None:
        answer = self._curated.answer(wish, reply.asked)
        if answer is None:
            await self._by_template(wish, reply)
            return
        reply.credit(Source.FAQ, wish.intent)
        reply.line(answer)

    async def _by_template(self, wish: Wish, reply: Reply) -> None:
        reply.line(self._templates.of_intent(wish.intent, reply.asked))

    async def _by_model(self, wish: Wish, reply: Reply) -> None:
        """The ladder: a model, else what the FAQ says, else a template that offers a person."""
        if self._generated is None:
            await self._lesser(wish, reply, "no language model is configured")
            return
        await reply.draft.flush()
        try:
            completion = await self._generated.write(wish, reply.asked, reply.draft)
        except (ModelError, DeadlineExceeded, TimeoutError) as error:
            await self._lesser(wish, reply, type(error).__name__)
            return
        reply.credit(Source.LLM, wish.intent)
        reply.paid(completion)

    async def _lesser(self, wish: Wish, reply: Reply, reason: str) -> None:
        reply.draft.degrade(reason)
        answer = self._curated.extract(reply.asked)
        reply.line(answer or self._templates.of_intent(wish.intent, reply.asked))

    async def _by_human(self, wish: Wish, reply: Reply) -> None:
        reply.credit(Source.HUMAN, None)
        reply.handoff = reply.handoff or wish.reason
        reply.line(self._human.calls(reply.asked))

    async def _by_refusal(self, wish: Wish, reply: Reply) -> None:
        reply.line(self._templates.named("refuse", reply.asked))

    async def _close(self, reply: Reply) -> None:
        """Put the open question again, call the person a flow asked for, offer one where it is due."""
        asked = reply.asked
        if not _rests(asked):
            vague = any(wish.intent in VAGUE for wish in asked.decision.wishes)
            await reply.resume(attempt=vague or reply.frames.heard.something)
        if reply.frames.handoff is not None and reply.handoff is None:
            reply.handoff = reply.frames.handoff
            reply.line(self._human.calls(asked))
        offered = asked.decision.offer_human or reply.frames.failed is not None
        if offered and reply.handoff is None:
            reply.line(self._human.offer(asked))
        if not reply.draft.text:
            reply.line(self._templates.named("unknown", asked))


def _rests(asked: AskedTurn) -> bool:
    """Whether open questions are left alone: a person was called, the message refused, or it is a goodbye."""
    return any(
        wish.route in (Route.HUMAN, Route.REFUSE) or wish.intent in PARTING
        for wish in asked.decision.wishes
    )
