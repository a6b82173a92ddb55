"""What a command needs before it works: Django, an up-to-date database, one company in scope."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli.help import help_text
from encours.cli.output import fail
from encours.core.wording import Sentence, Wording
from encours.ports.files import system_reason

if TYPE_CHECKING:
    from encours.store.models import Company

NO_DATABASE = Wording(
    "no_database", fr="Pas de base de données : {detail}", en="There is no database: {detail}"
)
NO_DATA_FOLDER = Wording(
    "no_data_folder",
    fr="Le dossier de données n'est pas utilisable ({folder}) : {reason}. Indiquez-en un autre avec ENCOURS_HOME.",
    en="The data folder cannot be used ({folder}): {reason}. Name another one with ENCOURS_HOME.",
)
BAD_SETTINGS = Wording("bad_settings", fr="Réglage refusé : {detail}", en="Setting refused: {detail}")
BAD_DATE = Wording(
    "bad_date",
    fr="--on : « {value} » n'est pas une date ; écrivez-la AAAA-MM-JJ.",
    en='--on: "{value}" is not a date; write it YYYY-MM-DD.',
)

CompanyOption = Annotated[
    str,
    typer.Option(
        "--company",
        help=help_text(
            "company_option",
            fr="Nom court de la société ; par défaut la seule qu'il y ait.",
            en="Company's slug; the only company is the default.",
        ),
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help=help_text("json", fr="Afficher un objet JSON.", en="Print one JSON object.")),
]
OnOption = Annotated[
    str,
    typer.Option(
        "--on",
        help=help_text("on", fr="La date du jour, AAAA-MM-JJ.", en="Today's date, YYYY-MM-DD."),
        metavar="DATE",
    ),
]
# of every command that charges
AcceptBankAgeOption = Annotated[
    bool,
    typer.Option(
        "--accept-bank-age",
        help=help_text(
            "charge.accept_bank_age",
            fr="Prélever même si la banque n'est pas connue assez récemment.",
            en="Charge even if the bank is not known recently enough.",
        ),
    ),
]


def start_django(*, as_json: bool = False) -> None:
    """Settings and apps; connects to nothing yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except OSError as error:  # the settings make the data folder and keep a key in it
        fail(_no_data_folder(error), as_json=as_json)
    except ImproperlyConfigured as error:
        fail(BAD_SETTINGS(detail=str(error)), as_json=as_json)


def open_store(*, as_json: bool = False) -> None:
    """Django with a database at this version: the first command of a new installation creates it."""
    start_django(as_json=as_json)
    from encours.actions.migrate_store import migrate_store
    from encours.queries.store_state import is_up_to_date

    with database(as_json=as_json):
        if not is_up_to_date():
            migrate_store()


@contextmanager
def database(*, as_json: bool) -> "Iterator[None]":
    """What keeps the database from being reached or brought to this version ends the command, in words."""
    from django.db import OperationalError

    from encours.actions.migrate_store import UnableToMigrate
    from encours.store.postgres.embedded import UnableToStartServer

    try:
        yield
    except (UnableToMigrate, UnableToStartServer) as error:
        fail(error.sentence, as_json=as_json)
    except OperationalError as error:
        fail(NO_DATABASE(detail=str(error).strip()), as_json=as_json)
    except OSError as error:  # the embedded server could not write into the data folder
        fail(_no_data_folder(error), as_json=as_json)


def _no_data_folder(error: OSError) -> Sentence:
    return NO_DATA_FOLDER(folder=os.fsdecode(error.filename or "?"), reason=system_reason(error))


@contextmanager
def company(slug: str, *, as_json: bool) -> "Iterator[Company]":
    """The chosen company, in scope."""
    open_store(as_json=as_json)
    from encours.queries.companies import UnableToChooseCompany, company_named
    from encours.store.tenancy import company_scope

    try:
        chosen = company_named(slug=slug)
    except UnableToChooseCompany as error:
        fail(error.sentence, as_json=as_json)
    with company_scope(chosen.pk):
        yield chosen


def day(on: str, *, as_json: bool, company: Any = None) -> date:
    """`--on`, or today where the company is. The faces are the only place that reads a clock."""
    if not on:
        from datetime import datetime
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo(company.time_zone if company else "Europe/Paris")).date()
    try:
        return date.fromisoformat(on)
    except ValueError:
        fail(BAD_DATE(value=on), as_json=as_json)
