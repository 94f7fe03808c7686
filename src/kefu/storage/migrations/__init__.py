"""Alembic's folder: env.py and one file per version of the tables. Run by migrating.py, as SQL text."""
