"""What the answerers are given for one turn."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from kefu.deadline import Deadline
from kefu.dialogue.state import Dialogue
from kefu.dialogue.vault import Vault
from kefu.knowledge.faq import Hit
from kefu.messages import Caller, Decision, Locale, Meaning, SessionId
from kefu.pack.tools import Customer


class AskedTurn(Struct, frozen=True):
    """A message that was understood and decided on. `text` is masked.

    `dialogue` is the conversation before this message. `key` names the turn, "session:seq": it picks the
    variants of texts and, with the flow's name, makes changes idempotent.
    """

    text: str
    locale: Locale
    meaning: Meaning
    decision: Decision
    dialogue: Dialogue
    vault: Vault
    caller: Caller
    session: SessionId
    key: str
    hits: tuple[Hit, ...]
    now: datetime
    deadline: Deadline

    def customer(self, flow: str) -> Customer:
        """On whose behalf a flow's tools act."""
        caller = self.caller
        return Customer(
            user_id=caller.user_id,
            tier=caller.tier,
            session=self.session,
            tenant=caller.tenant,
            locale=self.locale,
            key=f"{self.key}:{flow}",
        )
