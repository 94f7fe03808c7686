"""Trying a change on a part of the conversations: who gets it, decided by a hash. No I/O."""
