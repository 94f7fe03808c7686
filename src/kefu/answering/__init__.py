"""Carry a decision out: FAQ, flows, templates, generated prose, a person, and the apology that cannot fail."""
