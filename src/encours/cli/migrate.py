"""`encours migrate`: brings the database to this version."""

import typer

from encours.cli.output import fail, finish, out
from encours.cli.session import JsonOption, start_django

app = typer.Typer()


@app.command()
def migrate(as_json: JsonOption = False) -> None:
    """Create or update the tables; loses nothing, may run again."""
    start_django()
    from django.db import OperationalError

    from encours.actions.migrate_store import UnableToMigrate, migrate_store

    try:
        migrate_store()
    except (UnableToMigrate, OperationalError) as error:
        fail(f"database: {error}".strip(), code="no_database", as_json=as_json)
    if not as_json:
        out.print("ok")
    finish({}, as_json=as_json)
