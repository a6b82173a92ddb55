"""`encours unbilled`: what was delivered and is not invoiced, and the invoices that somebody forgot."""

from datetime import date
from typing import Annotated, Any

import typer
from rich.table import Table

from encours.cli.help import french, help_text
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.money import format_cents
from encours.core.wording import Wording, format_date

app = typer.Typer(add_completion=False)
_COLUMNS = (
    Wording("unbilled.order", fr="commande", en="order"),
    Wording("unbilled.customer", fr="client", en="customer"),
    Wording("unbilled.delivered", fr="livré", en="delivered"),
    Wording("unbilled.invoiced", fr="facturé", en="invoiced"),
    Wording("unbilled.unbilled", fr="à facturer", en="to invoice"),
    Wording("unbilled.since", fr="depuis le", en="since"),
)
FORGOTTEN = Wording("unbilled.forgotten", fr="oubliée ({days} j)", en="forgotten ({days} d)")
NOTHING = Wording(
    "unbilled.nothing", fr="Tout ce qui est livré est facturé.", en="All that is delivered is invoiced."
)


@app.command()
@french("Ce qui est livré et pas encore facturé, et les factures oubliées.")
def unbilled(
    on: OnOption = "",
    forgotten_after: Annotated[
        int | None,
        typer.Option(
            "--forgotten-after",
            min=0,
            help=help_text(
                "unbilled.forgotten_after",
                fr="Jours au-delà desquels une facture est tenue pour oubliée ; par défaut le réglage de la société.",
                en="Days after which an invoice is taken for forgotten; the company's setting unless given.",
            ),
        ),
    ] = None,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """What is delivered and not invoiced yet, and the invoices that somebody forgot."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.unbilled import unbilled_told

        today = day(on, as_json=as_json, company=chosen)
        after = chosen.forgotten_after_days if forgotten_after is None else forgotten_after
        told = unbilled_told(company=chosen, on=today, forgotten_after_days=after)
    if not as_json:
        out.print(_table(told) if told else NOTHING().say(language()))
    finish({"on": today, "forgotten_after_days": after, "sums": _sums(told), "orders": told}, as_json=as_json)


def _sums(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One a currency: they never mix."""
    sums = []
    for currency in sorted({each["currency"] for each in told}):
        mine = [each for each in told if each["currency"] == currency]
        forgotten = [each for each in mine if each["forgotten"]]
        sums.append(
            {
                "currency": currency,
                "unbilled_cents": sum(each["unbilled_cents"] for each in mine),
                "orders": len(mine),
                "forgotten_cents": sum(each["unbilled_cents"] for each in forgotten),
                "forgotten_orders": len(forgotten),
            }
        )
    return sums


def _table(told: list[dict[str, Any]]) -> Table:
    table = Table(*(column().say(language()) for column in _COLUMNS), "")
    for position in (2, 3, 4):
        table.columns[position].justify = "right"
    for each in told:
        amounts = [each[name] for name in ("delivered_cents", "invoiced_cents", "unbilled_cents")]
        table.add_row(
            each["order"],
            each["customer"],
            *(format_cents(cents, each["currency"], language()) for cents in amounts),
            format_date(date.fromisoformat(each["oldest_delivery"]), language())
            if each["oldest_delivery"]
            else "",
            FORGOTTEN(days=each["days"]).say(language()) if each["forgotten"] else "",
        )
    return table
