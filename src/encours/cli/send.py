"""`encours send`: what was approved leaves."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.cli.test_mode import told_in_json, told_to_people
from encours.core.wording import Wording

if TYPE_CHECKING:
    from encours.queries.test_mode import WouldLeave
    from encours.store.models import Company

app = typer.Typer(add_completion=False)
_COUNTS = {
    "sent": Wording("send.sent", fr="{count} envoyé(s)", en="{count} sent"),
    "cancelled": Wording("send.cancelled", fr="{count} annulé(s)", en="{count} cancelled"),
    "failed": Wording("send.failed", fr="{count} en échec", en="{count} failed"),
    "unknown": Wording("send.unknown", fr="{count} au sort inconnu", en="{count} unknown"),
}


@app.command()
@french(
    "Expédier les envois approuvés dont le jour est venu ; chacun est vérifié une dernière fois contre les derniers encaissements."
)
def send(
    on: OnOption = "",
    limit: Annotated[
        int | None,
        typer.Option(
            help=help_text("send.limit", fr="Au plus ce nombre d'envois.", en="At most this many messages.")
        ),
    ] = None,
    without_bank_data: Annotated[
        bool,
        typer.Option(
            help=help_text(
                "send.without_bank_data",
                fr="Envoyer bien que la banque ne soit pas connue récemment : des factures peuvent être déjà payées.",
                en="Send although the bank is not known recently: some invoices may be paid already.",
            )
        ),
    ] = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Send approved messages whose day has come; each is checked once more against the latest money."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.send_messages import send_messages

        today = day(on, as_json=as_json, company=chosen)
        sending = send_messages(
            company=chosen,
            now=datetime.now(UTC),
            on=today,
            actor="cli",
            limit=limit,
            accept_bank_age=without_bank_data,
        )
        leaving = _held_in_test_mode(chosen, today)
    counts = {
        "sent": sending.sent,
        "cancelled": sending.cancelled,
        "failed": sending.failed,
        "unknown": sending.unknown,
    }
    if leaving is not None:
        if not as_json:
            told_to_people(leaving)
        finish(
            {"on": today, "test_mode": True, **counts, "would_leave": told_in_json(leaving)},
            problems=sending.problems,
            as_json=as_json,
        )
    if not as_json:
        out.print(", ".join(_COUNTS[name](count=count).say(language()) for name, count in counts.items()))
    finish({"on": today, **counts}, problems=sending.problems, as_json=as_json)


def _held_in_test_mode(company: "Company", on: date) -> "WouldLeave | None":
    """What would have left; None when the company is live."""
    from encours.queries.test_mode import in_test_mode, would_leave

    return would_leave(company=company, on=on) if in_test_mode(company=company) else None
