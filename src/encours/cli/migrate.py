"""`encours migrate`: brings the database to this version."""

import typer

from encours.cli.help import french
from encours.cli.output import finish, language, out
from encours.cli.session import JsonOption, database, start_django
from encours.core.wording import Wording

app = typer.Typer(add_completion=False)
MIGRATED = Wording("migrated", fr="La base de données est à jour.", en="The database is up to date.")


@app.command()
@french("Créer ou mettre à jour les tables ; ne perd rien, peut être relancé.")
def migrate(as_json: JsonOption = False) -> None:
    """Create or update the tables; loses nothing, may run again."""
    start_django(as_json=as_json)
    from encours.actions.migrate_store import migrate_store

    with database(as_json=as_json):
        migrate_store()
    if not as_json:
        out.print(MIGRATED().say(language()))
    finish({}, as_json=as_json)
