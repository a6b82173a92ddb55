"""`encours direct-debit`: SEPA direct debits by file, from the mandate to what the bank answers."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli import direct_debit_mandates
from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import AcceptBankAgeOption, CompanyOption, JsonOption, OnOption, company, day
from encours.core.money import Money
from encours.core.payments.direct_debits import FILE_STATES, SCHEMES
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.files import system_reason

if TYPE_CHECKING:
    from encours.queries.direct_debits import DirectDebitFileRow
    from encours.store.models import Company

_LISTED = 200
_MessageId = Annotated[
    str,
    typer.Argument(
        help=help_text(
            "direct_debit.message_id",
            fr="Le fichier, comme la liste le nomme.",
            en="The file, as the list calls it.",
        ),
        metavar="FILE",
    ),
]

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "direct_debit",
        fr="Prélèvements SEPA par fichier : mandats, remises à la banque, réponses de la banque.",
        en="SEPA direct debits by file: mandates, files for the bank, its answers.",
    ),
    no_args_is_help=True,
)
app.add_typer(direct_debit_mandates.app, name="mandate")
_CREDITOR = Wording(
    "direct_debit_cli.creditor", fr="{name}\t{identifier}\t{iban}", en="{name}\t{identifier}\t{iban}"
)
_LINE = Wording(
    "direct_debit_cli.line",
    fr="{file}\t{scheme}\t{count} prélèvement(s)\t{amount}\tle {day}\t{state}",
    en="{file}\t{scheme}\t{count} debits\t{amount}\ton {day}\t{state}",
)
_NOTHING = Wording(
    "direct_debit_cli.nothing", fr="Rien à prélever ce jour.", en="Nothing to debit on that day."
)
_NO_FILE = Wording("direct_debit_cli.no_file", fr="Aucun fichier.", en="No file.")
_UNKNOWN_FILE = Wording(
    "direct_debit_cli.unknown_file", fr="Il n’y a pas de fichier {file}.", en="There is no file {file}."
)
_NOT_WRITTEN = Wording(
    "direct_debit_cli.not_written",
    fr="{file} n’a pas pu être écrit : {reason}.",
    en="{file} could not be written: {reason}.",
)
_SENT = Wording(
    "direct_debit_cli.sent", fr="{file} remis à la banque.", en="{file} was handed in to the bank."
)
_CANCELED = Wording(
    "direct_debit_cli.canceled",
    fr="{file} annulé : {count} prélèvement(s) iront dans le prochain fichier.",
    en="{file} canceled: {count} debits go into the next file.",
)
_READ = Wording(
    "direct_debit_cli.read",
    fr="{files} : {refused} prélèvement(s) refusé(s), {put_back} à présenter de nouveau.",
    en="{files}: {refused} debits refused, {put_back} to be presented again.",
)
_NOT_SET_UP = Wording(
    "direct_debit_cli.not_set_up",
    fr="Les prélèvements par fichier ne sont pas réglés : donnez --name, --identifier et --iban.",
    en="Direct debits by file are not set up: give --name, --identifier and --iban.",
)


@app.command()
@french("Le créancier : montrer, ou régler son nom, son ICS et son compte.")
def creditor(
    name: Annotated[
        str,
        typer.Option(
            "--name", help=help_text("direct_debit.name", fr="Nom du créancier.", en="Creditor's name.")
        ),
    ] = "",
    identifier: Annotated[
        str,
        typer.Option(
            "--identifier", help=help_text("direct_debit.ics", fr="ICS.", en="Creditor identifier.")
        ),
    ] = "",
    iban: Annotated[
        str,
        typer.Option(
            "--iban",
            help=help_text("direct_debit.own_iban", fr="Compte crédité.", en="Account to be credited."),
        ),
    ] = "",
    bic: Annotated[
        str,
        typer.Option(
            "--bic",
            help=help_text(
                "direct_debit.own_bic", fr="BIC du compte crédité.", en="BIC of the account to be credited."
            ),
        ),
    ] = "",
    version: Annotated[
        str,
        typer.Option(
            "--version",
            help=help_text(
                "direct_debit.version",
                fr="pain.008.001.08 ou pain.008.001.02.",
                en="pain.008.001.08 or pain.008.001.02.",
            ),
        ),
    ] = "",
    lead_days: Annotated[
        int,
        typer.Option(
            "--lead-days",
            help=help_text(
                "direct_debit.lead_days",
                fr="Jours ouvrés avant le prélèvement.",
                en="Business days before collection.",
            ),
        ),
    ] = 0,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """The creditor: shows it, or sets its name, identifier and account."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.change_creditor import change_creditor
        from encours.actions.new_connection import UnableToConnect
        from encours.queries.direct_debits import creditor as creditor_of

        given = {
            "creditor_name": name, "creditor_identifier": identifier, "iban": iban, "bic": bic, "version": version,
            "lead_days": lead_days,
        }  # fmt: skip
        if given := {name: value for name, value in given.items() if value}:
            try:
                change_creditor(company=chosen, given=given, actor="cli")
            except UnableToConnect as error:
                fail(error.sentence, as_json=as_json)
        found = creditor_of(company=chosen)
    if found is None:
        fail(_NOT_SET_UP(), as_json=as_json)
    if not as_json:
        out.print(_CREDITOR(name=found.name, identifier=found.identifier, iban=found.iban).say(language()))
    finish({"name": found.name, "identifier": found.identifier, "iban": found.iban}, as_json=as_json)


