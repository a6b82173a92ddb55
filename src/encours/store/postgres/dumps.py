"""Plays what pg_dump wrote through the product's own connection.

So a backup comes back whatever the connection needs (TLS, several hosts), and into an older server than the one it
was made on: `pg_restore` itself would ask that one for settings it does not know.
"""

import re
import subprocess
from pathlib import Path
from typing import IO

from django.db import connection, transaction

from encours.store.postgres.programs import program

_COPY = re.compile(rb"^COPY .* FROM stdin;\n$")
# for psql only, or unknown before PostgreSQL 17
_LEFT_OUT = re.compile(rb"^(\\(un)?restrict .*|SET transaction_timeout = .*;)\n$")


class UnableToPlayDump(Exception):
    """The archive cannot be read. Nothing of it is in the database."""


def play_dump(archive: Path) -> None:
    """All or nothing. The connection's owner becomes the owner of everything; django.db's errors pass through."""
    command = [str(program("pg_restore")), "--no-owner", "--file=-", str(archive)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as script:
        assert script.stdout is not None
        assert script.stderr is not None
        with transaction.atomic():
            _play(script.stdout)
            said = script.stderr.read()
            if script.wait() != 0:
                raise UnableToPlayDump(said.decode(errors="replace").strip())


def _play(lines: IO[bytes]) -> None:
    statements: list[bytes] = []
    with connection.cursor() as cursor:
        for line in lines:
            if _COPY.match(line):
                cursor.execute(b"".join(statements).decode())
                statements = []
                with cursor.copy(line.decode()) as rows:
                    for row in lines:
                        if row == b"\\.\n":
                            break
                        rows.write(row)
            elif not _LEFT_OUT.match(line):
                statements.append(line)
        cursor.execute(b"".join(statements).decode())
