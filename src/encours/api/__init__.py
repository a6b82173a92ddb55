"""The API: what other programs ask of one company, over HTTP, with a token of its own."""
