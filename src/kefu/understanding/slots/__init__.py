"""Slots: one file per family of values, and the finder that puts them together with the tagger."""
