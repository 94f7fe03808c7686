"""What a language model is asked, and what is taken of its answer."""
