"""One folder per bank format, invoice format or channel. Nobody imports these: the registry finds them."""
