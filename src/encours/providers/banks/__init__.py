"""Readers of what banks deliver, one folder per format."""
