"""The log, the ratings and the desk's queue.

Columns are spelt out: a version must not change when tables.py does.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "log",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("session", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("seq", sa.BigInteger),
        sa.Column("turn_id", sa.Text),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("intents", sa.Text, nullable=False),
        sa.Column("emotion", sa.Text, nullable=False),
        sa.Column("latency_ms", sa.Double, nullable=False),
    )
    op.create_index("log_seq", "log", ["tenant", "session", "seq"], unique=True)
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("session", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text),
        sa.Column("csat", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ratings_session", "ratings", ["tenant", "session"])
    op.create_table(
        "waiting",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("session", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
    )
