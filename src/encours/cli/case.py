"""`encours case`: disputes, promises to pay, payment plans and pauses."""

from typing import Annotated

import typer

from encours.cli import disputes, plans, promises
from encours.cli.case_options import FromNoteOption
from encours.cli.help import french, help_text
from encours.cli.named import CustomerOption, found_customer
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.problems import Problem
from encours.core.wording import Wording

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "case",
        fr="Litiges, promesses de paiement, échéanciers et pauses.",
        en="Disputes, promises to pay, payment plans and pauses.",
    ),
    no_args_is_help=True,
)
app.add_typer(disputes.app, name="dispute")
app.add_typer(promises.app, name="promise")
app.add_typer(plans.app, name="plan")
_JUDGED = Wording(
    "case.judged",
    fr="Promesses : {kept} tenue(s), {partly} en partie, {broken} non tenue(s), {reopened} de nouveau en cours. Échéanciers : {plans_kept} tenu(s), {plans_broken} non tenu(s), {plans_mended} repris.",
    en="Promises: {kept} kept, {partly} in part, {broken} broken, {reopened} open again. Payment plans: {plans_kept} kept, {plans_broken} broken, {plans_mended} in force again.",
)
_PAUSED = Wording(
    "case.paused",
    fr="Client {code} : aucune relance jusqu'au {until} compris.",
    en="Customer {code}: no reminder up to and including {until}.",
)
BAD_PAUSE = Wording(
    "case.bad_pause",
    fr="Une pause a une raison et finit après avoir commencé.",
    en="A pause has a reason and ends after it begins.",
)


@app.command()
@french("Dire quelles promesses et quels échéanciers sont tenus, d'après ce qui est arrivé.")
def judge(on: OnOption = "", company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Say which promises and payment plans were kept, from what came in."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.judge_plans import judge_plans
        from encours.actions.judge_promises import judge_promises

        today = day(on, as_json=as_json, company=chosen)
        said = judge_promises(company=chosen, on=today, actor="cli")
        planned = judge_plans(company=chosen, on=today, actor="cli")
    answer = {
        "kept": said.kept,
        "partly": said.partly,
        "broken": said.broken,
        "reopened": said.reopened,
        "plans_kept": planned.kept,
        "plans_broken": planned.broken,
        "plans_mended": planned.mended,
    }
    if not as_json:
        out.print(_JUDGED(**answer).say(language()), markup=False)
    finish(answer, as_json=as_json)


@app.command()
@french("Suspendre toutes les relances d'un client jusqu'à un jour, compris.")
def pause(
    customer: CustomerOption,
    until: Annotated[
        str,
        typer.Option(
            help=help_text("case.until", fr="Dernier jour de la pause.", en="Last day of the pause."),
            metavar="DATE",
        ),
    ],
    note: FromNoteOption,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Pause all reminders of a customer up to and including a day."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.hold_receivable import UnableToHold, hold_receivable

        today = day(on, as_json=as_json, company=chosen)
        last_day = day(until, as_json=as_json, company=chosen)
        customer_id = found_customer(company=chosen, code=customer, as_json=as_json)
        try:
            hold = hold_receivable(
                company=chosen,
                customer_id=customer_id,
                kind="pause",
                reason=note,
                from_date=today,
                until_date=last_day,
                actor="cli",
            )
        except UnableToHold:
            finish({}, problems=[Problem(BAD_PAUSE())], as_json=as_json)
    if not as_json:
        out.print(_PAUSED(code=customer, until=last_day).say(language()), markup=False)
    finish({"hold": hold.pk, "customer": customer, "until_date": last_day}, as_json=as_json)
