"""`encours accounting`: accounts and journals of the books, doubtful debts."""

import json
from typing import Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.accounting.accounts import FIELDS, SWITCHES, TABLES
from encours.core.problems import Problem
from encours.core.wording import Wording

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "accounting",
        fr="Comptes et journaux des livres, créances douteuses.",
        en="Accounts and journals of the books, doubtful debts.",
    ),
    no_args_is_help=True,
)

BAD_SETTING = Wording(
    "accounting_bad_setting",
    fr="« {text} » n'est pas un réglage : NOM=VALEUR est attendu.",
    en='"{text}" is no setting: NAME=VALUE is expected.',
)
_WORDS = {"yes": True, "true": True, "oui": True, "no": False, "false": False, "non": False}


@app.command()
@french("Montrer les réglages comptables, ou en changer.")
def settings(
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help=help_text(
                "accounting.set",
                fr="NOM=VALEUR ; les tables en JSON, les choix par oui ou non.",
                en="NAME=VALUE; tables as JSON, switches as yes or no.",
            ),
            metavar="NAME=VALUE",
        ),
    ] = None,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the accounting settings, or change some."""
    values = dict(_setting(text, as_json=as_json) for text in set_ or [])
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.update_accounting import UnableToUpdateAccounting, update_accounting
        from encours.queries.accounting import accounts_of

        accounts = accounts_of(company=chosen)
        if values:
            try:
                accounts = update_accounting(company=chosen, actor="cli", values=values)
            except UnableToUpdateAccounting as error:
                finish({}, problems=error.problems, as_json=as_json)
        told = {name: getattr(accounts, name) for name in FIELDS}
        told["banks"] = {name: vars(books) for name, books in accounts.banks.items()}
        if not as_json:
            for name, value in told.items():
                out.print(f"{name} = {value}", markup=False)
        finish({"settings": told}, as_json=as_json)


@app.command()
@french(
    "Dire qu'une facture ne sera peut-être jamais payée : 416, et une dépréciation au 491, au prochain export."
)
def doubt(
    number: Annotated[
        str,
        typer.Argument(
            help=help_text("accounting.number", fr="Numéro de la facture.", en="Number of the invoice.")
        ),
    ],
    reason: Annotated[
        str,
        typer.Option(
            help=help_text("accounting.reason", fr="Pourquoi elle est douteuse.", en="Why it is doubtful.")
        ),
    ],
    share: Annotated[
        float,
        typer.Option(
            help=help_text(
                "accounting.share",
                fr="Part à déprécier, en pour cent du solde hors taxe.",
                en="Share to write down, in percent of what is open without VAT.",
            )
        ),
    ] = 100,
    company_slug: CompanyOption = "",
    on: OnOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say that an invoice will perhaps never be paid: 416, and an allowance on 491, at the next export."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.doubt_debt import UnableToDoubt, doubt_debt

        try:
            doubt_debt(
                company=chosen,
                number=number,
                allowance_basis_points=round(share * 100),
                reason=reason,
                on=day(on, as_json=as_json, company=chosen),
                actor="cli",
            )
        except UnableToDoubt as error:
            finish({}, problems=[Problem(error.sentence, field="number")], as_json=as_json)
        finish({"number": number}, as_json=as_json)


@app.command(name="end-doubt")
@french("Dire qu'une facture est de nouveau une créance ordinaire.")
def end_doubt(
    number: Annotated[
        str,
        typer.Argument(
            help=help_text("accounting.number", fr="Numéro de la facture.", en="Number of the invoice.")
        ),
    ],
    company_slug: CompanyOption = "",
    on: OnOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say that an invoice is an ordinary receivable again."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.doubt_debt import UnableToDoubt
        from encours.actions.doubt_debt import end_doubt as end

        try:
            end(company=chosen, number=number, on=day(on, as_json=as_json, company=chosen), actor="cli")
        except UnableToDoubt as error:
            finish({}, problems=[Problem(error.sentence, field="number")], as_json=as_json)
        finish({"number": number}, as_json=as_json)


def _setting(text: str, *, as_json: bool) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        fail(BAD_SETTING(text=text), as_json=as_json)
    try:
        if name in SWITCHES:
            return name, _WORDS[value.strip().lower()]
        if name in TABLES:
            return name, json.loads(value)
    except (KeyError, ValueError):
        fail(BAD_SETTING(text=text), as_json=as_json)
    return name, value.strip()
