"""Personal data: one recogniser per kind, and the finder that asks them."""
