"""Flows: run from their top at every turn, over fresh look-ups; the only owners of changes."""
