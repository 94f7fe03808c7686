"""What is said when a person is called, or offered."""

from __future__ import annotations

from kefu.answering.asked import AskedTurn
from kefu.pack.replies import Replies


class Human:
    """The words around a hand-over. A pack may word it differently for VIPs: `human_vip`."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def calls(self, asked: AskedTurn) -> str:
        """A colleague is on the way."""
        vip = asked.caller.tier == "vip" and "human_vip" in self._replies
        return self._replies.say("human_vip" if vip else "human", asked.locale, key=asked.key)

    def offer(self, asked: AskedTurn) -> str:
        """How to reach one."""
        return self._replies.say("offer_human", asked.locale, key=asked.key)
