"""A pack: what the owner of a bot wrote, as plain files; loaded, checked, immutable."""
