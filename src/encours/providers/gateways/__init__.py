"""Payment services, one folder each."""
