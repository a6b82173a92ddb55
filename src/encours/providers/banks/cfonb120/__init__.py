"""CFONB 120 (AFB 120), the fixed-width statement of French banks."""

from encours.providers.banks.cfonb120.feed import Cfonb120Feed

__all__ = ["Cfonb120Feed"]
