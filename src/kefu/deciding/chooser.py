"""Who answers what: one pure function, its reason kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kefu.deciding.rules import REPLIES, SOCIAL, Circumstances, Rules
from kefu.dialogue.state import Dialogue
from kefu.dialogue.trajectory import heard
from kefu.experiments.assign import CONTROL, Variant
from kefu.knowledge.faq import Hit
from kefu.messages import Asked, Decision, Intent, Meaning, Route, Wish

ALMOST_THE_SAME = 0.85
"""The FAQ score above which a question about people ("when are they there?") is not taken as a call for one."""

WORDLESS = "attachment_only"
"""The wish of a message that has attachments and no words; answered by the reply `intent_attachment_only`."""


@dataclass(frozen=True)
class Situation:
    """Everything a decision is made from.

    `search` finds FAQ hits; it is asked at most once, and only if it counts.
    """

    asked: Asked
    meaning: Meaning
    dialogue: Dialogue
    search: Callable[[str], tuple[Hit, ...]]
    now: Circumstances
    variant: Variant = CONTROL

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """FAQ hits, the best first."""
        return self.search(self.asked.text)

    @property
    def best(self) -> float:
        """The score of the best FAQ hit."""
        return self.hits[0].score if self.hits else 0.0


class Chooser:
    """Turns a situation into a decision. Cannot fail, does no I/O."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._limits = rules.thresholds

    def choose(self, situation: Situation) -> Decision:
        """The decision, with the reason of each wish joined; an experiment may move thresholds."""
        moved = situation.variant.thresholds
        chooser = Chooser(self._rules.moved(moved)) if moved else self
        return chooser._decide(situation)

    def _decide(self, situation: Situation) -> Decision:
        forced = self._forced(situation)
        if forced is not None:
            return forced
        served = _once(self._wish(intent, situation) for intent in _asked_for(situation))
        wishes = self._without_doubts(served)
        angry = self._is_angry(situation.meaning)
        anger = situation.dialogue.anger + 1 if angry else 0
        human = any(wish.route is Route.HUMAN for wish in wishes)
        boils = self._boils(situation)
        offer = (anger >= self._limits.angry_twice or boils) and not human
        reasons = [f"{wish.intent}: {wish.reason}" for wish in wishes]
        if offer:
            why = "the conversation is heated" if boils else f"negative {anger} times"
            reasons.append(f"{why}: a person is offered")
        return Decision(wishes, "; ".join(reasons), apologise=angry, offer_human=offer)

    def _forced(self, situation: Situation) -> Decision | None:
        """What comes before any wish: an agent at work, or moderation."""
        first = situation.meaning.intents[0].name
        if situation.dialogue.mode == "human":
            reason = "an agent has the conversation"
            return Decision((Wish(first, Route.HUMAN, reason),), reason, silent=True)
        if not situation.asked.text.strip():
            reason = "nothing was said in words"
            return Decision((Wish(WORDLESS, Route.TEMPLATE, reason),), reason)
        action = situation.asked.verdict.action
        if action == "block":
            reason = "moderation blocks the message"
            return Decision((Wish(first, Route.REFUSE, reason),), reason)
        if action == "handover":
            reason = "moderation hands the message to a person"
            return Decision((Wish(first, Route.HUMAN, reason),), reason)
        return None

    def _wish(self, intent: Intent, situation: Situation) -> Wish:
        name = intent.name
        if name == "human_agent" and not self._about_people(situation):
            return Wish(name, Route.HUMAN, "the customer asks for a person")
        if name in REPLIES:
            return self._reply(name, situation)
        sure = self._answered_by_faq(name, situation)
        if sure is not None:
            return sure
        flow = self._rules.flows.get(name)
        if flow is not None:
            if self._is_sure(intent, flow, situation):
                return Wish(name, Route.FLOW, f"flow {flow} owns this intent", flow)
            return self._unsure(name, situation)
        if name == "greeting" or name == "thanks_bye":
            return Wish(name, Route.TEMPLATE, "a courtesy")
        return self._open_question(name, situation)

    def _about_people(self, situation: Situation) -> bool:
        """When are people there? A question about them that the FAQ answers is no call for one."""
        certain = max(self._limits.faq_sure, ALMOST_THE_SAME)
        return situation.best >= certain and situation.hits[0].entry.intent == "human_agent"

    def _reply(self, name: str, situation: Situation) -> Wish:
        """A yes, a no or a value: for the open flow, else for the last topic."""
        dialogue = situation.dialogue
        if dialogue.frames:
            frame = dialogue.frames[0]
            return Wish(name, Route.FLOW, f"answers the open {frame.flow}", frame.flow)
        flow = self._rules.flows.get(dialogue.topic or "")
        if name == "inform" and flow is not None:
            return Wish(name, Route.FLOW, f"a new value for the last topic {flow}", flow)
        if name == "inform" and situation.best >= self._limits.faq_sure:
            return Wish(name, Route.FAQ, f"faq hit {situation.best:.2f}")
        return Wish(name, Route.TEMPLATE, "no question of ours is open")

    def _answered_by_faq(self, name: str, situation: Situation) -> Wish | None:
        limits = self._limits
        if name in self._rules.faq_intents:
            # Where something particular is known, a flow can say more than an answer that only may fit.
            particular = name in self._rules.flows and situation.dialogue.slots
            enough = limits.faq_sure if particular else limits.faq_maybe
        elif name in self._rules.faq_when_sure:
            if situation.meaning.slots:
                return None  # about something particular, which only the flow can look up
            enough = limits.faq_sure
        elif name in self._rules.flows or name in SOCIAL - {"chitchat"}:
            return None
        else:
            enough = limits.faq_sure
        best = situation.best
        if best < enough or (len(situation.meaning.intents) > 1 and best < limits.faq_maybe):
            return None
        return Wish(name, Route.FAQ, f"faq hit {best:.2f} of at least {enough:.2f}")

    def _is_sure(self, intent: Intent, flow: str, situation: Situation) -> bool:
        """Whether a wish is clear enough to start its flow; one that is open already needs no more."""
        limits = self._limits
        if any(frame.flow == flow for frame in situation.dialogue.frames):
            return True
        least = limits.understood_change if flow in self._rules.changing else limits.understood
        if situation.asked.injection >= limits.injection:
            least = max(least, limits.injected)
        return intent.confidence >= least

    def _unsure(self, name: str, situation: Situation) -> Wish:
        """What a wish that may be another one gets: a likely FAQ answer, a model, else "say it again"."""
        likely = situation.best >= self._limits.faq_maybe
        if likely and situation.asked.injection < self._limits.injection:
            return Wish(name, Route.FAQ, f"unsure, faq hit {situation.best:.2f}")
        wish = self._open_question(name, situation)
        return Wish(name, wish.route, f"unsure, {wish.reason}")

    def _without_doubts(self, wishes: list[Wish]) -> tuple[Wish, ...]:
        """Without guesses at a flow that nobody answers, where something else is answered."""
        flows = self._rules.flows
        clear = [w for w in wishes if w.route is not Route.TEMPLATE or w.intent not in flows]
        return tuple(clear or wishes)

    def _open_question(self, name: str, situation: Situation) -> Wish:
        """What no flow and no sure FAQ answers."""
        limits, now = self._limits, situation.now
        if situation.asked.injection >= limits.injection:
            return Wish(name, Route.TEMPLATE, "looks like an injection: no model is asked")
        if now.llm and now.seconds_left >= limits.llm_seconds:
            return Wish(name, Route.LLM, "no flow and no sure faq: a model writes")
        if situation.best >= limits.faq_maybe and name not in SOCIAL:
            return Wish(name, Route.FAQ, f"faq hit {situation.best:.2f}, for want of a model")
        return Wish(name, Route.TEMPLATE, "no flow, no faq, no model")

    def _is_angry(self, meaning: Meaning) -> bool:
        emotion = meaning.emotion
        return emotion.label == "negative" and (
            emotion.sarcasm or emotion.score >= self._limits.angry
        )

    def _boils(self, situation: Situation) -> bool:
        """Whether a bad message makes the conversation too hot, none of them ever so angry."""
        emotion = situation.meaning.emotion
        after = heard(situation.dialogue.mood, emotion)
        return emotion.label == "negative" and after.heat >= self._limits.heated


def _asked_for(situation: Situation) -> Sequence[Intent]:
    """The intents to serve: a yes or no beside another wish counts only while a flow waits for it."""
    intents = situation.meaning.intents
    if situation.dialogue.frames or len(intents) == 1:
        return intents
    wishes = [intent for intent in intents if intent.name not in {"affirm", "deny"}]
    return wishes or intents


def _once(wishes: Iterable[Wish]) -> list[Wish]:
    """Without the wishes that would be answered by the very same words."""
    kept: list[Wish] = []
    seen: set[tuple[Route, str | None]] = set()
    for wish in wishes:
        key = (wish.route, wish.flow or (wish.intent if wish.route is Route.TEMPLATE else None))
        if key not in seen:
            seen.add(key)
            kept.append(wish)
    return kept
