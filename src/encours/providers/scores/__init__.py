"""Readers of scores."""
