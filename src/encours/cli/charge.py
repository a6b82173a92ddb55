"""`encours charge`: what is charged by mandate: planned, announced, charged."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import AcceptBankAgeOption, CompanyOption, JsonOption, OnOption, company, day
from encours.core.money import Money
from encours.core.payments.automatic import REASONS
from encours.core.wording import Sentence, Wording

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "charge",
        fr="Prélèvements automatiques : prévoir, annoncer et prélever, lister.",
        en="Automatic charges: plan, announce and charge, list.",
    ),
    no_args_is_help=True,
)
_LINE = Wording(
    "charge_cli.line",
    fr="{document}\t{amount}\tle {day}\t{customer}",
    en="{document}\t{amount}\ton {day}\t{customer}",
)
_LEFT_OUT = Wording(
    "charge_cli.left_out", fr="Non prélevé : {document} ({reason})", en="Not charged: {document} ({reason})"
)
_NOTHING = Wording("charge_cli.nothing", fr="Rien à annoncer ce jour.", en="Nothing to announce on that day.")
_NONE = Wording("charge_cli.none", fr="Aucun prélèvement annoncé.", en="No charge has been announced.")
_MANDATE = Wording(
    "charge_cli.mandate",
    fr="{reference}\t{means}\t{state}\t{customer}",
    en="{reference}\t{means}\t{state}\t{customer}",
)
_NO_MANDATE = Wording("charge_cli.no_mandate", fr="Aucun mandat.", en="No mandate.")
_UNKNOWN = Wording(
    "charge_cli.unknown_mandate",
    fr="Aucun mandat n’a la référence {reference}.",
    en="No mandate has the reference {reference}.",
)
_REVOKED = Wording(
    "charge_cli.revoked",
    fr="Mandat {reference} révoqué : plus rien n’est prélevé par lui.",
    en="Mandate {reference} revoked: nothing is charged by it any more.",
)
_FAILURE = Wording(
    "charge_cli.failure",
    fr="{name}\t{failures} échec(s) sur {attempts}\t{amount} non encaissés, {recovered} encaissés depuis",
    en="{name}\t{failures} failures of {attempts}\t{amount} not received, {recovered} received since",
)
_NO_FAILURE = Wording("charge_cli.no_failure", fr="Aucun échec.", en="No failure.")
_TOTAL = Wording("charge_cli.total", fr="Total", en="Total")
_RUN = Wording(
    "charge_cli.run",
    fr="{notices} facture(s) annoncée(s) en {messages} message(s) ; {charges} prélèvement(s) lancé(s), {canceled} annulé(s)",
    en="{notices} invoices announced in {messages} messages; {charges} charges begun, {canceled} canceled",
)


@app.command()
@french("Ce qui serait annoncé ce jour, et ce qui ne peut pas être prélevé ; rien n'est écrit.")
def plan(on: OnOption = "", company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """What would be announced on a day, and what cannot be charged; nothing is written."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.charge_plan import planned_charges

        today = day(on, as_json=as_json, company=chosen)
        notices, left_out = planned_charges(company=chosen, on=today)
    if not as_json:
        for each in notices:
            out.print(_line(each))
        for each in left_out:
            reason = REASONS[each["reason"]]()
            out.print(_LEFT_OUT(document=each["document"], reason=reason).say(language()))
        if not notices:
            out.print(_NOTHING().say(language()))
    finish({"on": today, "notices": notices, "left_out": left_out}, as_json=as_json)


