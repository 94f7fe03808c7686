"""Who asks. A service proves itself with a key; everybody else is anonymous, whatever they claim."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.types import Scope

from kefu.errors import NotAuthenticated
from kefu.gateway.wire import UserPart
from kefu.messages import Caller

ANONYMOUS = Caller()


@dataclass(frozen=True, slots=True)
class Keys:
    """Service keys.

    `tenants` maps each key to its tenant; `required` refuses callers without a key.
    """

    tenants: Mapping[str, str] = field(default_factory=dict)
    required: bool = False


class Authenticator:
    """Tells who asks from the Authorization header.

    Keys are looked up by digest, so neither memory dumps nor timing tell them.
    """

    def __init__(self, keys: Keys) -> None:
        self._callers = {
            _digest(key.encode()): Caller(tenant=tenant, service=True)
            for key, tenant in keys.tenants.items()
        }
        self._required = keys.required

    def caller(self, scope: Scope, lenient: bool = False) -> Caller:
        """The caller of a request or socket. Raises NotAuthenticated for a bad or a missing key.

        `lenient`: where no key is set up at all, any key is as good as none (OpenAI clients cannot go without).
        """
        credentials = _authorization(scope["headers"])
        if credentials is None:
            if self._required:
                raise NotAuthenticated("send Authorization: Bearer <service key>")
            return ANONYMOUS
        scheme, _, key = credentials.partition(b" ")
        known = self._callers.get(_digest(key.strip()))
        if lenient and not self._callers and not self._required:
            return ANONYMOUS
        if scheme.lower() != b"bearer" or known is None:
            raise NotAuthenticated("this key is not known")
        return known


def on_behalf(caller: Caller, user: UserPart | None) -> Caller:
    """The caller for one message: a service may name the user it speaks for, nobody else may."""
    if user is None or not caller.service:
        return caller
    return Caller(tenant=caller.tenant, user_id=user.id, tier=user.tier, service=True)


def _authorization(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    for name, value in headers:
        if name == b"authorization":
            return value
    return None


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
