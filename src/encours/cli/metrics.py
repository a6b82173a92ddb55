"""`encours metrics`: outstanding, overdue, ageing and DSO on a day."""

import typer
from rich.table import Table

from encours.cli.help import french
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.metrics import CurrencyMetrics, Metrics
from encours.core.money import format_cents
from encours.core.wording import Wording, format_date

app = typer.Typer(add_completion=False)

_LABELS = {
    code: Wording(f"metrics.{code}", fr=fr, en=en)
    for code, fr, en in (
        ("outstanding_cents", "Encours", "Outstanding"),
        ("overdue_cents", "Échu", "Overdue"),
        ("unallocated_cents", "Encaissements non affectés", "Unallocated receipts"),
        ("not_due", "Non échu", "Not due"),
        ("1_30", "1 à 30 jours", "1 to 30 days"),
        ("31_60", "31 à 60 jours", "31 to 60 days"),
        ("61_90", "61 à 90 jours", "61 to 90 days"),
        ("91_plus", "Plus de 90 jours", "More than 90 days"),
        ("dso_days", "DSO", "DSO"),
        ("dso_countback_days", "DSO par épuisement", "Countback DSO"),
        ("best_possible_dso_days", "DSO optimal", "Best possible DSO"),
    )
}
DAYS = Wording("metrics.days", fr="{days} jours", en="{days} days")


@app.command()
@french("Ce que doivent les clients, avec quel retard, et en combien de temps ils paient.")
def metrics(company_slug: CompanyOption = "", on: OnOption = "", as_json: JsonOption = False) -> None:
    """What customers owe, how late it is, and how long they take."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.metrics import metrics_on

        found = metrics_on(company=chosen, on=day(on, as_json=as_json, company=chosen))
        if not as_json:
            _show(found, chosen.name)
        finish(found.as_json(), as_json=as_json)


def _show(found: Metrics, name: str) -> None:
    out.print(f"[bold]{name}[/], {format_date(found.on, language())}")
    for each in (found, *found.other_currencies):
        out.print(_table(each))


def _table(found: CurrencyMetrics) -> Table:
    labels = {code: label().say(language()) for code, label in _LABELS.items()}
    table = Table(found.currency, "", show_header=True)
    table.columns[1].justify = "right"

    def money(cents: int) -> str:
        return format_cents(cents, found.currency, language())

    for name in ("outstanding_cents", "overdue_cents", "unallocated_cents"):
        table.add_row(labels[name], money(getattr(found, name)), end_section=name == "unallocated_cents")
    for bucket in found.ageing:
        table.add_row(
            f"{labels[bucket.code]} ({bucket.document_count})",
            money(bucket.amount_cents),
            end_section=bucket is found.ageing[-1],
        )
    for name in ("dso_days", "dso_countback_days", "best_possible_dso_days"):
        days = getattr(found, name)
        table.add_row(labels[name], "—" if days is None else DAYS(days=days).say(language()))
    return table
