"""Every key kefu has in Redis, in one place. All begin with `kefu:`; braces choose the cluster slot.

kefu:{<key>}:hot      hash     TTL given by commit/put   value, fence and lease of one key, see lease.lua
kefu:{<key>}:bucket   hash     TTL burst / rate + 1 s    tokens and stamp of one bucket; a full one is none
kefu:bus:<channel>    channel  nothing is kept           tells the other processes, at most once
kefu:bus              channel  nothing is kept           keeps the one shared subscription open when idle
"""

from __future__ import annotations

IDLE_CHANNEL = "kefu:bus"


def hot(key: str) -> str:
    """Name the hash that holds a hot key."""
    return f"kefu:{{{key}}}:hot"


def bucket(key: str) -> str:
    """Name the hash that holds a token bucket."""
    return f"kefu:{{{key}}}:bucket"


def channel(name: str) -> str:
    """Name the channel of the bus."""
    return f"kefu:bus:{name}"
