"""Queues, agents, take-over and return."""
