"""What can happen to a conversation. Facts in the past tense; all text in them is masked."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kefu.messages import Emotion, Frame, Locale


class Began(msgspec.Struct, frozen=True, tag="began"):
    """The conversation began. `owner` is the authenticated user it belongs to,"""

    owner: str | None = None
    tenant: str = "default"
    tier: str = "standard"


class Kept(msgspec.Struct, frozen=True, tag="kept"):
    """Personal data went into the vault: placeholder -> raw. The codec seals it before it is stored."""

    vault: Mapping[str, str]


class Said(msgspec.Struct, frozen=True, tag="said"):
    """The customer said something."""

    seq: int
    text: str
    locale: Locale


class Understood(msgspec.Struct, frozen=True, tag="understood"):
    """What it meant: intents in order, slots of this utterance, mood."""

    intents: tuple[str, ...]
    slots: Mapping[str, str]
    emotion: Emotion
    corrects: bool = False


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """What was replied, the flows left open, and the slots learnt while answering."""

    text: str
    source: str
    frames: tuple[Frame, ...] = ()
    slots: Mapping[str, str] = {}
    topic: str | None = None


class HandoffAsked(msgspec.Struct, frozen=True, tag="handoff_asked"):
    """A person was asked for."""

    reason: str
    summary: str = ""


class TakenOver(msgspec.Struct, frozen=True, tag="taken_over"):
    """An agent took the conversation; the bot is silent from here."""

    agent: str


class AgentSaid(msgspec.Struct, frozen=True, tag="agent_said"):
    """The agent wrote to the customer."""

    agent: str
    text: str


class GivenBack(msgspec.Struct, frozen=True, tag="given_back"):
    """The agent gave the conversation back to the bot."""

    agent: str


Event = (
    Began | Kept | Said | Understood | Answered | HandoffAsked | TakenOver | AgentSaid | GivenBack
)
