"""`encours case promise`: what customers promised to pay."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from encours.cli.case_options import (
    AllOption,
    InvoicesOption,
    NoteOption,
    finish_list,
)
from encours.cli.help import french, help_text
from encours.cli.named import CustomerOption, found_customer, found_documents
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.cases.promises import VERDICTS
from encours.core.money import Money, format_cents
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

if TYPE_CHECKING:
    from encours.queries.cases import PromiseRow

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "promise", fr="Promesses : noter, retirer, lister.", en="Promises: record, withdraw, list."
    ),
    no_args_is_help=True,
)
_RECORDED = Wording(
    "promise_cli.recorded",
    fr="Promesse {id} : {amount} pour le {promised}, {count} document(s)",
    en="Promise {id}: {amount} for {promised}, {count} documents",
)
_WITHDRAWN = Wording("promise_cli.withdrawn", fr="Promesse {id} retirée", en="Promise {id} withdrawn")
_LISTED = Wording(
    "promise_cli.listed",
    fr="{id}\t{customer}\t{settled} sur {amount}\tpour le {promised}\t{state}",
    en="{id}\t{customer}\t{settled} of {amount}\tfor {promised}\t{state}",
)


@app.command()
@french("Noter une promesse : ses documents ne sont pas relancés avant son jour.")
def record(
    customer: CustomerOption,
    date_: Annotated[
        str,
        typer.Option(
            "--date",
            help=help_text("promise.date", fr="Le jour promis.", en="The promised day."),
            metavar="DATE",
        ),
    ],
    amount_cents: Annotated[
        int | None,
        typer.Option(
            help=help_text(
                "promise.cents",
                fr="Le montant promis, en centimes ; par défaut tout ce que ces documents doivent.",
                en="The promised amount, in cents; all that these documents owe by default.",
            ),
            metavar="N",
        ),
    ] = None,
    invoice: InvoicesOption = None,
    source: Annotated[
        str,
        typer.Option(
            help=help_text("promise.source", fr="Qui l'a dit, et comment.", en="Who said it, and how.")
        ),
    ] = "",
    note: NoteOption = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record a promise: its documents are not reminded before its day. Without an invoice: all that is overdue."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.record_promise import UnableToRecordPromise, record_promise

        customer_id = found_customer(company=chosen, code=customer, as_json=as_json)
        document_ids = (
            found_documents(
                company=chosen, customer_id=customer_id, code=customer, numbers=invoice, as_json=as_json
            )
            if invoice
            else None
        )
        try:
            promise = record_promise(
                company=chosen,
                customer_id=customer_id,
                document_ids=document_ids,
                promised_date=day(date_, as_json=as_json, company=chosen),
                amount_cents=amount_cents,
                note=note,
                source=source,
                on=day(on, as_json=as_json, company=chosen),
                actor="cli",
            )
        except UnableToRecordPromise as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
        from encours.queries.cases import promise_row

        row = promise_row(company=chosen, promise_id=promise.pk, on=promise.recorded_date)
    assert row is not None
    if not as_json:
        amount = Money(row.amount_cents, row.currency)
        said = _RECORDED(id=row.id, amount=amount, promised=row.promised_date, count=len(row.documents))
        out.print(said.say(language()), markup=False)
    finish({"promise": asdict(row)}, as_json=as_json)


@app.command()
@french("Retirer une promesse : ses documents sont de nouveau relancés.")
def withdraw(
    promise_id: Annotated[
        int,
        typer.Argument(
            help=help_text("promise.id", fr="Numéro de la promesse.", en="Number of the promise."),
            metavar="ID",
        ),
    ],
    note: NoteOption = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Withdraw a promise: its documents are reminded again."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.withdraw_promise import UnableToWithdrawPromise, withdraw_promise

        try:
            withdraw_promise(
                company=chosen,
                promise_id=promise_id,
                note=note,
                on=day(on, as_json=as_json, company=chosen),
                actor="cli",
            )
        except UnableToWithdrawPromise as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    if not as_json:
        out.print(_WITHDRAWN(id=promise_id).say(language()), markup=False)
    finish({"promise": promise_id, "state": "withdrawn"}, as_json=as_json)


@app.command("list")
@french("Les promesses en cours, celles dont le jour vient en premier d'abord.")
def show(
    everything: AllOption = False,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open promises, those whose day comes first, first."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.cases import promises_page

        finish_list(
            promises_page,
            company=chosen,
            key="promises",
            line=_line,
            everything=everything,
            on=on,
            as_json=as_json,
        )


def _line(row: "PromiseRow") -> Sentence:
    return _LISTED(
        id=row.id,
        customer=row.customer_name,
        settled=format_cents(row.settled_cents, row.currency, language()),
        amount=format_cents(row.amount_cents, row.currency, language()),
        promised=row.promised_date,
        state=VERDICTS[row.state](),
    )
