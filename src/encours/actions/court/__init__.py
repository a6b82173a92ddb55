"""How a file for a court is put together: its exhibits, its pages, its PDF, its archive."""
