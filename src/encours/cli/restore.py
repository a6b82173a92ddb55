"""`encours restore`: a backup into an empty installation."""

from pathlib import Path
from typing import Annotated

import typer

from encours.cli.output import fail, finish, out
from encours.cli.session import JsonOption, database, start_django

app = typer.Typer()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Archive that `encours backup` wrote.", readable=False)],
    as_json: JsonOption = False,
) -> None:
    """Bring a backup into an empty data folder (ENCOURS_HOME) or an empty database (DATABASE_URL)."""
    start_django(as_json=as_json)
    from encours.actions.restore import UnableToRestore
    from encours.actions.restore import restore as restore_archive

    try:
        with database(as_json=as_json):
            restore_archive(source=file)
    except UnableToRestore as error:
        fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print("ok")
    finish({}, as_json=as_json)
