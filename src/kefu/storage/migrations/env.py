"""Alembic's entry: write the SQL that leads from one version to another; nothing is run here."""

from __future__ import annotations

from alembic import context

context.configure(
    dialect_name=context.config.attributes["dialect"],
    output_buffer=context.config.attributes["output"],
    literal_binds=True,
    transactional_ddl=False,  # the caller has the transaction, and the lock
)
context.run_migrations()
