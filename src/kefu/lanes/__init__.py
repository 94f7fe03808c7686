"""Batches for models: lanes by size that share one worker, and a measure of what pays."""
