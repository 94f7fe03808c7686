"""What may come in and go out: normalising, personal data, moderation, injection signals."""
