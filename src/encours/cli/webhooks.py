"""`encours webhooks`: addresses of other programs that are told what happens."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company
from encours.core.wording import Wording

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "webhooks",
        fr="Webhooks : ajouter, lister, essayer, activer, désactiver, retirer.",
        en="Webhooks: add, list, test, enable, disable, remove.",
    ),
    no_args_is_help=True,
)
NO_WEBHOOK = Wording(
    "webhook.unknown",
    fr="Aucune adresse {id} ne s'y prête : voyez `encours webhooks list`.",
    en="No address {id} is in a state for that: see `encours webhooks list`.",
)
IdArgument = Annotated[
    int,
    typer.Argument(help=help_text("webhooks.id", fr="Numéro de l'adresse.", en="Number of the address.")),
]


@app.command()
@french("Ajouter une adresse ; son secret est affiché une fois et ne peut plus l'être.")
def add(
    url: Annotated[
        str,
        typer.Option(help=help_text("webhooks.url", fr="Où envoyer, en HTTPS.", en="Where to, over HTTPS.")),
    ],
    event: Annotated[
        list[str],
        typer.Option(
            help=help_text(
                "webhooks.event",
                fr="receipt.allocated, receipt.unallocated, credit_note.allocated, credit_note.unallocated ; peut être"
                " répété.",
                en="receipt.allocated, receipt.unallocated, credit_note.allocated, credit_note.unallocated; may be"
                " repeated.",
            )
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add an address; its secret is printed once and cannot be shown again."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.conf import settings

        from encours.actions.change_webhook import UnableToAddWebhook, add_webhook

        try:
            added = add_webhook(
                company=chosen, url=url, events=event, may_be_inside=settings.WEBHOOKS_INSIDE, actor="cli"
            )
        except UnableToAddWebhook as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(added.secret, markup=False)
    finish({"webhook": {"id": added.endpoint_id, "url": url, "secret": added.secret}}, as_json=as_json)


@app.command(name="list")
@french("Les adresses de la société et comment elles se portent.")
def list_webhooks(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The company's addresses and how they do."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.webhooks import webhook_endpoints

        told = [row.as_json(language()) for row in webhook_endpoints(company=chosen)]
    if not as_json:
        for each in told:
            problem = each["problem"]["message"] if each["problem"] else ""
            line = f"#{each['id']} {each['state']}  {each['url']}  {' '.join(each['events'])}  {problem}"
            out.print(line.rstrip(), markup=False)
    finish({"webhooks": told}, as_json=as_json)


@app.command(name="test")
@french("Envoyer un message d'essai.")
def send_trial(
    endpoint_id: IdArgument, company_slug: CompanyOption = "", as_json: JsonOption = False
) -> None:
    """Send a trial message."""
    _change("try_webhook", endpoint_id, company_slug, as_json=as_json, now=datetime.now(UTC))


@app.command()
@french("Dire de nouveau ce qui arrive, et envoyer ce qui attend.")
def enable(endpoint_id: IdArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Tell again what happens, and send what waits."""
    _change("enable_webhook", endpoint_id, company_slug, as_json=as_json, actor="cli")


@app.command()
@french("Ne plus rien dire jusqu'à nouvel ordre.")
def disable(endpoint_id: IdArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Tell nothing until it is enabled again."""
    _change("disable_webhook", endpoint_id, company_slug, as_json=as_json, actor="cli")


@app.command()
@french("Retirer l'adresse, son secret et ce qui l'attend.")
def remove(endpoint_id: IdArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Remove the address, its secret and what waits for it."""
    _change("remove_webhook", endpoint_id, company_slug, as_json=as_json, actor="cli")


def _change(verb: str, endpoint_id: int, company_slug: str, *, as_json: bool, **details: Any) -> None:
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions import change_webhook

        if not getattr(change_webhook, verb)(company=chosen, endpoint_id=endpoint_id, **details):
            fail(NO_WEBHOOK(id=endpoint_id), as_json=as_json)
    finish({}, as_json=as_json)
