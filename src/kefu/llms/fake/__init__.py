"""A fake vendor: a real server that speaks OpenAI's completions, well or badly."""
