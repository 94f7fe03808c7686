"""The one way in: every turn of every door passes here."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from kefu.gateway.admission import Admission
from kefu.gateway.auth import on_behalf
from kefu.gateway.inflight import Inflight
from kefu.gateway.listening import Answered
from kefu.gateway.rooms import Member, Rooms, Told
from kefu.gateway.service import Listener, Turns
from kefu.gateway.wire import ChatRequest, encode, response_of
from kefu.messages import Caller, Message, SessionId


class Entrance:
    """Admits a message, has it answered, and tells the answer to whoever listens to the session."""

    def __init__(
        self, turns: Turns, admission: Admission, inflight: Inflight, rooms: Rooms
    ) -> None:
        self._turns = turns
        self._admission = admission
        self._inflight = inflight
        self._rooms = rooms

    async def respond(self, message: Message, ip: str, listener: Listener) -> Answered:
        """Answer a message. Raises what `admit` and Turns.respond raise."""
        await self.admit(message, ip)
        return await self.admitted(message, listener)

    async def admit(self, message: Message, ip: str) -> None:
        """Let a message in; `admitted` must follow. Raises RateLimited, QueueFull or Overloaded."""
        await self._admission.admit(message.caller, message.session, ip)

    async def admitted(
        self, message: Message, listener: Listener, member: Member | None = None
    ) -> Answered:
        """Answer an admitted message; `member` is the socket that it came through."""
        began = time.monotonic()
        spent = None
        told = Told(listener, self._rooms, message, member)
        try:
            with self._inflight:
                turn = await self._turns.respond(message, told)
                if turn.model is None:
                    # A language model's time says nothing about our own load.
                    spent = time.monotonic() - began
                answered = Answered(turn, encode(response_of(turn)))
                await told.done(answered)
                return answered
        finally:
            told.over()
            self._admission.leave(spent)


def message_of(request: ChatRequest, caller: Caller) -> Message:
    """The message that a request carries."""
    return Message(
        session=SessionId(request.session_id),
        text=request.text or "",
        caller=on_behalf(caller, request.user),
        at=datetime.now(UTC),
        seq=request.seq,
        locale=request.locale,
        attachments=tuple(request.attachments or ()),
    )
