"""One file per version. The newest one's `revision` is tables.HEAD."""
