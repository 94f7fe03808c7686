"""GET /v1/ws: the same conversation over a socket. Frames are JSON objects, both ways."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from kefu.errors import BadMessage, KefuError, NotFound, RateLimited
from kefu.gateway import frames
from kefu.gateway.admission import Admission, address
from kefu.gateway.auth import Authenticator
from kefu.gateway.body import SMALL
from kefu.gateway.entrance import Entrance, message_of
from kefu.gateway.frames import MessageFrame, PingFrame, ResumeFrame
from kefu.gateway.inflight import Inflight
from kefu.gateway.listening import Answered, Stream
from kefu.gateway.origins import Origins
from kefu.gateway.outbox import Outbox
from kefu.gateway.problems import Malformed, TooLarge, kind_of, problem_body
from kefu.gateway.rates import LocalBucket
from kefu.gateway.rooms import Rooms, delta_frame, done_frame, meta_frame
from kefu.gateway.sending import unexpected
from kefu.gateway.service import Notice, Turns
from kefu.gateway.wire import MetaPart, encode, response_of
from kefu.messages import Caller, SessionId, Turn

MOST_PENDING = 16
"""Turns of one socket that may be unanswered at once."""

MOST_STRIKES = 20
"""Messages over the limit, with none within it in between, until the socket is closed."""

POLICY, TRY_LATER = 1008, 1013
HANG_UP_S = 2.0


@dataclass(frozen=True, slots=True)
class Hall:
    """What every socket works with."""

    entrance: Entrance
    turns: Turns
    rooms: Rooms
    admission: Admission
    inflight: Inflight


class Socket:
    """One open socket. It carries one session, which its first message or resume names."""

    def __init__(self, hall: Hall, caller: Caller, ip: str, send: Send) -> None:
        self._hall = hall
        self._caller = caller
        self._ip = ip
        self._send = send
        self._outbox = Outbox(send, hall.inflight, self._drop)
        self._session: SessionId | None = None
        self._joined: Caller | None = None
        self._held: list[bytes] | None = None
        self._bucket: LocalBucket | None = None
        self._strikes = 0
        self._pending = 0
        self._reader: asyncio.Task[object] | None = None
        self._dropped = False

    async def serve(self, receive: Receive) -> None:
        """Read frames until either side hangs up."""
        self._reader = asyncio.current_task()
        try:
            await self._read(receive)
        except asyncio.CancelledError:
            if not self._dropped or self._reader is None:
                raise
            self._reader.uncancel()
            await self._hang_up(TRY_LATER)
        finally:
            self._reader = None
            self._outbox.close()
            if self._session is not None and self._joined is not None:
                self._hall.rooms.leave(self._joined, self._session, self)

    def put(self, frame: bytes) -> None:
        """Queue a frame for the client."""
        if self._held is None:
            self._outbox.put(frame)
        else:
            self._held.append(frame)

    async def _read(self, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            text = (message.get("text") or "").encode()
            if self._over_limit(text):
                if self._strikes >= MOST_STRIKES:
                    await self._outbox.flush(HANG_UP_S)
                    await self._hang_up(POLICY)
                    return
                continue
            try:
                await self._take(text)
            except KefuError as error:
                self._tell(frames.seq_of(text), error)

    async def _take(self, text: bytes) -> None:
        if not text:
            raise Malformed("", "send text frames, each one JSON object")
        if len(text) > SMALL:
            raise TooLarge(f"the frame is larger than {SMALL} bytes")
        frame = frames.read(text)
        if isinstance(frame, PingFrame):
            self.put(frames.notice("pong"))
        elif isinstance(frame, ResumeFrame):
            await self._resume(frame)
        else:
            await self._say(frame)

    async def _say(self, frame: MessageFrame) -> None:
        self._bind(frame.session_id)
        if self._pending >= MOST_PENDING:
            raise RateLimited("too many messages wait for their answer")
        message = message_of(frame, self._caller)
        await self._hall.entrance.admit(message, self._ip)
        self._pending += 1
        seq = frame.seq

        def on_meta(part: MetaPart) -> None:
            nonlocal seq
            seq = part.seq
            self._join(message.caller)
            self.put(meta_frame(part))

        stream = Stream(
            message.session, on_meta, lambda text: self.put(delta_frame(seq or 0, text))
        )
        work = self._hall.entrance.admitted(message, stream, member=self)
        self._hall.inflight.hand_over(work, lambda outcome: self._finish(seq, stream, outcome))

    def _finish(self, seq: int | None, stream: Stream, outcome: Answered | Exception) -> None:
        self._pending -= 1
        if isinstance(outcome, Exception):
            unexpected(outcome)
            self._tell(seq, outcome)
            return
        stream.finish(outcome.turn)
        self.put(done_frame(outcome))

    async def _resume(self, frame: ResumeFrame) -> None:
        """Send what was missed: asked before joining the room, to see that we may, and told from after it."""
        session = self._bind(frame.session_id)
        missed = self._hall.turns.missed
        try:
            await missed(session, self._caller, frame.last_seq)
        except NotFound:
            self.put(frames.notice("resumed", seq=frame.last_seq))
            return
        self._held = []
        try:
            self._join(self._caller)
            told = await missed(session, self._caller, frame.last_seq)
        finally:
            held, self._held = self._held, None
        for item in told:
            self.put(_frame_of(item))
        for waiting in _unknown(held, told):
            self.put(waiting)
        self.put(frames.notice("resumed", seq=_last_seq(told, frame.last_seq)))

    def _bind(self, session_id: str) -> SessionId:
        session = SessionId(session_id)
        if self._session is None:
            self._session = session
        elif self._session != session:
            raise BadMessage("session_id", "is another one; one socket carries one session")
        return session

    def _join(self, caller: Caller) -> None:
        if self._joined is None and self._session is not None and self._reader is not None:
            self._joined = caller
            self._hall.rooms.join(caller, self._session, self)

    def _over_limit(self, text: bytes) -> bool:
        limits = self._hall.admission.limits
        if not limits.enabled:
            return False
        now = time.monotonic()
        if self._bucket is None:
            self._bucket = LocalBucket(limits.socket, now)
        wait = self._bucket.take(now)
        if not wait:
            self._strikes = 0
            return False
        if not self._strikes:
            self.put(frames.notice("slow_down", wait=round(wait, 3)))
        self._strikes += 1
        self._tell(frames.seq_of(text), RateLimited("too many messages; slow down", wait))
        return True

    def _tell(self, seq: int | None, error: Exception) -> None:
        self.put(frames.error(seq, error))

    def _drop(self) -> None:
        """The client reads too slowly, or is gone: let the reader go."""
        if self._reader is not None:
            self._dropped = True
            self._reader.cancel()

    async def _hang_up(self, code: int) -> None:
        try:
            async with asyncio.timeout(HANG_UP_S):
                await self._send({"type": "websocket.close", "code": code})
        except (TimeoutError, OSError, RuntimeError):
            return


class WebSocketDoor:
    """Opens sockets."""

    def __init__(self, hall: Hall, auth: Authenticator, origins: Origins) -> None:
        self._hall = hall
        self._auth = auth
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a client in, or tell it why not, then serve it."""
        await receive()
        try:
            self._origins.check(scope)
            caller = self._auth.caller(scope)
        except KefuError as error:
            await _refuse(scope, send, error)
            return
        await send({"type": "websocket.accept"})
        await Socket(self._hall, caller, address(scope), send).serve(receive)


async def _refuse(scope: Scope, send: Send, error: KefuError) -> None:
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": POLICY})
        return
    headers = [(b"content-type", b"application/problem+json")]
    start = {"type": "websocket.http.response.start", "status": kind_of(error).status}
    await send({**start, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": problem_body(error)})


def _frame_of(item: Turn | Notice) -> bytes:
    if isinstance(item, Notice):
        return frames.notice_of(item)
    return done_frame(Answered(item, encode(response_of(item))))


def _last_seq(items: Sequence[Turn | Notice], least: int) -> int:
    return max([least, *(item.seq for item in items if item.seq is not None)])


def _unknown(held: list[bytes], told: Sequence[Turn | Notice]) -> list[bytes]:
    """The held frames without those of turns that were told whole already."""
    turns = [item for item in told if isinstance(item, Turn)]
    ids = tuple(turn.turn_id.encode() for turn in turns)
    starts = tuple(f'{{"type":"delta","seq":{turn.seq},'.encode() for turn in turns)
    return [
        frame
        for frame in held
        if not frame.startswith(starts) and not any(turn_id in frame for turn_id in ids)
    ]
