"""Connections of the product: to the embedded server or one's own, as the restricted role, for one company.

Each new connection takes the role `encours_app`, which row-level security binds, and tells PostgreSQL
which company it may see (`encours.company`). `as_owner` lifts the role for migrations and backups only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import sql

from encours.store.postgres.embedded import socket_folder

APP_ROLE = "encours_app"
current_company: ContextVar[int | None] = ContextVar("current_company", default=None)
_owner: ContextVar[bool] = ContextVar("owner", default=False)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        data_folder = self.settings_dict.get("EMBEDDED_IN")
        if data_folder and not self.settings_dict["HOST"]:
            self.settings_dict["HOST"] = socket_folder(Path(data_folder))
        params: Any = super().get_connection_params()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            wanted = self.settings_dict["NAME"]
            if not self.settings_dict.get("EMBEDDED_IN") or f'database "{wanted}" does not exist' not in str(
                error
            ):
                raise
        server_params: Any = conn_params | {"dbname": "postgres", "autocommit": True}
        with psycopg.connect(**server_params) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(wanted)))
        return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        super().init_connection_state()
        with self.connection.cursor() as cursor:
            if self.settings_dict.get("AS_APP_ROLE") and not _owner.get():
                cursor.execute(f"SET ROLE {APP_ROLE}")
            company = current_company.get()
            if company is not None:
                cursor.execute("SELECT set_config('encours.company', %s, false)", [str(company)])
        if not self.get_autocommit():
            self.connection.commit()


@contextmanager
def owner_connections() -> Iterator[None]:
    """Connections opened inside are the owner's: they see every company and may change the schema."""
    token = _owner.set(True)
    try:
        yield
    finally:
        _owner.reset(token)
