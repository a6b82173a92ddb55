"""`encours migrate`: brings the database to this version."""

import typer

from encours.cli.output import fail, finish, out
from encours.cli.session import NO_DATABASE, JsonOption, start_django

app = typer.Typer()


@app.command()
def migrate(as_json: JsonOption = False) -> None:
    """Create or update the tables; loses nothing, may run again."""
    start_django(as_json=as_json)
    from django.db import OperationalError

    from encours.actions.migrate_store import UnableToMigrate, migrate_store

    try:
        migrate_store()
    except UnableToMigrate as error:
        fail(error.sentence, as_json=as_json)
    except OperationalError as error:
        fail(NO_DATABASE(detail=str(error).strip()), as_json=as_json)
    if not as_json:
        out.print("ok")
    finish({}, as_json=as_json)
