"""Writes, one module per verb: load, decide (core), save, journal, in one transaction."""
