"""`python -m encours`, the same as `encours`."""

from encours.cli.main import main

if __name__ == "__main__":
    main()
