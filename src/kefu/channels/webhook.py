"""POST /channels/webhook/{name}: any messaging system that can sign a call.

A message is answered once: its sequence number is made of the sender's id of it, so that a repeated call finds
the first answer in the log, whatever was restarted meanwhile. Ids must be unique within a conversation.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from kefu.channels import signing
from kefu.errors import NotFound
from kefu.gateway import body, sending
from kefu.gateway.body import Decoder
from kefu.gateway.listening import NOBODY
from kefu.gateway.service import Listener
from kefu.gateway.wire import NameField, TextField, encode
from kefu.messages import Caller, Message, SessionId, Turn

PATH = "/channels/webhook/{name}"

_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""Conversation names that a session id can hold as they are."""

_SEQ_BITS = 53
"""As much as every JSON reader takes for an integer; two ids clash once in 10^10 conversations of 1,000."""


class Turns(Protocol):
    """Who answers."""

    async def respond(self, message: Message, listener: Listener) -> Turn:
        """Answer one message; the same (session, seq) gets the first answer again."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One messaging system, and the secret that it shares with us."""

    name: str
    secret: str = field(repr=False)


class WebhookMessage(Struct, forbid_unknown_fields=True):
    """What a customer said there. `id` is the sender's name of the message; a `user` owns the conversation."""

    conversation: NameField
    text: TextField
    id: NameField
    user: NameField | None = None


class WebhookReply(Struct):
    """What to show the customer; an empty reply while a person answers."""

    reply: str
    turn_id: str
    handoff: bool


class Webhook:
    """The door of all channels of this kind."""

    def __init__(self, channels: Mapping[str, ChannelSettings], turns: Turns) -> None:
        self._channels = channels
        self._turns = turns
        self._decoder = Decoder(WebhookMessage)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one signed message. Raises NotFound, NotAuthenticated, and what a turn raises."""
        channel = self._channels.get(scope["path_params"]["name"])
        if channel is None:
            raise NotFound("there is no channel of this name")
        content = await body.read(scope, receive)
        signing.check(channel.secret.encode(), _signature(scope), content)
        message = message_of(channel, self._decoder.decode(content))
        turn = await self._turns.respond(message, NOBODY)
        await sending.reply_json(send, encode(WebhookReply(turn.said, turn.turn_id, turn.handoff)))


def routes(channels: Mapping[str, str], turns: Turns) -> list[BaseRoute]:
    """The route of the channels (name to secret); none where no channel is set up."""
    known = {name: ChannelSettings(name, secret) for name, secret in channels.items()}
    return [Route(PATH, Webhook(known, turns), methods=["POST"])] if known else []


def message_of(channel: ChannelSettings, asked: WebhookMessage) -> Message:
    """The message that a call carries. The channel proved who it is, so we believe who the user is."""
    return Message(
        session=session_of(channel, asked.conversation),
        text=asked.text,
        caller=Caller(user_id=asked.user, service=True),
        at=datetime.now(UTC),
        seq=seq_of(asked.id),
    )


def session_of(channel: ChannelSettings, conversation: str) -> SessionId:
    """`webhook.<channel>.<conversation>.<tag>`.

    A session id opens a conversation that nobody owns, and the names of conversations can be guessed;
    the tag, made with the secret, cannot.
    """
    plain = _PLAIN.fullmatch(conversation) is not None
    shown = conversation if plain else hashlib.sha256(conversation.encode()).hexdigest()[:32]
    told = f"session.{conversation}".encode()
    tag = hmac.new(channel.secret.encode(), told, hashlib.sha256).hexdigest()[:16]
    return SessionId(f"webhook.{channel.name}.{shown}.{tag}")


def seq_of(message_id: str) -> int:
    """The sequence number of a message: 53 bits of its id's hash, in no order."""
    digest = hashlib.blake2b(message_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> (64 - _SEQ_BITS)


def _signature(scope: Scope) -> bytes:
    return next((bytes(value) for name, value in scope["headers"] if name == signing.HEADER), b"")
