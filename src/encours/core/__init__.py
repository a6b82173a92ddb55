"""The business, pure: values in, values out. No Django, no clock, no network."""
