"""`encours court-file`: the file of a customer's overdue debt, for a court or a commissaire de justice."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.named import CustomerOption, found_customer, found_documents
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.court_files.procedures import PROCEDURES
from encours.core.money import format_cents
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

if TYPE_CHECKING:
    from encours.queries.court_files import CourtFileRow

NO_FILE = Wording(
    "court_cli.no_file", fr="Le fichier {name} ne se lit pas.", en="The file {name} cannot be read."
)
NO_FOLDER = Wording(
    "court_cli.no_folder",
    fr="Le dossier {name} n’est pas accessible en écriture.",
    en="The folder {name} cannot be written to.",
)
BUILT = Wording(
    "court_cli.built",
    fr="{name} : {pieces} pièces, {pages} pages, {total} (principal {principal}, intérêts {interest}, indemnités {indemnity})",
    en="{name}: {pieces} exhibits, {pages} pages, {total} (principal {principal}, interest {interest}, indemnities {indemnity})",
)  # fmt: skip

app = typer.Typer(
    add_completion=False,
    help=help_text("court_file", fr="Dossiers à remettre à un tribunal.", en="Files for a court."),
    no_args_is_help=True,
)


@app.command()
@french("Constituer le dossier : un PDF et une archive, les mêmes pour les mêmes faits.")
def build(
    customer: CustomerOption,
    out_folder: Annotated[
        Path,
        typer.Option(
            "--out",
            help=help_text(
                "court_file.out",
                fr="Où écrire le PDF et l'archive.",
                en="Where to write the PDF and the archive.",
            ),
            metavar="PATH",
        ),
    ],
    document: Annotated[
        list[str] | None,
        typer.Option(
            help=help_text(
                "court_file.document",
                fr="Numéro d'une facture à réclamer ; par défaut tout ce qui est échu et que rien ne retient.",
                en="Number of an invoice to claim; by default all that is overdue and that nothing keeps out.",
            ),
            metavar="NUMBER",
        ),
    ] = None,
    procedure: Annotated[
        str,
        typer.Option(
            help=help_text(
                "court_file.procedure",
                fr="injonction ou petites_creances.",
                en="injonction or petites_creances.",
            )
        ),
    ] = "injonction",
    court: Annotated[
        str,
        typer.Option(
            help=help_text(
                "court_file.court",
                fr="commerce, judiciaire, commerciale_judiciaire ou mixte_commerce ; par défaut selon le débiteur.",
                en="commerce, judiciaire, commerciale_judiciaire or mixte_commerce; by default by the debtor.",
            )
        ),
    ] = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Build the file: a PDF and an archive, the same ones for the same facts."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.build_court_file import UnableToBuildCourtFile, build_court_file
        from encours.queries.court_files import court_file_of

        customer_id = found_customer(company=chosen, code=customer, as_json=as_json)
        ids = found_documents(
            company=chosen, customer_id=customer_id, code=customer, numbers=document or [], as_json=as_json
        )
        try:
            built = build_court_file(
                company=chosen, customer_id=customer_id, procedure=procedure, court=court, document_ids=ids,
                on=day(on, as_json=as_json, company=chosen), now=datetime.now(UTC), actor="cli",
            )  # fmt: skip
        except UnableToBuildCourtFile as error:
            fail(error.sentence, as_json=as_json)
        row = court_file_of(company=chosen, court_file_id=built.pk)
        assert row is not None
    answer: dict[str, Any] = {"ok": row.state == "done", **_as_json(row)}
    if row.state == "done":
        answer |= _write(row, out_folder, as_json=as_json)
        if not as_json:
            _say(row)
    finish(answer, problems=[_problem(finding) for finding in row.findings], as_json=as_json)


@app.command()
@french("Joindre une pièce (PDF, PNG, JPEG) à un client ou à une de ses factures.")
def attach(
    file: Annotated[
        Path,
        typer.Argument(
            help=help_text("court_file.file", fr="La pièce.", en="The paper."), metavar="FILE", readable=False
        ),
    ],
    customer: CustomerOption,
    kind: Annotated[
        str,
        typer.Option(
            help=help_text(
                "court_file.kind",
                fr="contract, general_terms, order, delivery_note, invoice ou other.",
                en="contract, general_terms, order, delivery_note, invoice or other.",
            )
        ),
    ],
    document: Annotated[
        str,
        typer.Option(
            help=help_text(
                "court_file.of_document",
                fr="Numéro de la facture qu'elle concerne.",
                en="Number of its invoice.",
            ),
            metavar="NUMBER",
        ),
    ] = "",
    title: Annotated[
        str, typer.Option(help=help_text("court_file.title", fr="Son intitulé.", en="Its title."))
    ] = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Attach a paper (PDF, PNG, JPEG) to a customer or to one of its invoices."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.attach_paper import UnableToAttachPaper, attach_paper
        from encours.core.court_files.papers import MAX_BYTES

        customer_id = found_customer(company=chosen, code=customer, as_json=as_json)
        numbers = [document] if document else []
        ids = found_documents(
            company=chosen, customer_id=customer_id, code=customer, numbers=numbers, as_json=as_json
        )
        try:
            with file.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        except OSError:
            fail(NO_FILE(name=file.name), as_json=as_json)
        try:
            paper = attach_paper(
                company=chosen, customer_id=customer_id, document_id=ids[0] if ids else None, kind=kind, name=file.name,
                content=content, title=title, actor="cli",
            )  # fmt: skip
        except UnableToAttachPaper as error:
            finish({"ok": False}, problems=[Problem(error.sentence, file=file.name)], as_json=as_json)
    if not as_json:
        out.print(f"{paper.pk}\t{paper.kind}\t{paper.name}", markup=False)
    finish({"paper_id": paper.pk, "kind": paper.kind}, as_json=as_json)


def _write(row: "CourtFileRow", folder: Path, *, as_json: bool) -> dict[str, Any]:
    """Copies of both files, under their names."""
    answer: dict[str, Any] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, kept in (("pdf", row.pdf), ("archive", row.archive)):
            assert kept is not None
            target = folder / kept.name
            shutil.copyfile(kept.path, target)
            answer[name] = {"path": str(target), "sha256": kept.sha256, "size": kept.size}
    except OSError:
        fail(NO_FOLDER(name=str(folder)), as_json=as_json)
    return answer


def _as_json(row: "CourtFileRow") -> dict[str, Any]:
    names = ("id", "procedure", "state", "document_count", "principal_cents", "interest_cents", "indemnity_cents",
             "total_cents", "piece_count", "page_count")  # fmt: skip
    return {
        "customer": row.customer_code,
        "on": row.on_date.isoformat(),
        "interest_until": row.interest_until.isoformat() if row.interest_until else None,
        "is_pdf_a": row.is_archival,
        **{name: getattr(row, name) for name in names},
    }


def _problem(finding: dict[str, Any]) -> Problem:
    """A refusal stops the file; all else is to be known."""
    is_error = finding["severity"] == "refusal"
    return Problem(
        Sentence.from_json(finding["sentence"]),
        field=finding["severity"],
        severity="error" if is_error else "warning",
    )


def _say(row: "CourtFileRow") -> None:
    amounts = {
        name: format_cents(getattr(row, f"{name}_cents"), "EUR", language())
        for name in ("total", "principal", "interest", "indemnity")
    }
    name = PROCEDURES[row.procedure]().say(language())  # type: ignore[index]  # text in the table
    said = BUILT(name=name, pieces=row.piece_count, pages=row.page_count, **amounts)
    out.print(said.say(language()), markup=False)
