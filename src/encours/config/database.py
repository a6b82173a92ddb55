"""Where the database is: `DATABASE_URL` names a server of one's own, without it the embedded one runs."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database_settings(*, url: str, data_folder: Path) -> dict[str, Any]:
    """Django's settings of the connection.

    The URL is read by libpq itself (PostgreSQL's manual, "Connection URIs"): several hosts, sockets and every
    parameter after `?` mean what they mean to psql.
    """
    common: dict[str, Any] = {
        "ENGINE": "encours.store.postgres",
        "AS_APP_ROLE": True,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    if not url:
        return common | {"NAME": "encours", "USER": "postgres", "HOST": "", "EMBEDDED_IN": str(data_folder)}
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    try:
        params = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError:
        # what libpq says quotes pieces of the URL, among them the password: it must not reach a log
        raise ImproperlyConfigured(
            "DATABASE_URL is not postgresql://user:password@host:5432/name?parameter=value, or a parameter is unknown;"
            " special characters of the password are written as %XX"
        ) from None
    if not params.get("dbname") and not params.get("service"):
        raise ImproperlyConfigured(
            "DATABASE_URL names no database: postgresql://user:password@host:5432/name"
        )
    named = {django: params.pop(libpq, "") for libpq, django in _DJANGO_NAMES.items()}
    return common | named | {"OPTIONS": params}