@app.command()
@french("Décider des échecs, annoncer ce qui doit l'être et prélever ce dont le jour est venu.")
def run(
    on: OnOption = "",
    accept_bank_age: AcceptBankAgeOption = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decides on failures, announces what is to be announced, charges what is due."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.charge_by_mandate import charge_by_mandate

        today = day(on, as_json=as_json, company=chosen)
        done = charge_by_mandate(
            company=chosen, on=today, now=timezone.now(), actor="cli", accept_bank_age=accept_bank_age
        )
    counts = {
        "notices": done.announced.notices, "messages": done.announced.messages,
        "charges": len(done.charging.charge_ids), "canceled": done.charging.canceled,
    }  # fmt: skip
    warning = done.charging.warning
    if not as_json:
        out.print(_RUN(**counts).say(language()))
        if warning is not None:
            out.print(warning.say(language()))
    told: dict[str, Any] = {**counts, "states": list(done.charging.states)}
    finish({"on": today, **told, "warning": warning.say(language()) if warning else None}, as_json=as_json)


@app.command(name="list")
@french("Ce qui a été annoncé, et ce qu'il en est advenu.")
def list_(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """What was announced, and what became of it."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.charge_plan import charge_notices

        notices = charge_notices(company=chosen)
    if not as_json:
        for each in notices:
            reason = Sentence.from_json(each["reason"]).say(language()) if each["reason"] else ""
            out.print("\t".join((_line(each), each["state"], reason)).rstrip())
        if not notices:
            out.print(_NONE().say(language()))
    finish({"notices": notices}, as_json=as_json)


@app.command()
@french("Les mandats donnés par les clients.")
def mandates(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The mandates customers gave."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.mandates import mandates as all_mandates

        found = all_mandates(company=chosen, language=language())
    if not as_json:
        for each in found:
            told = {name: each[name] for name in ("reference", "means", "customer")}
            out.print(_MANDATE(**told, state=each["state_told"]).say(language()))
        if not found:
            out.print(_NO_MANDATE().say(language()))
    finish({"mandates": found}, as_json=as_json)


@app.command()
@french("Mettre fin à un mandat, ici et chez le service de paiement.")
def revoke(
    reference: Annotated[
        str,
        typer.Argument(
            help=help_text(
                "charge.reference", fr="La référence du mandat.", en="The reference of the mandate."
            )
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ends a mandate, here and at the payment service."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.revoke_mandate import BY_COMPANY, revoke_mandate
        from encours.ports.connections import UnableToAsk
        from encours.queries.mandates import mandate_id

        found = mandate_id(company=chosen, reference=reference)
        if found is None:
            fail(_UNKNOWN(reference=reference), as_json=as_json)
        try:
            revoke_mandate(
                company=chosen, mandate_id=found, reason=BY_COMPANY(), now=timezone.now(), actor="cli"
            )
        except UnableToAsk as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(_REVOKED(reference=reference).say(language()))
    finish({"reference": reference, "state": "revoked"}, as_json=as_json)


@app.command()
@french(
    "Pourquoi l'argent n'est pas venu : par cause, moyen, banque et montant ; ce qui a été encaissé depuis."
)
def failures(
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="DATE",
            help=help_text(
                "charge.from",
                fr="Premier jour, AAAA-MM-JJ ; par défaut 90 jours avant.",
                en="First day, YYYY-MM-DD; 90 days before by default.",
            ),
        ),
    ] = "",
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="DATE",
            help=help_text(
                "charge.to", fr="Dernier jour ; par défaut aujourd'hui.", en="Last day; today by default."
            ),
        ),
    ] = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Why money did not come: by cause, method, bank and amount; what was received since."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.ports.registry import gateways
        from encours.queries.charge_failures import charge_failures

        gateways()  # each service says its causes in its own words
        until = day(to, as_json=as_json, company=chosen)
        since = day(from_, as_json=as_json, company=chosen) if from_ else until - timedelta(days=90)
        found = charge_failures(company=chosen, since=since, until=until)
        currency = chosen.currency
    if not as_json:
        for row in (*found.causes, found.total) if found.total.failures else ():
            name = row.failure_code or row.failure_group or _TOTAL().say(language())
            amounts = {
                "amount": Money(row.failed_cents, currency),
                "recovered": Money(row.recovered_cents, currency),
            }
            out.print(
                _FAILURE(name=name, failures=row.failures, attempts=row.of_attempts, **amounts).say(
                    language()
                )
            )
        if not found.total.failures:
            out.print(_NO_FAILURE().say(language()))
    rows = [
        {**asdict(row), "said": row.said.say(language()) if row.said else ""}
        for row in (found.total, *found.rows)
    ]
    finish({"from": since, "to": until, "currency": currency, "failures": rows}, as_json=as_json)


def _line(each: dict[str, Any]) -> str:
    day_: date = each["charge_date"]
    amount = Money(each["amount_cents"], each["currency"])
    return _LINE(document=each["document"], amount=amount, day=day_, customer=each["customer"]).say(
        language()
    )
