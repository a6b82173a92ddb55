"""`encours restore`: a backup into an empty installation."""

from pathlib import Path
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import JsonOption, database, start_django
from encours.core.wording import Wording

app = typer.Typer(add_completion=False)
RESTORED = Wording("restored", fr="La sauvegarde est en place.", en="The backup is in place.")


@app.command()
@french(
    "Remettre une sauvegarde dans un dossier de données vide (ENCOURS_HOME) ou une base vide (DATABASE_URL)."
)
def restore(
    file: Annotated[
        Path,
        typer.Argument(
            help=help_text(
                "restore.file",
                fr="Archive écrite par `encours backup`.",
                en="Archive that `encours backup` wrote.",
            ),
            readable=False,
        ),
    ],
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
        out.print(RESTORED().say(language()))
    finish({}, as_json=as_json)
