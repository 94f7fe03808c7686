"""The page that `kefu evaluate --html` writes: one file, nothing fetched."""
