"""Tier 1: the compact encoder, from text to tensors and back."""
