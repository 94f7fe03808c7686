"""A demo shop in SQLite: seeded data, look-ups from memory, changes in transactions."""
