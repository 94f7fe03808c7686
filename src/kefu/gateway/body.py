"""A request's body: bounded in size and time, then decoded once, strictly."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import msgspec
from starlette.types import Receive, Scope

from kefu.errors import BadMessage
from kefu.gateway.problems import Malformed, TooLarge, TooSlow, Unsupported

T = TypeVar("T")

SMALL = 64 * 1024
"""Bytes of a message."""

LARGE = 4 * 1024 * 1024
"""Bytes of a batch: 256 texts of 2,000 characters, each escaped, and room."""

READ_S = 10.0

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at (?:key in )?`\$(?P<path>.*?)`)?$", re.DOTALL)
_NAMED = re.compile(
    r"^Object (?P<why>missing required|contains unknown) field `(?P<name>.*)`$", re.S
)


class ClientGone(Exception):
    """The client hung up before it had finished asking."""


async def read(scope: Scope, receive: Receive, limit: int = SMALL) -> bytes:
    """The whole body. Raises TooLarge before reading more than `limit` bytes, TooSlow after READ_S."""
    _refuse_by_headers(scope, limit)
    try:
        async with asyncio.timeout(READ_S):
            return await _read(receive, limit)
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {READ_S:.0f} seconds") from None


async def _read(receive: Receive, limit: int) -> bytes:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message.get("body", b"")
    while message.get("more_body", False) and len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
    if len(body) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    return body


def _refuse_by_headers(scope: Scope, limit: int) -> None:
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:19]) > limit):
            raise TooLarge(f"the body is larger than {limit} bytes")
        if name == b"content-encoding" and value.lower() != b"identity":
            raise Unsupported("send the body without a content coding")


async def drain(receive: Receive, most: int = 16 * 1024 * 1024, seconds: float = 5.0) -> None:
    """Read on for a while after a refusal: hanging up at once would destroy the answer on its way."""
    try:
        async with asyncio.timeout(seconds):
            while most > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                most -= len(message.get("body", b""))
    except TimeoutError:
        return


class Decoder(Generic[T]):
    """Bytes to one request type, strictly: no duplicate keys, nothing that is not Unicode text."""

    def __init__(self, kind: type[T], oddities: bool = True) -> None:
        """`oddities`: refuse duplicate keys; off for requests of which we read only a part."""
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind)
        self._keys = tuple(f'"{key}"'.encode() for key in sorted(_keys_of(kind)))
        self._oddities = oddities

    def decode(self, body: bytes) -> T:
        """The request. Raises Malformed, or BadMessage with the field's dotted path."""
        try:
            request = self._decode(body)
        except msgspec.ValidationError as error:
            raise _bad_field(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed("", f"the body is not JSON: {error}") from None
        except RecursionError:
            raise Malformed("", "the JSON is nested too deeply") from None
        if self._oddities and self._suspicious(body):
            json.loads(body, object_pairs_hook=_once)
        _refuse_newline(request)
        return request

    def _decode(self, body: bytes) -> T:
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            if "got `float`" not in str(error):
                raise
            # To JSON Schema, 2.0 is an integer.
            try:
                content = json.loads(body, parse_float=_number)
            except ValueError:
                raise error from None
        return msgspec.convert(content, self._kind)

    def _suspicious(self, body: bytes) -> bool:
        """Whether a key may come twice. Cheap, and never wrongly False."""
        if b"\\u00" in body or b'"attachments"' in body:
            return True
        return any(body.count(key) > 1 for key in self._keys)


def _keys_of(kind: object) -> set[str]:
    """Every key that the type and the types in it know."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        keys = set(kind.__struct_encode_fields__)
        for hint in get_type_hints(kind).values():
            keys |= _keys_of(hint)
        return keys
    return {key for argument in get_args(kind) for key in _keys_of(argument)}


def _bad_field(text: str) -> BadMessage:
    match = _PLACE.match(text)
    what, path = (match["what"], match["path"] or "") if match else (text, "")
    field = path.replace("[...]", "").replace("[", ".").replace("]", "").strip(".")
    named = _NAMED.match(what)
    if named is None:
        return BadMessage(field, what)
    why = "is required" if named["why"].startswith("missing") else "is not a known field"
    return BadMessage(f"{field}.{named['name']}".strip("."), why)


def _once(items: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in items]
    for name in names:
        if names.count(name) > 1:
            raise Malformed(name, "comes twice")


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _refuse_newline(request: object) -> None:
    """Python's `$` also matches before a last line break; JSON Schema's does not."""
    session = getattr(request, "session_id", "")
    if session.endswith("\n"):
        raise BadMessage("session_id", "must not end in a line break")
