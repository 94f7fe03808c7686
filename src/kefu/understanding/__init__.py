"""Text to Meaning: intents in the order said, slots, mood. Linear models and rules, numpy alone."""
