"""Transports: each moves one message and brings back all that came. One a file."""
