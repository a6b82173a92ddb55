"""`encours case plan`: documents paid in instalments agreed with the customer."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli.case_options import (
    AllOption,
    InvoicesOption,
    NoteOption,
    finish_list,
)
from encours.cli.help import french, help_text
from encours.cli.named import CustomerOption, found_customer, found_documents
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.cases.plans import GRACE_DAYS, VERDICTS, Part, even_instalments
from encours.core.money import Money, format_cents
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

if TYPE_CHECKING:
    from encours.queries.cases import PlanRow

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "plan", fr="Échéanciers : convenir, arrêter, lister.", en="Payment plans: agree, end, list."
    ),
    no_args_is_help=True,
)
BAD_INSTALMENT = Wording(
    "plan_cli.bad_instalment",
    fr="--instalment : « {text} » ; écrivez AAAA-MM-JJ=CENTIMES.",
    en='--instalment: "{text}"; write it YYYY-MM-DD=CENTS.',
)
ONE_WAY = Wording(
    "plan_cli.one_way",
    fr="Dites soit chaque échéance (--instalment), soit combien et à partir de quand (--count, --from).",
    en="Give either each instalment (--instalment) or how many and from when (--count, --from).",
)
BAD_COUNT = Wording(
    "plan_cli.bad_count",
    fr="--count : de 1 à {most} échéances ici, pas {count}.",
    en="--count: 1 to {most} instalments here, not {count}.",
)
_AGREED = Wording(
    "plan_cli.agreed",
    fr="Échéancier {id} : {amount} en {count} échéance(s), jusqu'au {last}",
    en="Payment plan {id}: {amount} in {count} instalments, until {last}",
)
_ENDED = Wording("plan_cli.ended", fr="Échéancier {id} arrêté", en="Payment plan {id} ended")
_LISTED = Wording(
    "plan_cli.listed",
    fr="{id}\t{customer}\t{settled} sur {amount}\tconvenu le {agreed}\t{state}",
    en="{id}\t{customer}\t{settled} of {amount}\tagreed on {agreed}\t{state}",
)
_MOST = 120


@app.command()
@french("Convenir d'un échéancier : ses documents ne sont pas relancés tant qu'il est tenu.")
def agree(
    customer: CustomerOption,
    invoice: InvoicesOption = None,
    instalment: Annotated[
        list[str] | None,
        typer.Option(
            help=help_text(
                "plan.instalment",
                fr="Une échéance et son montant en centimes ; à répéter.",
                en="An instalment and its amount in cents; repeat it.",
            ),
            metavar=help_text("plan.instalment_value", fr="DATE=CENTIMES", en="DATE=CENTS"),
        ),
    ] = None,
    count: Annotated[
        int,
        typer.Option(
            help=help_text(
                "plan.count",
                fr="Autant d'échéances mensuelles égales.",
                en="As many equal monthly instalments.",
            ),
            metavar="N",
        ),
    ] = 0,
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            help=help_text("plan.from", fr="Le jour de la première.", en="The day of the first one."),
            metavar="DATE",
        ),
    ] = "",
    interest_cents: Annotated[
        int,
        typer.Option(
            help=help_text(
                "plan.interest", fr="Intérêts en plus, en centimes.", en="Interest on top, in cents."
            ),
            metavar="N",
        ),
    ] = 0,
    grace_days: Annotated[
        int,
        typer.Option(
            help=help_text(
                "plan.grace",
                fr="Jours après lesquels une échéance est manquée.",
                en="Days after which an instalment is missed.",
            ),
            min=0,
            max=60,
            metavar="N",
        ),
    ] = GRACE_DAYS,
    only_missed: Annotated[
        bool,
        typer.Option(
            "--only-missed",
            help=help_text(
                "plan.only_missed",
                fr="Une échéance manquée est seule relancée ; par défaut tout redevient exigible.",
                en="Only what was missed is reminded; by default everything falls due again.",
            ),
        ),
    ] = False,
    agreed_with: Annotated[
        str,
        typer.Option(
            help=help_text("plan.with", fr="Avec qui, chez le client.", en="With whom, at the customer.")
        ),
    ] = "",
    note: NoteOption = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Agree on a payment plan: its documents are not reminded while it is kept. Without an invoice: all that is open."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.agree_plan import UnableToAgreePlan, agree_plan
        from encours.queries.cases import plan_row
        from encours.queries.free_amounts import plannable

        today = day(on, as_json=as_json, company=chosen)
        customer_id = found_customer(company=chosen, code=customer, as_json=as_json)
        named = found_documents(
            company=chosen, customer_id=customer_id, code=customer, numbers=invoice or [], as_json=as_json
        )
        documents = plannable(company=chosen, customer_id=customer_id, document_ids=named or None)
        total_cents = sum(each.uncontested_cents for each in documents) + interest_cents
        parts = _parts(instalment or [], count, from_, total_cents, as_json=as_json)
        try:
            plan = agree_plan(
                company=chosen,
                customer_id=customer_id,
                document_ids=[each.id for each in documents],
                instalments=parts,
                interest_cents=interest_cents,
                grace_days=grace_days,
                when_broken="missed_due" if only_missed else "all_due",
                agreed_with=agreed_with,
                note=note,
                on=today,
                actor="cli",
            )
        except UnableToAgreePlan as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
        row = plan_row(company=chosen, plan_id=plan.pk, on=today)
    assert row is not None
    if not as_json:
        amount = Money(row.total_cents, row.currency)
        said = _AGREED(id=row.id, amount=amount, count=len(parts), last=parts[-1].due_date)
        out.print(said.say(language()), markup=False)
    finish({"plan": _told(row)}, as_json=as_json)


def _parts(given: list[str], count: int, from_: str, total_cents: int, *, as_json: bool) -> list[Part]:
    if bool(given) == bool(count) or bool(count) != bool(from_):
        fail(ONE_WAY(), as_json=as_json)
    if count:
        most = min(_MOST, total_cents)
        if not 0 < count <= most:
            fail(BAD_COUNT(most=max(most, 1), count=count), as_json=as_json)
        first = day(from_, as_json=as_json)
        return even_instalments(total_cents=total_cents, count=count, first_date=first)
    parts = []
    for text in given:
        due, _, cents = text.partition("=")
        try:
            parts.append(Part(date.fromisoformat(due), int(cents)))
        except ValueError:
            fail(BAD_INSTALMENT(text=text), as_json=as_json)
    return parts


@app.command()
@french("Arrêter un échéancier : ce qui reste ouvert est de nouveau relancé.")
def end(
    plan_id: Annotated[
        int,
        typer.Argument(
            help=help_text("plan.id", fr="Numéro de l'échéancier.", en="Number of the payment plan."),
            metavar="ID",
        ),
    ],
    note: NoteOption = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """End a payment plan: what is still open is reminded again."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.end_plan import UnableToEndPlan, end_plan

        try:
            plan = end_plan(
                company=chosen,
                plan_id=plan_id,
                note=note,
                on=day(on, as_json=as_json, company=chosen),
                actor="cli",
            )
        except UnableToEndPlan as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    if not as_json:
        out.print(_ENDED(id=plan_id).say(language()), markup=False)
    finish({"plan": plan_id, "state": plan.state}, as_json=as_json)


@app.command("list")
@french("Les échéanciers en cours et ce qui en est arrivé.")
def show(
    everything: AllOption = False,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Payment plans that run and what came of them."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.cases import plans_page

        finish_list(
            plans_page,
            company=chosen,
            key="plans",
            line=_line,
            told=_told,
            everything=everything,
            on=on,
            as_json=as_json,
        )


def _line(row: "PlanRow") -> Sentence:
    return _LISTED(
        id=row.id,
        customer=row.customer_name,
        settled=format_cents(row.settled_cents, row.currency, language()),
        amount=format_cents(row.planned_cents, row.currency, language()),
        agreed=row.agreed_date,
        state=VERDICTS[row.state](),
    )


def _told(row: "PlanRow") -> dict[str, Any]:
    return asdict(row) | {"total_cents": row.total_cents}
