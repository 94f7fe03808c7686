"""DOOR. Bytes <-> messages over HTTP, SSE, WebSocket and OpenAI's protocol; nothing about customer service."""
