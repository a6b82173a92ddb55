"""`encours export`: entries for the books, as a FEC or in the layout of an accounting package."""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.accounting.fec import ENCODINGS, SEPARATORS
from encours.core.accounting.layouts import LAYOUTS
from encours.core.money import Money
from encours.core.wording import Wording

if TYPE_CHECKING:
    from encours.actions.export_entries import Exported
    from encours.store.models import Company

app = typer.Typer(
    add_completion=False,
    help=help_text("export", fr="Écritures pour les livres.", en="Entries for the books."),
    no_args_is_help=True,
)

BAD_DATE = Wording(
    "export_bad_date",
    fr="{option} « {text} » n'est pas une date : AAAA-MM-JJ.",
    en='{option} "{text}" is no date: YYYY-MM-DD.',
)
BAD_CHOICE = Wording(
    "export_bad_choice",
    fr="{option} : « {text} » n'existe pas. Au choix : {choices}.",
    en='{option}: there is no "{text}". Choose one of {choices}.',
)
UNWRITABLE = Wording(
    "export_unwritable",
    fr="Le fichier {path} ne peut pas être écrit : {reason}.",
    en="The file {path} cannot be written: {reason}.",
)
LINES_AND_ENTRIES = Wording(
    "export.counts",
    fr="{lines} lignes, {entries} écritures, {total}",
    en="{lines} lines, {entries} entries, {total}",
)
DRAFT = Wording("export.is_draft", fr="brouillon, rien n'est retenu", en="draft, nothing is remembered")
CLOSED = Wording("export.closed", fr="clos jusqu'au {until}", en="closed until {until}")
FromOption = Annotated[
    str,
    typer.Option(
        "--from",
        help=help_text("export.from", fr="Premier jour, AAAA-MM-JJ.", en="First day, YYYY-MM-DD."),
        metavar="DATE",
    ),
]
ToOption = Annotated[
    str,
    typer.Option(
        "--to",
        help=help_text("export.to", fr="Dernier jour, AAAA-MM-JJ.", en="Last day, YYYY-MM-DD."),
        metavar="DATE",
    ),
]
OutOption = Annotated[
    str,
    typer.Option(
        "--out",
        help=help_text(
            "export.out",
            fr="Fichier ou dossier ; par défaut le dossier courant.",
            en="File or folder; the current folder is the default.",
        ),
        metavar="PATH",
    ),
]
DraftOption = Annotated[
    bool,
    typer.Option(
        "--draft",
        help=help_text(
            "export.draft",
            fr="Pour voir : rien n'est numéroté, clos ni retenu.",
            en="Look only: nothing is numbered, closed or remembered.",
        ),
    ),
]


@app.command()
@french(
    "Écrire le FEC d'une période (LPF art. A47 A-1) : les livres repris, et ce qui s'est passé ici depuis."
)
def fec(
    from_day: FromOption,
    to_day: ToOption,
    out_path: OutOption = "",
    draft: DraftOption = False,
    separator: Annotated[
        str, typer.Option(help=help_text("export.separator", fr="tab ou pipe.", en="tab or pipe."))
    ] = "tab",
    encoding: Annotated[
        str,
        typer.Option(
            help=help_text("export.encoding", fr="utf-8 ou iso-8859-15.", en="utf-8 or iso-8859-15.")
        ),
    ] = "utf-8",
    company_slug: CompanyOption = "",
    on: OnOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the FEC of a period (LPF art. A47 A-1): the books that were brought in, and what happened here since."""
    _choose("--separator", separator, tuple(SEPARATORS), as_json=as_json)
    _choose("--encoding", encoding, ENCODINGS, as_json=as_json)
    _export(
        "fec", from_day, to_day, out_path, company_slug, on, as_json=as_json, draft=draft,
        separator=separator, encoding=encoding,
    )  # fmt: skip


@app.command()
@french("Écrire les écritures d'une période comme un logiciel comptable les importe (CSV).")
def entries(
    from_day: FromOption,
    to_day: ToOption,
    format: Annotated[
        str, typer.Option(help=help_text("export.format", fr=", ".join(LAYOUTS), en=", ".join(LAYOUTS)))
    ],
    out_path: OutOption = "",
    draft: DraftOption = False,
    company_slug: CompanyOption = "",
    on: OnOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the entries of a period as an accounting package imports them (CSV)."""
    _choose("--format", format, tuple(LAYOUTS), as_json=as_json)
    _export(format, from_day, to_day, out_path, company_slug, on, as_json=as_json, draft=draft)


def _export(
    format: str,
    from_day: str,
    to_day: str,
    out_path: str,
    company_slug: str,
    on: str,
    *,
    as_json: bool,
    draft: bool,
    **form: str,
) -> None:
    start = _date("--from", from_day, as_json=as_json)
    end = _date("--to", to_day, as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.export_entries import UnableToExport, export_entries

        try:
            exported = export_entries(
                company=chosen,
                format=format,
                from_date=start,
                to_date=end,
                on=day(on, as_json=as_json, company=chosen),
                actor="cli",
                is_draft=draft,
                **form,  # type: ignore[arg-type]
            )
        except UnableToExport as error:
            finish({}, problems=[error.problem], as_json=as_json)
        path = _write(exported, out_path, as_json=as_json)
        if not as_json:
            _show(exported, path, chosen)
        answer = {"file": str(path), "format": format, "from": start.isoformat(), "to": end.isoformat()}
        finish(answer | exported.as_json(), problems=exported.problems, as_json=as_json)


def _write(exported: "Exported", out_path: str, *, as_json: bool) -> Path:
    """The file, written aside and then named: never half of it."""
    path = Path(out_path or ".")
    if path.is_dir() or out_path.endswith("/"):
        path = path / exported.file_name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        partial.write_bytes(exported.content)
        os.replace(partial, path)
    except OSError as error:
        fail(UNWRITABLE(path=str(path), reason=error.strerror or str(error)), as_json=as_json)
    return path


def _show(exported: "Exported", path: Path, chosen: "Company") -> None:
    total = Money(exported.debit_cents, chosen.currency)
    counts = LINES_AND_ENTRIES(lines=exported.line_count, entries=exported.entry_count, total=total)
    until = exported.closed_until_date
    told = (counts, DRAFT() if until is None else CLOSED(until=until))
    out.print(str(path), markup=False)
    out.print(", ".join(each.say(language()) for each in told))


def _date(option: str, text: str, *, as_json: bool) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(BAD_DATE(option=option, text=text), as_json=as_json)


def _choose(option: str, text: str, choices: tuple[str, ...], *, as_json: bool) -> None:
    if text not in choices:
        fail(BAD_CHOICE(option=option, text=text, choices=", ".join(choices)), as_json=as_json)
