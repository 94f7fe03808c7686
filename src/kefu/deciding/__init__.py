"""Meaning, dialogue and load to a decision, with its reason. Pure, no I/O."""
