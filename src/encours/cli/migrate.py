"""`encours migrate`: brings the database to this version."""

import typer

from encours.cli.output import finish, out
from encours.cli.session import JsonOption, database, start_django

app = typer.Typer()


@app.command()
def migrate(as_json: JsonOption = False) -> None:
    """Create or update the tables; loses nothing, may run again."""
    start_django(as_json=as_json)
    from encours.actions.migrate_store import migrate_store

    with database(as_json=as_json):
        migrate_store()
    if not as_json:
        out.print("ok")
    finish({}, as_json=as_json)
