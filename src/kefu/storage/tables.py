"""The tables as statements see them. Made, and changed, by migrations/versions/."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, MetaData, Table, Text

HEAD = "0001"
"""The newest version in migrations/versions/: at this one, starting up needs no Alembic."""

METADATA = MetaData()

LOG = Table(
    "log",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("session", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("seq", BigInteger),
    Column("turn_id", Text),
    Column("fingerprint", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("intents", Text, nullable=False),
    Column("emotion", Text, nullable=False),
    Column("latency_ms", Double, nullable=False),
)
"""Columns in the order of base.Entry's fields."""

RATINGS = Table(
    "ratings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("turn_id", Text),
    Column("csat", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

WAITING = Table(
    "waiting",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("session", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("agent", Text),
    Column("since_ms", BigInteger, nullable=False),
)
"""Columns in the order of base.Waiting's fields."""
