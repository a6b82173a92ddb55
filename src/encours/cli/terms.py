"""`encours terms show | revise | check | what-if`: payment terms of customers, against the law's caps and as they could be."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import BAD_DATE, CompanyOption, JsonOption, OnOption, company, day
from encours.core.money import UnableToReadAmount, format_cents, parse_rate
from encours.core.problems import Problem
from encours.core.reference_rates import half_name
from encours.core.wording import Wording

if TYPE_CHECKING:
    from encours.core.terms_what_if import Impact
    from encours.store.models import Company, Customer

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "terms",
        fr="Conditions de règlement : plafonds légaux, révision, et ce qu’un changement donnerait.",
        en="Payment terms: the law's caps, revising them, and what a change would do.",
    ),
    no_args_is_help=True,
)

NO_CUSTOMER = Wording(
    "terms.no_customer", fr="Aucun client n’a le code « {code} ».", en='No customer has the code "{code}".'
)
ONE_OF_THREE = Wording(
    "terms.one_of_three",
    fr="Dites pour qui : --customer CODE, --segment NOM ou --all, un seul des trois.",
    en="Say for whom: --customer CODE, --segment NAME or --all, one of the three.",
)
UNREADABLE = Wording(
    "terms.unreadable",
    fr="--to : « {terms} » n’est pas compris ; écrivez par exemple « 30 jours », « 45 jours fin de mois », « à réception ».",
    en='--to: "{terms}" is not understood; write for example "30 days", "45 days end of month", "on receipt".',
)
BAD_RATE = Wording(
    "terms.bad_rate",
    fr="--rate : « {value} » n’est pas un taux annuel.",
    en='--rate: "{value}" is not a yearly rate.',
)
NO_RATE = Wording(
    "terms.no_rate",
    fr="Le taux de la BCE du {half} n’est pas connu : les jours de retard de ce semestre ne portent aucun intérêt ici.",
    en="The ECB rate of the {half} is not known: days late in that half-year bear no interest here.",
)
NOTHING = Wording("terms.nothing", fr="Aucune facture à regarder.", en="No invoice to look at.")
ALL_WITHIN = Wording(
    "terms.all_within",
    fr="Aucun client n’a de conditions au-delà des plafonds.",
    en="No customer has terms beyond the caps.",
)
HOLDS = Wording("terms.holds", fr="{name} : {words}", en="{name}: {words}")
IMPACT = Wording(
    "terms.impact",
    fr="{count} factures ({amount}), {moved} échéances déplacées ; délai moyen {before} → {after} jours, encaissement {paid_before} → {paid_after} jours ; {tied} de trésorerie, {cost} par an.",
    en="{count} invoices ({amount}), {moved} due dates moved; mean terms {before} → {after} days, paid after {paid_before} → {paid_after} days; {tied} of cash, {cost} a year.",
)
_MONTH = Wording("terms.month", fr="mois", en="month")
_BEFORE = Wording("terms.before", fr="aujourd’hui", en="as it is")
_AFTER = Wording("terms.after", fr="alors", en="then")
_CHANGE = Wording("terms.change", fr="écart", en="change")

CustomerOption = Annotated[
    str,
    typer.Option(
        "--customer", help=help_text("terms.customer", fr="Code d’un client.", en="Code of a customer."), metavar="CODE"
    ),
]  # fmt: skip


@app.command()
@french("Les conditions d’un client, ce qu’elles étaient, et ce que la loi en dit.")
def show(customer: CustomerOption, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """A customer's terms, what they were, and what the law says of them."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.terms import revisions_of, terms_row

        found = _customer(chosen, customer, as_json=as_json)
        row = terms_row(company=chosen, customer_id=found.pk)
        assert row is not None
        revisions = [
            {
                "from_date": each.from_date,
                "terms": each.terms,
                "previous_terms": each.previous_terms,
                "periodic": each.is_periodic,
                "reason": each.reason,
                "in_force": each.is_applied,
            }
            for each in revisions_of(company=chosen, customer_id=found.pk)
        ]
    if not as_json and row.words:
        out.print(HOLDS(name=row.name, words=row.words).say(language()), markup=False)
    warnings = [Problem(row.beyond, field="terms", severity="warning")] if row.beyond else []
    finish({**row.as_json(language()), "revisions": revisions}, problems=warnings, as_json=as_json)


@app.command()
@french(
    "Convenir d’autres conditions avec un client, à partir d’un jour ; les factures émises ne changent pas."
)
def revise(
    customer: CustomerOption,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help=help_text(
                "terms.to", fr="Conditions : « 45 jours fin de mois » ; vide pour celles de la société.",
                en='Terms: "45 days end of month"; empty for the company\'s.',
            ),
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", help=help_text("terms.reason", fr="Pourquoi.", en="Why."))],
    from_day: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="DATE",
            help=help_text("terms.from", fr="Premier jour d’émission concerné ; aujourd’hui par défaut.", en="First day of issue concerned; today unless given."),
        ),
    ] = "",
    periodic: Annotated[
        bool,
        typer.Option(
            "--periodic",
            help=help_text("terms.periodic", fr="Plusieurs livraisons sur une facture (CGI, art. 289 I-3).", en="Several deliveries on one invoice (French CGI, art. 289 I-3)."),
        ),
    ] = False,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Agree other terms with a customer from a day on; issued invoices do not change."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.revise_terms import UnableToReviseTerms, revise_terms
        from encours.queries.terms import terms_row

        today = day(on, as_json=as_json, company=chosen)
        found = _customer(chosen, customer, as_json=as_json)
        try:
            beyond = revise_terms(
                company=chosen, customer_id=found.pk, terms=to, from_date=_date(from_day, today, as_json=as_json), reason=reason,
                is_periodic=periodic, on=today, actor="cli",
            )  # fmt: skip
        except UnableToReviseTerms as error:
            finish({}, problems=error.problems, as_json=as_json)
        row = terms_row(company=chosen, customer_id=found.pk)
        assert row is not None
    warnings = [Problem(beyond, field="terms", severity="warning")] if beyond else []
    finish(row.as_json(language()), problems=warnings, as_json=as_json)


