"""A conversation's state: a pure fold over its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from kefu.dialogue.events import (
    AgentSaid,
    Answered,
    Began,
    Event,
    GivenBack,
    HandoffAsked,
    Kept,
    Said,
    TakenOver,
    Understood,
)
from kefu.dialogue.trajectory import CALMED, Trajectory, heard, served
from kefu.messages import Emotion, Frame, Locale, Role

WINDOW = 10
"""Turns kept word by word for prompts; older ones live in SQL, their slots stay here."""

CONFIRM = "confirm"
"""What a frame waits for where the customer is asked to agree to a change."""

Mode = Literal["bot", "queued", "human"]


class Utterance(msgspec.Struct, frozen=True):
    """One line of the conversation, masked."""

    role: Role
    text: str


class Dialogue(msgspec.Struct, frozen=True):
    """What is known of a conversation. Changed only by `apply`.

    `seq` is the highest sequence number seen, `turns` how many were answered, `anger` how many negative
    messages came since the mood was last good, `moods` the last labels, `mood` where they have led.
    """

    owner: str | None = None
    tenant: str = "default"
    tier: str = "standard"
    locale: Locale = "zh"
    seq: int = -1
    turns: int = 0
    mode: Mode = "bot"
    agent: str | None = None
    handoff_reason: str | None = None
    slots: Mapping[str, str] = {}
    vault: Mapping[str, str] = {}
    frames: tuple[Frame, ...] = ()
    topic: str | None = None
    intents: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    anger: int = 0
    window: tuple[Utterance, ...] = ()
    mood: Trajectory = Trajectory()

    @property
    def flow(self) -> str | None:
        """The foremost open flow."""
        return self.frames[0].flow if self.frames else None


def apply(dialogue: Dialogue, event: Event) -> Dialogue:
    """The dialogue after the event. Pure: the same events always give the same state."""
    match event:
        case Began():
            return msgspec.structs.replace(
                dialogue, owner=event.owner, tenant=event.tenant, tier=event.tier
            )
        case Kept():
            return msgspec.structs.replace(dialogue, vault={**dialogue.vault, **event.vault})
        case Said():
            return msgspec.structs.replace(
                dialogue,
                seq=max(dialogue.seq, event.seq),
                locale=event.locale,
                window=_heard(dialogue, "user", event.text),
            )
        case Understood():
            return msgspec.structs.replace(
                dialogue,
                intents=event.intents,
                slots=_known(dialogue.slots, event.slots),
                anger=_anger(dialogue.anger, event.emotion),
                moods=(*dialogue.moods, event.emotion.label)[-WINDOW:],
                mood=heard(dialogue.mood, event.emotion),
            )
        case Answered():
            return msgspec.structs.replace(
                dialogue,
                turns=dialogue.turns + 1,
                frames=event.frames,
                slots=_known(dialogue.slots, event.slots),
                topic=event.topic or dialogue.topic,
                mood=served(dialogue.mood) if _agreed(dialogue, event) else dialogue.mood,
                window=_heard(dialogue, "assistant", event.text),
            )
        case _:
            return _desk(dialogue, event)


def replay(events: Iterable[Event]) -> Dialogue:
    """The state after all events, from nothing."""
    dialogue = Dialogue()
    for event in events:
        dialogue = apply(dialogue, event)
    return dialogue


def _desk(dialogue: Dialogue, event: HandoffAsked | TakenOver | AgentSaid | GivenBack) -> Dialogue:
    match event:
        case HandoffAsked():
            return msgspec.structs.replace(dialogue, mode="queued", handoff_reason=event.reason)
        case TakenOver():
            return msgspec.structs.replace(dialogue, mode="human", agent=event.agent)
        case AgentSaid():
            return msgspec.structs.replace(dialogue, window=_heard(dialogue, "agent", event.text))
        case GivenBack():
            return msgspec.structs.replace(
                dialogue,
                mode="bot",
                agent=None,
                handoff_reason=None,
                anger=0,
                mood=Trajectory(),
            )


def _heard(dialogue: Dialogue, role: Role, text: str) -> tuple[Utterance, ...]:
    if not text:
        return dialogue.window
    return (*dialogue.window, Utterance(role, text))[-2 * WINDOW :]


def _agreed(dialogue: Dialogue, answered: Answered) -> bool:
    """Whether the shop did something just now: the customer said yes to it, and nothing is open any more."""
    asked = dialogue.frames[0].waiting if dialogue.frames else None
    return asked == CONFIRM and not answered.frames and "affirm" in dialogue.intents


def _anger(anger: int, emotion: Emotion) -> int:
    if emotion.label == "negative":
        return anger + 1
    return 0 if emotion.label == "positive" and emotion.score >= CALMED else anger


def _known(before: Mapping[str, str], learnt: Mapping[str, str]) -> Mapping[str, str]:
    """The slots with what was learnt; an empty text forgets one."""
    if not learnt:
        return before
    return {name: value for name, value in {**before, **learnt}.items() if value}