@app.command()
@french("Faire les fichiers à remettre à la banque ce jour.")
def make(
    on: OnOption = "",
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="DATE",
            help=help_text(
                "direct_debit.until",
                fr="Avec ce qui est annoncé jusqu'à ce jour, AAAA-MM-JJ.",
                en="With what is announced until this day, YYYY-MM-DD.",
            ),
        ),
    ] = "",
    accept_bank_age: AcceptBankAgeOption = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Makes the files to be handed in to the bank on a day."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.make_direct_debit_files import make_direct_debit_files
        from encours.actions.write_direct_debit_file import UnableToMakeFiles
        from encours.queries.direct_debits import direct_debit_file

        today = day(on, as_json=as_json, company=chosen)
        last = day(until, as_json=as_json) if until else None
        try:
            done = make_direct_debit_files(
                company=chosen,
                on=today,
                now=timezone.now(),
                actor="cli",
                until=last,
                accept_bank_age=accept_bank_age,
            )
        except UnableToMakeFiles as error:
            fail(error.sentence, as_json=as_json)
        found = [direct_debit_file(company=chosen, file_id=key) for key in done.file_ids]
        rows = [each.row for each in found if each is not None]
    if not as_json:
        for row in rows:
            out.print(_line(row))
        if not rows:
            out.print(_NOTHING().say(language()))
        if done.warning is not None:
            out.print(done.warning.say(language()))
    warning = done.warning.say(language()) if done.warning else None
    finish(
        {"on": today, "files": [_told(row) for row in rows], "canceled": done.canceled, "warning": warning},
        as_json=as_json,
    )


@app.command("list")
@french("Les fichiers faits, le dernier d'abord.")
def list_(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The files made, the latest first."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.direct_debits import direct_debit_files

        rows = direct_debit_files(company=chosen, number=1, size=_LISTED).rows
    if not as_json:
        for row in rows:
            out.print(_line(row))
        if not rows:
            out.print(_NO_FILE().say(language()))
    finish({"files": [_told(row) for row in rows]}, as_json=as_json)


@app.command()
@french("Prendre un fichier : toujours les mêmes octets.")
def download(
    message_id: _MessageId,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help=help_text("direct_debit.to", fr="Fichier ou dossier cible.", en="Target file or folder."),
        ),
    ] = None,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Takes a file: always the same bytes."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.direct_debits import direct_debit_file_content

        found = direct_debit_file_content(
            company=chosen, file_id=_file_id(chosen, message_id, as_json=as_json)
        )
    assert found is not None, "it was found a moment ago"
    name, content = found
    target = to or Path(name)
    target = target / name if target.is_dir() else target
    try:
        shutil.copyfile(content.path, target)
    except OSError as error:
        fail(_NOT_WRITTEN(file=str(target), reason=system_reason(error)), as_json=as_json)
    if not as_json:
        out.print(str(target))
    finish({"file": str(target), "sha256": content.sha256}, as_json=as_json)


