"""Frames of a socket that are not a turn: what clients send, and the notices they get."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, UnsetType

from kefu.gateway.body import Decoder
from kefu.gateway.problems import problem_of
from kefu.gateway.service import Notice
from kefu.gateway.wire import LARGEST_SEQ, ChatRequest, SessionField, frame
from kefu.gateway.wire_parts import Problem, ProblemError


class MessageFrame(ChatRequest, forbid_unknown_fields=True, kw_only=True):
    """One customer message; `type` may be left out."""

    type: Literal["message"] = "message"


class ResumeFrame(Struct, forbid_unknown_fields=True, kw_only=True):
    """Asks for what came after `last_seq`; -1 is everything."""

    type: Literal["resume"]
    session_id: SessionField
    last_seq: Annotated[int, Meta(ge=-1, le=LARGEST_SEQ)] = -1


class PingFrame(Struct, forbid_unknown_fields=True):
    """Asks whether we are there, for clients that cannot send a WebSocket ping."""

    type: Literal["ping"]


class _Head(Struct):
    type: str = "message"


class _Number(Struct):
    seq: int | None = None


class NoticePart(Struct, omit_defaults=True, gc=False):
    """Something a client has to know that is not an answer."""

    kind: str
    text: str = ""
    seq: int | None = None
    retry_after: float | None = None
    id: str | None = None


class ErrorPart(Struct, gc=False):
    """A problem with the message `seq`; null where it had none. `problem` is the whole problem+json."""

    seq: int | None
    status: int
    title: str
    detail: str
    errors: list[ProblemError]
    problem: Problem


_head = msgspec.json.Decoder(_Head)
_number = msgspec.json.Decoder(_Number)
_message = Decoder(MessageFrame)
_resume = Decoder(ResumeFrame)
_ping = Decoder(PingFrame)


def read(text: bytes) -> MessageFrame | ResumeFrame | PingFrame:
    """A client's frame. Raises Malformed, or BadMessage with the field."""
    if b'"type"' not in text:
        return _message.decode(text)
    try:
        kind = _head.decode(text).type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        kind = "message"
    if kind == "resume":
        return _resume.decode(text)
    return _ping.decode(text) if kind == "ping" else _message.decode(text)


def seq_of(text: bytes) -> int | None:
    """The number of a frame that is not in order otherwise, so that its client can tell which one it was."""
    try:
        return _number.decode(text).seq
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def error(seq: int | None, error: Exception) -> bytes:
    """An error frame."""
    problem = problem_of(error)
    errors = [] if isinstance(problem.errors, UnsetType) else problem.errors
    part = ErrorPart(seq, problem.status, problem.title, problem.detail, errors, problem)
    return frame("error", part)


def notice(kind: str, text: str = "", seq: int | None = None, wait: float | None = None) -> bytes:
    """A notice."""
    return frame("notice", NoticePart(kind, text, seq, wait))


def notice_of(told: Notice) -> bytes:
    """A notice that came from below."""
    return frame("notice", NoticePart(told.kind, told.text, told.seq, None, told.id))
