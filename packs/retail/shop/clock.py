"""The demo clock: the shop's data never age.

Every time in the database is a number of seconds relative to the moment the data were made. That moment slides
forward by whole days as time passes, so an order "paid three hours ago" is never weeks old, and nothing has to
be made anew: changes that customers made slide along. Real wall-clock time is used for the daily caps alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from .rules import DAY

CHINA = timezone(timedelta(hours=8), "CST")


class Clock:
    """Turns seconds of the demo into wall-clock times; `born` is in seconds since 1970."""

    def __init__(self, born: int) -> None:
        self._born = born

    def seconds(self, now: datetime) -> int:
        """Now, in seconds of the demo: 0 up to one day."""
        return (int(now.timestamp()) - self._born) % DAY

    def at(self, seconds: int, now: datetime) -> datetime:
        """When something is (or was): a time in China."""
        zero = int(now.timestamp()) - self.seconds(now)
        return datetime.fromtimestamp(zero + seconds, CHINA)

    def past(self, seconds: int, now: datetime) -> datetime:
        """When something happened. What a customer did yesterday evening must not lie ahead this morning."""
        return self.at(min(seconds, self.seconds(now)), now)


def wall() -> datetime:
    """Now in China."""
    return datetime.now(UTC).astimezone(CHINA)
