"""`encours api`: tokens that let other programs in."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company
from encours.core.wording import Wording

app = typer.Typer(
    add_completion=False,
    help=help_text("api", fr="L'API : jetons.", en="The API: tokens."),
    no_args_is_help=True,
)
token_app = typer.Typer(
    add_completion=False,
    help=help_text("api.token", fr="Jetons : créer, lister, révoquer.", en="Tokens: create, list, revoke."),
    no_args_is_help=True,
)
app.add_typer(token_app, name="token")


@app.callback()
def _group() -> None:
    """A group although it holds one thing so far."""


_STATES = {
    "active": Wording("api_token.active", fr="en vigueur", en="in force"),
    "expired": Wording("api_token.expired", fr="expiré", en="expired"),
    "revoked": Wording("api_token.revoked", fr="révoqué", en="revoked"),
}
NO_TOKEN = Wording(
    "api_token.unknown",
    fr="Aucun jeton en vigueur ne porte le numéro {id} : voyez `encours api token list`.",
    en="No token in force has number {id}: see `encours api token list`.",
)
BAD_LAST_DAY = Wording(
    "api_token.bad_date",
    fr="--expires : « {value} » n'est pas une date ; écrivez-la AAAA-MM-JJ.",
    en='--expires: "{value}" is not a date; write it YYYY-MM-DD.',
)


@token_app.command()
@french("Faire un jeton ; son texte est affiché une fois et ne peut plus l'être.")
def create(
    name: Annotated[
        str,
        typer.Option(help=help_text("api.name", fr="Quel programme s'en sert.", en="Which program uses it.")),
    ],
    scope: Annotated[
        list[str],
        typer.Option(
            help=help_text(
                "api.scope",
                fr="receipts:read, receipts:write, reconcile ; peut être répété.",
                en="receipts:read, receipts:write, reconcile; may be repeated.",
            )
        ),
    ],
    expires: Annotated[
        str,
        typer.Option(
            help=help_text(
                "api.expires",
                fr="Dernier jour de validité, AAAA-MM-JJ.",
                en="Last day it is valid, YYYY-MM-DD.",
            ),
            metavar="DATE",
        ),
    ] = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a token; its text is printed once and cannot be shown again."""
    last_day = _day(expires, as_json=as_json) if expires else None
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.create_token import UnableToCreateToken, create_token

        try:
            created = create_token(
                company=chosen, name=name, scopes=scope, last_day=last_day, now=datetime.now(UTC), actor="cli"
            )
        except UnableToCreateToken as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(created.text, markup=False)
    finish({"token": {"id": created.token_id, "name": name, "text": created.text}}, as_json=as_json)


@token_app.command(name="list")
@french("Les jetons de la société, d'abord ceux en vigueur.")
def list_tokens(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The tokens of the company, those in force first."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.api_tokens import api_tokens

        now = datetime.now(UTC)
        told = [row.as_json(now) for row in api_tokens(company=chosen)]
    if not as_json:
        for each in told:
            _print(each)
    finish({"tokens": told}, as_json=as_json)


@token_app.command()
@french("Refuser le jeton désormais.")
def revoke(
    token_id: Annotated[
        int, typer.Argument(help=help_text("api.token_id", fr="Numéro du jeton.", en="Number of the token."))
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Refuse the token from now on."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.create_token import revoke_token

        if not revoke_token(company=chosen, token_id=token_id, now=datetime.now(UTC), actor="cli"):
            fail(NO_TOKEN(id=token_id), as_json=as_json)
    finish({}, as_json=as_json)


def _day(text: str, *, as_json: bool) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(BAD_LAST_DAY(value=text), as_json=as_json)


def _print(each: dict[str, Any]) -> None:
    used = each["last_used_at"] or "-"
    state = _STATES[each["state"]]().say(language())
    line = f"#{each['id']} {state}  {each['name']}  …{each['ending']}  {' '.join(each['scopes'])}  {used}"
    out.print(line, markup=False)
