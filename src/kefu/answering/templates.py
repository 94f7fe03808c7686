"""Texts by name, and by intent."""

from __future__ import annotations

from kefu.answering.asked import AskedTurn
from kefu.pack.replies import Replies


class Templates:
    """The pack's named texts, as a turn needs them."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def named(self, name: str, asked: AskedTurn) -> str:
        """The text of that name; conversation slots may be used in it."""
        return self._replies.say(name, asked.locale, asked.dialogue.slots, asked.key)

    def of_intent(self, intent: str, asked: AskedTurn) -> str:
        """The reply `intent_<name>`, else the one that says we do not know and offers a person.

        While a person is being called, `intent_<name>_waiting` goes before it.
        """
        name = f"intent_{intent}"
        if asked.dialogue.mode == "queued" and f"{name}_waiting" in self._replies:
            name += "_waiting"
        return self.named(name if name in self._replies else "unknown", asked)
