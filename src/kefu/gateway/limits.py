"""How much the doors let in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """`burst` tokens at once, refilled at `rate` per second."""

    rate: float
    burst: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The section `limits` of the settings.

    `user` counts one user (a session where nobody is signed in), `ip` one address (an IPv6 /64) that is no
    service, `tenant` all standard callers of a tenant, `socket` the frames of one WebSocket. `least` and
    `most` bound the concurrency that adapts between them; `queue` is how many may wait for a place, for at
    most `wait_s` seconds. `vip_share` of the concurrency is kept for VIPs.
    """

    enabled: bool = True
    user: Bucket = Bucket(5.0, 40.0)
    ip: Bucket = Bucket(100.0, 400.0)
    tenant: Bucket = Bucket(2000.0, 4000.0)
    socket: Bucket = Bucket(10.0, 40.0)
    least: int = 64
    most: int = 2048
    queue: int = 256
    wait_s: float = 2.0
    vip_share: float = 0.2
