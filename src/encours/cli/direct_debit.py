"""`encours direct-debit`: SEPA direct debits by file, from the mandate to what the bank answers."""

from typing import Annotated

import typer

from encours.cli import direct_debit_mandates
from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company
from encours.core.wording import Wording

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
    bic: Annotated[str, typer.Option("--bic", help="BIC.")] = "",
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
