"""`encours import`: invoices, customers and bank statements from files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.output import console, fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company
from encours.core.problems import Problem
from encours.core.wording import Wording

if TYPE_CHECKING:
    from encours.core.imports import ImportOutcome
    from encours.ports.files import Progress

app = typer.Typer(add_completion=False)
TAKEN = Wording(
    "import.taken",
    fr="{created} créés, {unchanged} inchangés, {refused} refusés",
    en="{created} created, {unchanged} unchanged, {refused} refused",
)
BAD_MAPPING = Wording(
    "bad_mapping",
    fr="--map : écrivez « En-tête=champ » au lieu de « {pair} ».",
    en='--map: write "Header=field" instead of "{pair}".',
)


@app.command(name="import")
@french("Faire entrer des fichiers. Chacun est pris en entier ou refusé ; réimporter ne change rien.")
def import_(
    files: Annotated[
        list[Path],
        # what cannot be read is a problem of that file, not of the command
        typer.Argument(
            help=help_text(
                "import.files",
                fr="Factures, clients, FEC ou relevés bancaires.",
                en="Invoices, customers, FEC or bank statements.",
            ),
            metavar="FILE…",
            readable=False,
        ),
    ],
    kind: Annotated[
        str,
        typer.Option(
            help=help_text(
                "import.kind",
                fr="Type des fichiers, quand il n'est pas à reconnaître.",
                en="Kind of the files, when it is not to be recognised.",
            )
        ),
    ] = "",
    mapping: Annotated[
        list[str],
        typer.Option(
            "--map",
            help=help_text(
                "import.map",
                fr="Ce que contient une colonne : « En-tête=champ » ; peut être répété, est retenu.",
                en='What a column holds: "Header=field"; may be repeated, is remembered.',
            ),
        ),
    ] = [],  # noqa: B006 (typer's way to declare a repeated option)
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=help_text(
                "import.dry_run",
                fr="Lire seulement : sans société, rien n'est écrit.",
                en="Only read: no company, nothing is written.",
            ),
        ),
    ] = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Bring files in. Each is taken whole or refused; importing one again changes nothing."""
    from encours.actions.read_file import UNKNOWN_KIND, known_kinds

    if kind and kind not in known_kinds():
        fail(UNKNOWN_KIND(kind=kind, kinds=", ".join(known_kinds())), as_json=as_json)
    columns = _columns(mapping, as_json=as_json)
    if dry_run:
        entries = [_read_only(path, kind, columns, as_json=as_json) for path in files]
    else:
        with company(company_slug, as_json=as_json) as chosen:
            entries = [_import_one(chosen, path, kind, columns, as_json=as_json) for path in files]
    problems = [problem for _, found in entries for problem in found]
    finish({"dry_run": dry_run, "files": [entry for entry, _ in entries]}, problems=problems, as_json=as_json)


_Entry = tuple[dict[str, Any], Sequence[Problem]]


def _columns(mapping: list[str], *, as_json: bool) -> dict[str, str]:
    columns = {}
    for pair in mapping:
        header, sign, field = pair.rpartition("=")
        if not sign or not header.strip():
            fail(BAD_MAPPING(pair=pair), as_json=as_json)
        columns[header.strip()] = field.strip()
    return columns


def _import_one(chosen: Any, path: Path, kind: str, columns: dict[str, str], *, as_json: bool) -> _Entry:
    from encours.actions.import_file import receive_file, run_import
    from encours.actions.tidy_store import tidy_store
    from encours.ports.files import UnableToReadFile, shown_name

    try:
        batch = receive_file(company=chosen, source=path, actor="cli")
    except UnableToReadFile as error:
        return _refused(error.problem, kind or error.kind, as_json=as_json)
    with _progress(shown_name(path)) as progress:
        outcome = run_import(company=chosen, batch_id=batch.pk, kind=kind, columns=columns, progress=progress)
        tidy_store(changed_rows=outcome.created)
    if not as_json:
        _print(outcome)
        return {}, outcome.problems
    return outcome.as_json(language()), outcome.problems


def _read_only(path: Path, kind: str, columns: dict[str, str], *, as_json: bool) -> _Entry:
    """What importing into an empty company would take. Starts neither Django nor a database."""
    from encours.actions.preview_file import preview_file
    from encours.ports.files import UnableToReadFile, shown_name

    try:
        with _progress(shown_name(path)) as progress:
            preview = preview_file(path=path, kind=kind, columns=columns, progress=progress)
    except UnableToReadFile as error:
        return _refused(error.problem, kind or error.kind, as_json=as_json)
    if not as_json:
        _print(preview)
        return {}, preview.problems
    return preview.as_json(language()), preview.problems


def _refused(problem: Problem, kind: str, *, as_json: bool) -> _Entry:
    """Of a file that was not taken: its problem names it."""
    from encours.core.imports import ImportOutcome

    outcome = ImportOutcome(file=problem.file, kind=kind, state="refused", refused=1, problems=(problem,))
    if not as_json:
        _print(outcome)
    return outcome.as_json(language()), outcome.problems


def _print(outcome: "ImportOutcome") -> None:
    counts = TAKEN(created=outcome.created, unchanged=outcome.unchanged, refused=outcome.refused)
    out.print(f"{outcome.file}: {outcome.kind or '?'} · {counts.say(language())}", markup=False)
    for note in outcome.notes:
        out.print(f"  {note.say(language())}", markup=False, style="dim")


@contextmanager
def _progress(name: str) -> "Iterator[Progress]":
    """A line that moves while a large file is taken in; nothing when nobody watches."""
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task(name, total=None)

        def moved(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield moved
