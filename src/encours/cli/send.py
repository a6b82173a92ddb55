"""`encours send`: what was approved leaves."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from encours.cli.output import finish, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day

app = typer.Typer()


@app.command()
def send(
    on: OnOption = "",
    limit: Annotated[int | None, typer.Option(help="At most this many messages.")] = None,
    without_bank_data: Annotated[
        bool,
        typer.Option(help="Send although the bank is not known recently: some invoices may be paid already."),
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
    counts = {
        "sent": sending.sent,
        "cancelled": sending.cancelled,
        "failed": sending.failed,
        "unknown": sending.unknown,
    }
    if not as_json:
        out.print(", ".join(f"{count} {name}" for name, count in counts.items()))
    finish({"on": today, **counts}, problems=sending.problems, as_json=as_json)
