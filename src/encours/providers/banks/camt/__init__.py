"""ISO 20022 bank statements: camt.052, camt.053, camt.054 of every version."""

from encours.providers.banks.camt.feed import CamtFeed

__all__ = ["CamtFeed"]
