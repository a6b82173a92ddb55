"""Settings, routes and the composition root."""
