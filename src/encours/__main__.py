"""`python -m encours`, the same as `encours`."""

from encours.cli.main import main

main()
