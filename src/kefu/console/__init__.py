"""The API behind the web pages: the chat widget and the agent desk."""
