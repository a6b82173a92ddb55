"""A believable company, invented from a seed, that writes the files a real one would bring.

The same seed, day and scale give the same files, byte for byte. Names are invented, addresses of mail are
below `.example`, so nothing can reach anybody.
"""
