"""Channels come in through the same entrance as everybody: rates, places, drain, and sockets that listen."""

from __future__ import annotations

from kefu.gateway.entrance import Entrance
from kefu.gateway.service import Listener
from kefu.messages import Message, Turn


class AdmittedTurns:
    """Answers the messages of channels, once they are admitted."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def respond(self, message: Message, listener: Listener) -> Turn:
        """Answer one message. Channels prove who they are, so their address counts for nothing."""
        return (await self._entrance.respond(message, "channel", listener)).turn
