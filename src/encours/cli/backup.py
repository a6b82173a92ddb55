"""`encours backup`: the whole installation in one file."""

from pathlib import Path
from typing import Annotated

import typer

from encours.cli.output import fail, finish, out
from encours.cli.session import JsonOption, open_store

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write; it must not exist.")],
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
        out.print(f"{file}: {size / 1e6:.1f} MB")
    finish({"file": str(file), "size": size}, as_json=as_json)