@app.command()
@french("Les clients dont les conditions dépassent les plafonds légaux.")
def check(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The customers whose terms pass the legal caps."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.terms import customers_beyond_caps

        found = [row.as_json(language()) for row in customers_beyond_caps(company=chosen)]
    if not as_json:
        for row in found:
            out.print(f"{row['customer']} ({row['customer_code']}): {row['words']}", markup=False)
            out.print(f"  {row['beyond_cap']}", markup=False, style="dim")
        if not found:
            out.print(ALL_WITHIN().say(language()))
    finish({"customers": found}, as_json=as_json)


@app.command(name="what-if")
@french("Ce que changeraient d’autres conditions : échéances, trésorerie par mois, délais, intérêts.")
def what_if(
    to: Annotated[
        str, typer.Option("--to", help=help_text("terms.what_if_to", fr="Les conditions à essayer.", en="The terms to try."))
    ],
    customer: CustomerOption = "",
    segment: Annotated[
        str, typer.Option("--segment", help=help_text("terms.segment", fr="Tous les clients d’un segment.", en="All customers of a segment."))
    ] = "",
    everybody: Annotated[
        bool, typer.Option("--all", help=help_text("terms.all", fr="Tous les clients.", en="All customers."))
    ] = False,
    rate: Annotated[
        str,
        typer.Option(
            "--rate",
            help=help_text(
                "terms.rate", fr="Coût annuel de l’argent, en pour cent ; par défaut le dernier taux connu de la BCE.",
                en="Yearly cost of money, in percent; the last known ECB rate unless given.",
            ),
        ),
    ] = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """What other terms would change: due dates, cash by month, days, interest. Nothing is written."""
    if [bool(customer), bool(segment), everybody].count(True) != 1:
        fail(ONE_OF_THREE(), as_json=as_json)
    cost = _rate(rate, as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        from encours.core.terms import UnableToReadTerms, read_terms
        from encours.queries.terms import what_if as try_terms

        today = day(on, as_json=as_json, company=chosen)
        customer_id = _customer(chosen, customer, as_json=as_json).pk if customer else None
        try:
            read = read_terms(to)
            found = try_terms(
                company=chosen,
                to=to,
                on=today,
                customer_id=customer_id,
                segment=segment,
                financing_basis_points=cost,
            )
        except UnableToReadTerms:
            fail(UNREADABLE(terms=to[:40]), as_json=as_json)
    halves = sorted({half for each in found.impacts for half in each.unknown_halves})
    warnings = [Problem(NO_RATE(half=half_name(half)), field="rate", severity="warning") for half in halves]
    if not as_json:
        _show(found.impacts)
    answer = {
        "on": today,
        "to": read.notation,
        "words": read.in_words().say(language()),
        "customers": found.customer_count,
        "currencies": [each.as_json() for each in found.impacts],
    }
    finish(answer, problems=warnings, as_json=as_json)


def _customer(chosen: "Company", code: str, *, as_json: bool) -> "Customer":
    from encours.queries.customers import customer_of
    from encours.queries.named import customer_id_of

    known = customer_id_of(company=chosen, code=code)
    found = customer_of(company=chosen, customer_id=known) if known is not None else None
    if found is None:
        fail(NO_CUSTOMER(code=code), as_json=as_json)
    return found


def _date(text: str, today: date, *, as_json: bool) -> date:
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        fail(BAD_DATE(value=text), as_json=as_json)


def _rate(text: str, *, as_json: bool) -> int | None:
    try:
        return parse_rate(text) if text else None
    except UnableToReadAmount:
        fail(BAD_RATE(value=text), as_json=as_json)


def _show(found: "tuple[Impact, ...]") -> None:
    if not found:
        out.print(NOTHING().say(language()))
    for each in found:
        out.print(_said(each), markup=False)
        columns = (_MONTH, _BEFORE, _AFTER, _CHANGE)
        table = Table(*(column().say(language()) for column in columns))
        for position in (1, 2, 3):
            table.columns[position].justify = "right"
        for month in each.months:
            amounts = (month.before_cents, month.after_cents, month.change_cents)
            table.add_row(
                f"{month.month:%m/%Y}",
                *(format_cents(cents, each.currency, language()) for cents in amounts),
            )
        out.print(table)


def _said(each: "Impact") -> str:
    told: dict[str, Any] = {
        "count": each.invoice_count,
        "amount": format_cents(each.amount_cents, each.currency, language()),
        "moved": each.moved_count,
        "before": round(each.term_days_before),
        "after": round(each.term_days_after),
        "paid_before": round(each.days_to_pay_before),
        "paid_after": round(each.days_to_pay_after),
        "tied": format_cents(-each.tied_up_cents, each.currency, language()),
        "cost": format_cents(-each.financing_cents, each.currency, language()),
    }
    return IMPACT(**told).say(language())
