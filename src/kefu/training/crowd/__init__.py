"""Whole-text classifiers that vote: linear over n-grams, and a small network, averaged after calibration."""