@app.command("hand-in")
@french("Noter qu'un fichier a été remis à la banque.")
def hand_in(message_id: _MessageId, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Notes that a file was handed in to the bank."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.hand_in_direct_debit_file import UnableToChangeFile, hand_in_direct_debit_file

        found = _file_id(chosen, message_id, as_json=as_json)
        try:
            hand_in_direct_debit_file(company=chosen, file_id=found, now=timezone.now(), actor="cli")
        except UnableToChangeFile as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(_SENT(file=message_id).say(language()))
    finish({"file": message_id, "state": "sent"}, as_json=as_json)


@app.command()
@french("Annuler un fichier qui n'a pas été remis : ses prélèvements iront dans le suivant.")
def cancel(message_id: _MessageId, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Cancels a file that was not handed in: its debits go into the next one."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.hand_in_direct_debit_file import UnableToChangeFile, cancel_direct_debit_file

        found = _file_id(chosen, message_id, as_json=as_json)
        try:
            count = cancel_direct_debit_file(company=chosen, file_id=found, now=timezone.now(), actor="cli")
        except UnableToChangeFile as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(_CANCELED(file=message_id, count=count).say(language()))
    finish({"file": message_id, "state": "canceled", "charges": count}, as_json=as_json)


@app.command()
@french("Lire la réponse de la banque (pain.002).")
def read(
    file: Annotated[
        Path, typer.Argument(help=help_text("direct_debit.answer", fr="La réponse.", en="The answer."))
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Reads the bank's answer (pain.002)."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.conf import settings
        from django.utils import timezone

        from encours.actions.read_direct_debit_answer import (
            UnableToReadDirectDebits,
            read_direct_debit_answer,
        )
        from encours.actions.read_file import opened
        from encours.ports.files import UnableToReadFile, shown_name

        name = shown_name(file)
        try:
            opened(path=file, name=name, max_bytes=settings.IMPORT_MAX_BYTES)
            done = read_direct_debit_answer(
                company=chosen, name=name, content=file.read_bytes(), now=timezone.now(), actor="cli"
            )
        except UnableToReadFile as error:
            finish({}, problems=[error.problem.in_file(name)], as_json=as_json)
        except UnableToReadDirectDebits as error:
            finish({}, problems=[Problem(error.sentence, file=name)], as_json=as_json)
    counts = {"refused": done.refused, "put_back": done.put_back}
    if not as_json:
        out.print(_READ(files=", ".join(done.files) or "–", **counts).say(language()))
    finish({"files": done.files, **counts}, problems=done.problems, as_json=as_json)


def _file_id(chosen: "Company", message_id: str, *, as_json: bool) -> int:
    from encours.queries.direct_debits import direct_debit_file_id

    found = direct_debit_file_id(company=chosen, message_id=message_id)
    if found is None:
        fail(_UNKNOWN_FILE(file=message_id), as_json=as_json)
    return found


def _line(row: "DirectDebitFileRow") -> str:
    return _LINE(
        file=row.message_id,
        scheme=SCHEMES[row.scheme],
        state=FILE_STATES[row.state](),
        day=row.collection_date,
        count=row.charge_count,
        amount=Money(row.total_cents, "EUR"),
    ).say(language())


def _told(row: "DirectDebitFileRow") -> dict[str, Any]:
    return {
        "file": row.message_id,
        "scheme": SCHEMES[row.scheme],
        "state": row.state,
        "collection_date": row.collection_date,
        "charges": row.charge_count,
        "amount_cents": row.total_cents,
    }
