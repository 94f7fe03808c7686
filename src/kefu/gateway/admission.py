"""Whether a message may come in, decided before any work is done for it."""

from __future__ import annotations

import ipaddress

from starlette.types import Scope

from kefu.gateway.concurrency import Places
from kefu.gateway.limits import Bucket, Limits
from kefu.gateway.rates import Rates, Tokens
from kefu.messages import Caller


class Admission:
    """Token buckets per user, address and tenant, then a place among the running turns."""

    def __init__(self, limits: Limits, tokens: Tokens) -> None:
        self.limits = limits
        self.places = Places(limits)
        self._rates = Rates(tokens)

    async def admit(self, caller: Caller, session: str, ip: str) -> None:
        """Let one turn in; pair with `leave`. Raises RateLimited, QueueFull or Overloaded."""
        if not self.limits.enabled:
            return
        await self.count(caller, session, ip)
        await self.places.enter(caller.tier == "vip")

    async def count(self, caller: Caller, session: str, ip: str) -> None:
        """Count one call that needs no place. Raises RateLimited."""
        if not self.limits.enabled:
            return
        for key, bucket in self._buckets(caller, session, ip):
            await self._rates.take(key, bucket)

    def leave(self, seconds: float | None) -> None:
        """The turn is over; `seconds` is its latency where it tells of our own load, else None."""
        if self.limits.enabled:
            self.places.leave(seconds)

    def _buckets(self, caller: Caller, session: str, ip: str) -> list[tuple[str, Bucket]]:
        who = caller.user_id or session
        kind = "user" if caller.user_id else "session"
        buckets = []
        if who:
            buckets.append((f"rate:{kind}:{caller.tenant}:{who}", self.limits.user))
        if not caller.service:
            buckets.append((f"rate:ip:{ip}", self.limits.ip))
        if caller.tier != "vip":
            buckets.append((f"rate:tenant:{caller.tenant}", self.limits.tenant))
        return buckets


def address(scope: Scope) -> str:
    """Where a request comes from; an IPv6 address is folded to its /64, which one host owns as a whole."""
    client = scope.get("client")
    host: str = client[0] if client else "local"
    if ":" not in host:
        return host
    try:
        folded = ipaddress.IPv6Network((host.partition("%")[0], 64), strict=False)
    except ValueError:
        return host
    return str(folded.network_address)
