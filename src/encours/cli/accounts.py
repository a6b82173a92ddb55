"""`encours accounts`: under which names bank accounts are told, and which of them are one."""

from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company
from encours.core.wording import Wording

NO_ACCOUNT = Wording(
    "accounts.no_account",
    fr="Il n'y a pas de compte « {account} » : voyez « encours accounts list ».",
    en='There is no account "{account}": see `encours accounts list`.',
)
ALSO_CALLED = Wording("accounts.also_called", fr="aussi {names}", en="also {names}")
TELLS_THE_SAME = Wording(
    "accounts.tells_the_same",
    fr="{count} lignes comme {account} : est-ce le même compte ?",
    en="{count} lines as in {account}: is it the same account?",
)
MERGED = Wording(
    "accounts.merged",
    fr="{account} : {moved} ligne(s) reprise(s), {told_twice} présente(s) dans les deux.",
    en="{account}: {moved} lines taken over, {told_twice} told by both.",
)

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "accounts",
        fr="Comptes bancaires : leurs noms, et ceux qui n'en font qu'un.",
        en="Bank accounts: their names, and which of them are one.",
    ),
    no_args_is_help=True,
)


@app.command("list")
@french("Tous les comptes, leurs autres noms, et ceux qui racontent les mêmes lignes.")
def show(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Every account, its other names, and those that tell the same lines."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.bank_accounts import accounts_told

        rows = accounts_told(company=chosen)
    if not as_json:
        names = {row.id: row.identifier for row in rows}
        for row in rows:
            notes = [ALSO_CALLED(names=", ".join(row.also_called))] if row.also_called else []
            notes += [TELLS_THE_SAME(count=lines, account=names[key]) for key, lines in row.tells_the_same]
            cells = (
                row.id,
                row.identifier,
                row.currency,
                row.bank or "–",
                row.line_count,
                row.known_until_date or "–",
            )
            told = [str(cell) for cell in cells] + [note.say(language()) for note in notes]
            out.print("\t".join(told), markup=False)
    finish({"accounts": [row.as_json() for row in rows]}, as_json=as_json)


@app.command()
@french(
    "Dire que deux comptes n'en font qu'un : les lignes de AUTRE vont à GARDÉ, celles des deux ne comptent qu'une fois."
)
def merge(
    kept: Annotated[
        str,
        typer.Argument(
            help=help_text(
                "accounts.kept",
                fr="Le compte qui reste : son numéro ou un de ses noms.",
                en="The account that stays: its id or one of its names.",
            ),
            metavar=help_text("accounts.kept_name", fr="GARDÉ", en="KEPT"),
        ),
    ],
    other: Annotated[
        str,
        typer.Argument(
            help=help_text(
                "accounts.other",
                fr="Le compte qui n'en est pas un autre : son numéro ou un de ses noms.",
                en="The account that is no other: its id or one of its names.",
            ),
            metavar=help_text("accounts.other_name", fr="AUTRE", en="OTHER"),
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say that two accounts are one: the lines of OTHER go to KEPT, those that both tell count once."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.merge_accounts import UnableToMergeAccounts, merge_accounts
        from encours.queries.bank_accounts import accounts_told

        named: dict[str, list[int]] = {}
        for row in accounts_told(company=chosen):
            for name in {str(row.id), row.identifier, *row.also_called}:
                named.setdefault(name, []).append(row.id)
        for wanted in (kept, other):
            if len(named.get(wanted, ())) != 1:  # a number may be kept in two currencies
                fail(NO_ACCOUNT(account=wanted), as_json=as_json)
        try:
            merged = merge_accounts(
                company=chosen, kept_id=named[kept][0], other_id=named[other][0], actor="cli"
            )
        except UnableToMergeAccounts as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        told = MERGED(account=merged.identifier, moved=merged.moved, told_twice=merged.told_twice)
        out.print(told.say(language()), markup=False)
    finish(
        {"account": merged.identifier, "moved": merged.moved, "told_twice": merged.told_twice},
        as_json=as_json,
    )
