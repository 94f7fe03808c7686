"""What sql.py needs of a database: three ways to talk to it, none of which knows SQLAlchemy or a deadline."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from kefu.storage.base import Entry

Values = Mapping[str, Any]
Row = Sequence[Any]


class Database(ABC):
    """Statements are named as in statements.py. Raises one of `failures` when the database is away."""

    failures: tuple[type[Exception], ...]

    @abstractmethod
    async def append(self, entries: list[Entry]) -> list[Exception | None]:
        """Make entries durable in one transaction; in a clashing one's place a VersionClash."""

    @abstractmethod
    async def fetch(self, name: str, values: Values) -> Sequence[Row]:
        """Read rows, not waiting for writers."""

    @abstractmethod
    async def change(self, names: Sequence[str], values: Values) -> None:
        """Run statements with the same values in one transaction."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections and threads."""
