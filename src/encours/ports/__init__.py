"""What providers implement: small protocols over frozen values, found by entry point."""
