"""`encours direct-debit mandate`: SEPA mandates signed on paper: entered, brought in from a table, listed, ended."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.named import CustomerOption, found_customer
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.payments.direct_debits import GATEWAY, SCHEMES
from encours.core.wording import Wording

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "direct_debit.mandate",
        fr="Mandats de prélèvement SEPA signés sur papier.",
        en="SEPA direct-debit mandates signed on paper.",
    ),
    no_args_is_help=True,
)
_GIVEN = Wording(
    "direct_debit_cli.given", fr="Mandat {reference} en vigueur.", en="Mandate {reference} is in force."
)
_IMPORTED = Wording(
    "direct_debit_cli.imported",
    fr="{created} mandat(s) ajouté(s), {unchanged} déjà connu(s), {refused} refusé(s).",
    en="{created} mandates added, {unchanged} known already, {refused} refused.",
)
_UNKNOWN = Wording(
    "direct_debit_cli.unknown_mandate",
    fr="Aucun mandat n’a la référence {reference}.",
    en="No mandate has the reference {reference}.",
)
_REVOKED = Wording(
    "direct_debit_cli.revoked",
    fr="Mandat {reference} révoqué : plus rien n’est prélevé par lui.",
    en="Mandate {reference} revoked: nothing is debited by it any more.",
)
_NONE = Wording("direct_debit_cli.no_mandate", fr="Aucun mandat.", en="No mandate.")
_BAD_SCHEME = Wording(
    "direct_debit_cli.bad_scheme", fr="--scheme : CORE ou B2B.", en="--scheme: CORE or B2B."
)


def _option(name: str, fr: str, en: str) -> typer.models.OptionInfo:
    return typer.Option(name, help=help_text(f"direct_debit.{name.strip('-')}", fr=fr, en=en))


@app.command()
@french("Entrer un mandat signé.")
def add(
    customer: CustomerOption,
    iban: Annotated[str, _option("--iban", "IBAN du compte débité.", "IBAN of the account to be debited.")],
    signed: Annotated[
        str, _option("--signed", "Date de signature, AAAA-MM-JJ.", "Date of signature, YYYY-MM-DD.")
    ],
    holder: Annotated[str, _option("--holder", "Titulaire du compte.", "Account holder.")],
    reference: Annotated[
        str,
        _option(
            "--reference",
            "RUM ; faite par le programme si elle manque.",
            "RUM; made by the program when missing.",
        ),
    ] = "",
    bic: Annotated[str, _option("--bic", "BIC de la banque du client.", "BIC of the customer's bank.")] = "",
    scheme: Annotated[str, _option("--scheme", "CORE ou B2B.", "CORE or B2B.")] = "CORE",
    confirmed: Annotated[
        str,
        _option(
            "--confirmed",
            "B2B : confirmé par la banque le, AAAA-MM-JJ.",
            "B2B: confirmed by the bank on, YYYY-MM-DD.",
        ),
    ] = "",
    one_off: Annotated[
        bool, _option("--one-off", "Pour un seul prélèvement.", "For one debit only.")
    ] = False,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Enters a signed mandate."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.give_mandates import MandateEntry, UnableToGiveMandates, give_mandates
        from encours.core.payments.direct_debits import MandateGiven

        kinds = {scheme_: kind for kind, scheme_ in SCHEMES.items()}
        if scheme.upper() not in kinds:
            fail(_BAD_SCHEME(), as_json=as_json)
        given = MandateGiven(
            holder_name=holder,
            iban="".join(iban.split()).upper(),
            signed_date=_day(signed, as_json=as_json),
            reference=reference.strip(),
            bic="".join(bic.split()).upper(),
            kind=kinds[scheme.upper()],
            is_one_off=one_off,
            bank_confirmed_date=_day(confirmed, as_json=as_json),
        )
        entry = MandateEntry(found_customer(company=chosen, code=customer, as_json=as_json), given)
        today = day(on, as_json=as_json, company=chosen)
        try:
            done = give_mandates(company=chosen, entries=[entry], on=today, now=timezone.now(), actor="cli")
        except UnableToGiveMandates as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        for each in done.references:
            out.print(_GIVEN(reference=each).say(language()))
    finish(
        {"references": list(done.references), "unchanged": done.unchanged},
        problems=done.problems,
        as_json=as_json,
    )


@app.command("import")
@french("Faire entrer les mandats d'un tableau (CSV, XLSX). Le fichier n'est pas conservé.")
def import_(
    file: Annotated[
        Path, typer.Argument(help=help_text("direct_debit.file", fr="Le tableau.", en="The table."))
    ],
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Brings in the mandates of a table (CSV, XLSX). The file is not kept."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.give_mandates import UnableToGiveMandates, give_mandates
        from encours.actions.read_mandates import read_mandates
        from encours.core.problems import by_line
        from encours.ports.files import UnableToReadFile

        today = day(on, as_json=as_json, company=chosen)
        try:
            read = read_mandates(company=chosen, path=file)
            done = give_mandates(
                company=chosen, entries=read.entries, on=today, now=timezone.now(), actor="cli"
            )
        except UnableToReadFile as error:
            finish({}, problems=[error.problem.in_file(file.name)], as_json=as_json)
        except UnableToGiveMandates as error:
            fail(error.sentence, as_json=as_json)
    problems = by_line((*read.problems, *(each.in_file(file.name) for each in done.problems)))
    counts = {
        "created": len(done.references), "unchanged": done.unchanged,
        "refused": len({each.line for each in problems if each.severity == "error"}),
    }  # fmt: skip
    if not as_json:
        out.print(_IMPORTED(**counts).say(language()))
    finish({**counts, "references": list(done.references)}, problems=problems, as_json=as_json)


@app.command("list")
@french("Les mandats de prélèvement par fichier.")
def list_(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The mandates of direct debits by file."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.mandates import mandates

        found = mandates(company=chosen, language=language(), provider=GATEWAY)
    if not as_json:
        for each in found:
            out.print("\t".join((each["reference"], each["means"], each["state_told"], each["customer"])))
        if not found:
            out.print(_NONE().say(language()))
    finish({"mandates": found}, as_json=as_json)


@app.command()
@french("Mettre fin à un mandat.")
def revoke(
    reference: Annotated[
        str,
        typer.Argument(
            help=help_text("direct_debit.reference_of", fr="La RUM.", en="The mandate reference.")
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ends a mandate."""
    with company(company_slug, as_json=as_json) as chosen:
        from django.utils import timezone

        from encours.actions.revoke_mandate import BY_COMPANY, revoke_mandate
        from encours.queries.mandates import mandate_id

        found = mandate_id(company=chosen, reference=reference)
        if found is None:
            fail(_UNKNOWN(reference=reference), as_json=as_json)
        revoke_mandate(company=chosen, mandate_id=found, reason=BY_COMPANY(), now=timezone.now(), actor="cli")
    if not as_json:
        out.print(_REVOKED(reference=reference).say(language()))
    finish({"reference": reference, "state": "revoked"}, as_json=as_json)


def _day(text: str, *, as_json: bool) -> date | None:
    return day(text, as_json=as_json) if text else None
