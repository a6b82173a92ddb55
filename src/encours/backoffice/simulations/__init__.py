"""Scénarios: what policies will do, would have done, and what becomes of what they ask for."""
