"""DOOR. Messaging systems: what each of them sends becomes a message, one file each."""
