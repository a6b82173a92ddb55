"""The finance team's web pages: parse the request, make one call, render."""
