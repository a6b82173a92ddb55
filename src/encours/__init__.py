"""Encours: accounts receivable and cash collection, self-hosted."""

__version__ = "0.1.0"
