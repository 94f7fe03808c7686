"""Metrics, traces and logs. None of them ever holds what a customer wrote, or who the customer is."""
