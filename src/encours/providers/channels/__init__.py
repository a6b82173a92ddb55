"""Channels: ways a message leaves."""
