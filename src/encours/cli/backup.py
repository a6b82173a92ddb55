"""`encours backup`: the whole installation in one file."""

from pathlib import Path
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import JsonOption, open_store
from encours.core.wording import Wording

app = typer.Typer(add_completion=False)
WRITTEN = Wording("backup.written", fr="{file} : {megabytes} Mo", en="{file}: {megabytes} MB")


@app.command()
@french(
    "Écrire les données et les fichiers de toutes les sociétés dans une archive, pendant que le travail continue.\n\nLa clé de `secret_key` n'en fait pas partie : gardez-en une copie à part."
)
def backup(
    file: Annotated[
        Path,
        typer.Argument(
            help=help_text(
                "backup.file",
                fr="Archive à écrire ; elle ne doit pas exister.",
                en="Archive to write; it must not exist.",
            )
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Write every company's data and files into one archive, while work goes on.

    The key in `secret_key` is not part of it: keep a copy of it apart.
    """
    open_store(as_json=as_json)
    from django.utils import timezone

    from encours.actions.back_up import UnableToBackUp, back_up

    try:
        size = back_up(target=file.resolve(), now=timezone.now())
    except UnableToBackUp as error:
        fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(WRITTEN(file=str(file), megabytes=round(size / 1e6)).say(language()), markup=False)
    finish({"file": str(file), "size": size}, as_json=as_json)
