"""Rooms: every socket of a session sees all its turns, whichever door or process they came through."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from kefu.errors import KefuError, StoreError
from kefu.gateway.inflight import Inflight
from kefu.gateway.listening import Answered, Stream
from kefu.gateway.service import Listener, Turns
from kefu.gateway.wire import MetaPart, frame
from kefu.messages import Caller, Meaning, Message, SessionId, TurnId

log = logging.getLogger("kefu.gateway")

RETRY_S = 1.0


class Member(Protocol):
    """A socket in a room."""

    def put(self, frame: bytes) -> None:
        """Queue a frame; never waits."""
        ...


class UserSaid(Struct, gc=False):
    """What the customer wrote on another of their sockets."""

    kind: str
    seq: int
    text: str


class DeltaFrame(Struct, gc=False):
    """A piece of the reply of turn `seq`."""

    seq: int
    text: str


class Room:
    """The sockets of one session in this process, and the frames of its unfinished turns."""

    __slots__ = ("members", "pump", "running")

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.running: dict[str, list[bytes]] = {}
        self.pump: asyncio.Task[None] | None = None

    def tell(self, frame: bytes, but: Member | None = None) -> None:
        """Give a frame to all members but one."""
        for member in tuple(self.members):
            if member is not but:
                member.put(frame)


class Rooms:
    """Finds, fills and empties rooms. The key is (tenant, session): ids of tenants may be equal."""

    def __init__(self, turns: Turns, inflight: Inflight) -> None:
        self._turns = turns
        self._inflight = inflight
        self._rooms: dict[tuple[str, SessionId], Room] = {}
        self._mark = b'{"origin":"' + secrets.token_hex(8).encode() + b'",'

    def __len__(self) -> int:
        return len(self._rooms)

    def find(self, caller: Caller, session: SessionId) -> Room | None:
        """The room of a session, if any socket listens."""
        return self._rooms.get((caller.tenant, session)) if self._rooms else None

    def join(self, caller: Caller, session: SessionId, member: Member) -> Room:
        """Let a socket in that may see the session; it gets the unfinished turns from their beginning."""
        key = (caller.tenant, session)
        room = self._rooms.get(key)
        if room is None:
            room = self._rooms[key] = Room()
            room.pump = self._inflight.start(self._listen(room, caller, session))
        if member not in room.members:
            room.members.append(member)
            for frames in room.running.values():
                for told in frames:
                    member.put(told)
        return room

    def leave(self, caller: Caller, session: SessionId, member: Member) -> None:
        """Let a socket go."""
        room = self.find(caller, session)
        if room is not None and member in room.members:
            room.members.remove(member)
            self.sweep(caller, session)

    def sweep(self, caller: Caller, session: SessionId) -> None:
        """Close the room when nobody listens and nothing runs."""
        room = self.find(caller, session)
        if room is None or room.members or room.running:
            return
        del self._rooms[(caller.tenant, session)]
        if room.pump is not None:
            room.pump.cancel()

    async def publish(self, message: Message, told: bytes) -> None:
        """Tell the other processes. The turn is durable already, so a lost frame only costs a refresh."""
        try:
            await self._turns.publish(message.session, message.caller, self._mark + told[1:])
        except KefuError as error:
            log.warning("a frame was not published: %s", type(error).__name__)

    async def _listen(self, room: Room, caller: Caller, session: SessionId) -> None:
        while True:
            try:
                async for told in self._turns.subscribe(session, caller):
                    if not told.startswith(self._mark):
                        room.tell(_unmarked(told, len(self._mark)))
                return
            except StoreError:
                await asyncio.sleep(RETRY_S)
            except KefuError:
                return


class Told:
    """A listener that tells a turn to its own door and to every other socket of its session."""

    def __init__(
        self, own: Listener, rooms: Rooms, message: Message, member: Member | None
    ) -> None:
        self._own = own
        self._rooms = rooms
        self._message = message
        self._member = member
        self._seq = 0
        self._turn = ""

    async def meta(
        self, seq: int, turn_id: TurnId, meaning: Meaning, vault: Mapping[str, str]
    ) -> None:
        """Tell what the customer wrote, then what was understood."""
        self._seq, self._turn = seq, turn_id
        await self._own.meta(seq, turn_id, meaning, vault)
        room = self._room()
        if room is None:
            return
        room.running[turn_id] = []
        self._tell(room, said_frame(seq, self._message.text))
        whole = Stream(self._message.session, lambda part: self._tell(room, meta_frame(part)), _no)
        await whole.meta(seq, turn_id, meaning, vault)

    async def delta(self, text: str) -> None:
        """Tell a piece."""
        await self._own.delta(text)
        room = self._room()
        if room is not None and text and self._turn:
            self._tell(room, frame("delta", DeltaFrame(self._seq, text)))

    async def done(self, answered: Answered) -> None:
        """Tell the finished turn, here and in other processes; a turn answered before is no news."""
        if answered.turn.again:
            return
        told = done_frame(answered)
        room = self._room()
        if room is not None:
            room.running.pop(self._turn, None)
            room.tell(told, but=self._member)
        await self._rooms.publish(self._message, told)

    def over(self) -> None:
        """The turn ended, with or without an answer."""
        room = self._room()
        if room is not None:
            room.running.pop(self._turn, None)
            self._rooms.sweep(self._message.caller, self._message.session)

    def _room(self) -> Room | None:
        return self._rooms.find(self._message.caller, self._message.session)

    def _tell(self, room: Room, told: bytes) -> None:
        if self._turn in room.running:
            room.running[self._turn].append(told)
        room.tell(told, but=self._member)


def meta_frame(part: MetaPart) -> bytes:
    """What was understood."""
    return frame("meta", part)


def delta_frame(seq: int, text: str) -> bytes:
    """A piece of a reply."""
    return frame("delta", DeltaFrame(seq, text))


def done_frame(answered: Answered) -> bytes:
    """A finished turn."""
    return b'{"type":"done",' + answered.body[1:]


def said_frame(seq: int, text: str) -> bytes:
    """What the customer wrote elsewhere."""
    return frame("notice", UserSaid("user_message", seq, text))


def _unmarked(told: bytes, length: int) -> bytes:
    return b"{" + told[length:] if told.startswith(b'{"origin":"') else told


def _no(_text: str) -> None:
    return
