"""Sources of invoices, one folder each."""
