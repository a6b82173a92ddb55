"""Mailboxes that are asked for replies."""
