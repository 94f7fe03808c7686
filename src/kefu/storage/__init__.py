"""Bytes with TTL, versions, leases and counters, and the SQL log. No domain types."""
