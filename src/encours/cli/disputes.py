"""`encours case dispute`: invoices that customers contest."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from encours.cli.case_options import (
    AllOption,
    NoteOption,
    finish_list,
)
from encours.cli.help import french, help_text
from encours.cli.named import CustomerOption, found_customer, found_documents
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.cases.disputes import OUTCOMES, REASONS
from encours.core.money import format_cents
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

if TYPE_CHECKING:
    from encours.queries.cases import DisputeRow

app = typer.Typer(
    add_completion=False,
    help=help_text("dispute", fr="Litiges : ouvrir, résoudre, lister.", en="Disputes: open, resolve, list."),
    no_args_is_help=True,
)
_OPENED = Wording(
    "dispute_cli.opened",
    fr="Litige {id} ouvert sur {number} : {reason}",
    en="Dispute {id} opened on {number}: {reason}",
)
_RESOLVED = Wording(
    "dispute_cli.resolved", fr="Litige {id} résolu : {outcome}", en="Dispute {id} resolved: {outcome}"
)
_LISTED = Wording(
    "dispute_cli.listed",
    fr="{id}\t{number}\t{customer}\t{amount} bloqué(s)\t{reason}\t{days} j\t{owner}",
    en="{id}\t{number}\t{customer}\t{amount} blocked\t{reason}\t{days} d\t{owner}",
)


@app.command("open")
@french("Ouvrir un litige : ce qui est contesté n'est plus relancé.")
def open_(
    customer: CustomerOption,
    invoice: Annotated[
        str,
        typer.Option(
            help=help_text("dispute.invoice", fr="La facture, par son numéro.", en="The invoice, by number."),
            metavar=help_text("case.number", fr="NUMÉRO", en="NUMBER"),
        ),
    ],
    reason: Annotated[
        str,
        typer.Option(
            help=help_text(
                "dispute.reason",
                fr="Motif, un code de la facturation électronique (PU_ERR, QTE_ERR, LIVR_INCOMP, QUALITE_ERR, AUTRE…).",
                en="Reason, a code of the French e-invoicing reform (PU_ERR, QTE_ERR, LIVR_INCOMP, QUALITE_ERR, AUTRE…).",
            ),
            metavar="CODE",
        ),
    ],
    disputed_cents: Annotated[
        int | None,
        typer.Option(
            help=help_text(
                "dispute.cents",
                fr="Ce qui est contesté, en centimes ; par défaut tout.",
                en="What is contested, in cents; everything by default.",
            ),
            metavar="N",
        ),
    ] = None,
    owner: Annotated[
        str,
        typer.Option(help=help_text("dispute.owner", fr="Qui s'en occupe.", en="Who looks into it.")),
    ] = "",
    deadline: Annotated[
        str,
        typer.Option(
            help=help_text(
                "dispute.deadline", fr="À résoudre avant ce jour.", en="To be resolved by this day."
            ),
            metavar="DATE",
        ),
    ] = "",
    note: NoteOption = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open a dispute: what is contested is reminded no more."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.open_dispute import UnableToOpenDispute, open_dispute

        customer_id = found_customer(company=chosen, code=customer, as_json=as_json)
        (document_id,) = found_documents(
            company=chosen, customer_id=customer_id, code=customer, numbers=[invoice], as_json=as_json
        )
        try:
            dispute = open_dispute(
                company=chosen,
                customer_id=customer_id,
                document_id=document_id,
                reason_code=reason,
                note=note,
                disputed_cents=disputed_cents,
                owner=owner,
                deadline=day(deadline, as_json=as_json, company=chosen) if deadline else None,
                on=day(on, as_json=as_json, company=chosen),
                actor="cli",
            )
        except UnableToOpenDispute as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    if not as_json:
        said = _OPENED(id=dispute.pk, number=invoice, reason=REASONS[reason]())
        out.print(said.say(language()), markup=False)
    finish({"dispute": dispute.pk, "disputed_cents": dispute.disputed_cents}, as_json=as_json)


@app.command()
@french("Résoudre un litige : ce qui reste ouvert est de nouveau relancé.")
def resolve(
    dispute_id: Annotated[
        int,
        typer.Argument(
            help=help_text("dispute.id", fr="Numéro du litige.", en="Number of the dispute."), metavar="ID"
        ),
    ],
    outcome: Annotated[
        str,
        typer.Option(
            help=help_text(
                "dispute.outcome",
                fr="Issue : accepted (fondé), partly_accepted, rejected (non fondé) ou withdrawn.",
                en="Outcome: accepted (well founded), partly_accepted, rejected or withdrawn.",
            ),
            metavar="CODE",
        ),
    ],
    note: NoteOption = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Resolve a dispute: what is still open is reminded again."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.resolve_dispute import UnableToResolveDispute, resolve_dispute

        try:
            dispute = resolve_dispute(
                company=chosen,
                dispute_id=dispute_id,
                outcome=outcome,
                note=note,
                on=day(on, as_json=as_json, company=chosen),
                now=datetime.now(UTC),
                actor="cli",
            )
        except UnableToResolveDispute as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    if not as_json:
        said = _RESOLVED(id=dispute.pk, outcome=OUTCOMES[dispute.outcome]())
        out.print(said.say(language()), markup=False)
    answer = {
        "dispute": dispute.pk,
        "outcome": dispute.outcome,
        "resolved_date": dispute.resolved_date,
        "days": (dispute.resolved_date - dispute.opened_date).days if dispute.resolved_date else None,
    }
    finish(answer, as_json=as_json)


@app.command("list")
@french("Les litiges en cours, ceux dont le délai vient en premier d'abord.")
def show(
    everything: AllOption = False,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open disputes, those whose deadline comes first, first."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.cases import disputes_page

        finish_list(
            disputes_page,
            company=chosen,
            key="disputes",
            line=_line,
            everything=everything,
            on=on,
            as_json=as_json,
        )


def _line(row: "DisputeRow") -> Sentence:
    return _LISTED(
        id=row.id,
        number=row.number,
        customer=row.customer_name,
        amount=format_cents(row.blocked_cents, row.currency, language()),
        reason=REASONS[row.reason_code](),
        days=row.age_days,
        owner=row.owner or "–",
    )
