"""`encours feeds`: where bank data comes from by itself."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day, open_store
from encours.core.problems import Problem
from encours.core.wording import Wording

if TYPE_CHECKING:
    from encours.actions.sync_bank import BankSynced

_STATES = {
    "pending": Wording("feeds.pending", fr="à confirmer", en="waits for you"),
    "active": Wording("feeds.active", fr="active", en="active"),
    "paused": Wording("feeds.paused", fr="en pause", en="paused"),
    "revoked": Wording("feeds.revoked", fr="révoquée", en="revoked"),
}
AGE = Wording("feeds.age", fr="{days} j", en="{days} d")
SEALED = Wording("feeds.sealed", fr="{count} connexion(s) scellée(s)", en="{count} connections sealed")
NO_CONNECTION = Wording(
    "feeds.no_connection",
    fr="Il n'y a pas de connexion {id} : voyez « encours feeds status ».",
    en="There is no connection {id}: see `encours feeds status`.",
)
NOT_A_PAIR = Wording(
    "feeds.not_a_pair",
    fr="{option} « {text} » : écrivez nom=valeur.",
    en='{option} "{text}": write it name=value.',
)
SECRET_NOT_READ = Wording(
    "feeds.secret_not_read",
    fr="{path} ne peut pas être lu : {reason}.",
    en="{path} cannot be read: {reason}.",
)
SECRET_IN_ARGUMENTS = Wording(
    "feeds.secret_in_arguments",
    fr="{name} est secret : donnez-le par --secret-file, il ne doit rester dans aucun historique de commandes.",
    en="{name} is a secret: give it with --secret-file, it must stand in no history of commands.",
)

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "feeds",
        fr="Connexions bancaires : dépôts de fichiers, flux bancaires.",
        en="Bank connections: drops of files, live feeds.",
    ),
    no_args_is_help=True,
)

IdArgument = Annotated[
    int,
    typer.Argument(
        help=help_text(
            "feeds.id",
            fr="Numéro de la connexion (`encours feeds status`).",
            en="Id of the connection (`encours feeds status`).",
        ),
        metavar="ID",
    ),
]


@app.command()
@french("Toutes les connexions, et l'âge des données de chaque compte bancaire.")
def status(company_slug: CompanyOption = "", on: OnOption = "", as_json: JsonOption = False) -> None:
    """Every connection, and how old the data of each bank account is."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.bank_connections import account_ages, connections

        found = connections(company=chosen)
        ages = account_ages(company=chosen, on=day(on, as_json=as_json, company=chosen))
    accounts = [
        {
            "account": each.identifier,
            "bank": each.bank,
            "currency": each.currency,
            "known_until_date": each.known_until_date.isoformat() if each.known_until_date else None,
            "age_days": each.age_days,
            "is_too_old": each.is_too_old,
        }
        for each in ages
    ]
    if not as_json:
        for row in found:
            said = f" · {row.problem.say(language())}" if row.problem else ""
            synced = f"{row.synced_at:%Y-%m-%d %H:%M}" if row.synced_at else "–"
            out.print(
                f"{row.id}\t{row.provider}\t{_STATES[row.state]().say(language())}\t{synced}\t{row.name}\t{row.where}{said}",
                markup=False,
            )
        for account in accounts:
            age = "–" if account["age_days"] is None else AGE(days=account["age_days"]).say(language())
            out.print(f"{account['account']}\t{account['currency']}\t{age}", markup=False)
    finish(
        {"connections": [row.as_json(language()) for row in found], "accounts": accounts}, as_json=as_json
    )  # fmt: skip


@app.command()
@french("Ajouter une connexion. Les secrets ne viennent que de fichiers.")
def add(
    provider: Annotated[
        str,
        typer.Argument(
            help=help_text(
                "feeds.provider", fr="folder, sftp, bridge ou qonto.", en="folder, sftp, bridge or qonto."
            )
        ),
    ],
    name: Annotated[
        str, typer.Option(help=help_text("feeds.name", fr="Comment on l'appelle.", en="What people call it."))
    ],
    given: Annotated[
        list[str],
        typer.Option(
            "--set",
            help=help_text(
                "feeds.set",
                fr="Un réglage, « nom=valeur » ; peut être répété.",
                en='A setting, "name=value"; may be repeated.',
            ),
            metavar="NAME=VALUE",
        ),
    ] = [],  # noqa: B006 (typer's way to declare a repeated option)
    secret_files: Annotated[
        list[str],
        typer.Option(
            "--secret-file",
            metavar="NAME=PATH",
            help=help_text(
                "feeds.secret_file",
                fr="Un secret lu dans un fichier (« - » pour l'entrée standard) : il ne reste dans aucun historique de commandes.",
                en='A secret read from a file ("-" for standard input), so that it stands in no history of commands.',
            ),
        ),
    ] = [],  # noqa: B006
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add a connection. Secrets come from files only."""
    values = _pairs(given, "--set", as_json=as_json)
    secrets = {
        each: _read_secret(path, as_json=as_json)
        for each, path in _pairs(secret_files, "--secret-file", as_json=as_json).items()
    }
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.connect_bank import connect_bank
        from encours.actions.new_connection import UnableToConnect

        _refuse_secrets(provider, values, as_json=as_json)
        try:
            connection = connect_bank(
                company=chosen, provider=provider, name=name, given=values | secrets, is_operator=True, actor="cli"
            )  # fmt: skip
        except UnableToConnect as error:
            fail(error.sentence, as_json=as_json)
        made = {"id": connection.pk, "provider": provider, "state": connection.state}
    if not as_json:
        out.print(f"{made['id']}\t{provider}\t{_STATES[made['state']]().say(language())}")
    finish({"connection": made}, as_json=as_json)


@app.command()
@french("Interroger maintenant, quelle que soit la pause après un échec.")
def sync(
    connection_id: Annotated[
        int | None,
        typer.Argument(
            help=help_text(
                "feeds.id_or_all",
                fr="Numéro ; à défaut toutes celles qui sont actives.",
                en="Id; all that are active when absent.",
            ),
            metavar="ID",
        ),
    ] = None,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask now, whatever the pause after a failure."""
    from datetime import UTC, datetime

    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.defer_job import defer
        from encours.actions.sync_bank import sync_bank
        from encours.queries.bank_connections import connection_detail, connections

        if (
            connection_id is not None
            and connection_detail(company=chosen, connection_id=connection_id) is None
        ):
            fail(NO_CONNECTION(id=connection_id), as_json=as_json)
        ids = (
            [connection_id] if connection_id is not None else [row.id for row in connections(company=chosen)]
        )
        rounds = [
            sync_bank(company=chosen, connection_id=each, now=datetime.now(UTC), actor="cli") for each in ids
        ]
        if any(each.brought_something for each in rounds):
            defer("reconcile", company_id=chosen.pk)
    report(rounds, as_json=as_json)


def report(rounds: "list[BankSynced]", *, as_json: bool) -> None:
    """What came of rounds, and the exit code: problems of connections and of files."""
    problems: list[Problem] = []
    for each in rounds:
        problems += [Problem(each.problem, file=f"#{each.connection_id}")] if each.problem else []
        problems += [Problem(w, file=f"#{each.connection_id}", severity="warning") for w in each.warnings]
        if each.drop:
            problems += [Problem(sentence, file=name) for name, sentence in each.drop.refused]
            problems += [problem for outcome in each.drop.outcomes for problem in outcome.problems]
        if not as_json:
            _print(each)
    finish({"rounds": [_as_json(each) for each in rounds]}, problems=problems, as_json=as_json)


def _as_json(each: "BankSynced") -> dict[str, Any]:
    entry: dict[str, Any] = {"connection_id": each.connection_id, "is_busy": each.is_busy}
    if each.drop:
        entry["files"] = [outcome.as_json(language()) for outcome in each.drop.outcomes]
        entry["waiting"] = list(each.drop.waiting)
    if each.feed:
        entry |= {
            "created": each.feed.created,
            "rewritten": each.feed.rewritten,
            "removed": each.feed.removed,
            "needs_person": each.feed.waiting,
            "unchanged": each.feed.unchanged,
        }
    return entry


def _print(each: "BankSynced") -> None:
    if each.drop:
        for outcome in each.drop.outcomes:
            out.print(
                f"{outcome.file}: {outcome.kind or '?'} · +{outcome.created} ={outcome.unchanged} !{outcome.refused}",
                markup=False,
            )
        for name in each.drop.waiting:
            out.print(f"{name}: …", markup=False)
    if each.feed:
        out.print(
            f"#{each.connection_id}: +{each.feed.created} ~{each.feed.rewritten} -{each.feed.removed} ?{each.feed.waiting}",
            markup=False,
        )


@app.command()
@french(
    "Demander l'accès à un flux bancaire ; affiche l'adresse à ouvrir quand une personne doit donner son accord à la banque."
)
def authorise(
    connection_id: IdArgument,
    return_url: Annotated[
        str,
        typer.Option(
            help=help_text(
                "feeds.return_url",
                fr="Où la banque renvoie la personne.",
                en="Where the bank sends the person back to.",
            )
        ),
    ] = "http://127.0.0.1:8000/reglages/banques/",
    email: Annotated[
        str,
        typer.Option(
            help=help_text(
                "feeds.email",
                fr="Adresse de la personne qui donne l'accès.",
                en="Address of the person who gives access.",
            )
        ),
    ] = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask for access to a live feed; prints the address to open when a person must agree at the bank."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.connect_bank import ask_for_consent
        from encours.ports.connections import UnableToAsk

        _known(chosen, connection_id, as_json=as_json)
        try:
            consent = ask_for_consent(
                company=chosen, connection_id=connection_id, return_url=return_url, email=email, actor="cli"
            )  # fmt: skip
        except UnableToAsk as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    if not as_json:
        out.print(consent.url or _STATES["active"]().say(language()), markup=False)
    finish({"url": consent.url}, as_json=as_json)


@app.command(name="trust-host")
@french("Confirmer l'empreinte présentée par un serveur SFTP.")
def trust_host(
    connection_id: IdArgument,
    fingerprint: Annotated[
        str,
        typer.Argument(
            help=help_text(
                "feeds.fingerprint",
                fr="SHA256:…, telle que la banque l'a donnée.",
                en="SHA256:…, as the bank gave it.",
            )
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Confirm the fingerprint an SFTP server presented."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.connect_bank import UnableToConnect, confirm_host

        _known(chosen, connection_id, as_json=as_json)
        try:
            confirm_host(company=chosen, connection_id=connection_id, fingerprint=fingerprint, actor="cli")
        except UnableToConnect as error:
            fail(error.sentence, as_json=as_json)
    finish({}, as_json=as_json)


@app.command()
@french("Ne plus interroger jusqu'à la reprise.")
def pause(connection_id: IdArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Ask nothing until it is resumed."""
    _change("pause", connection_id, company_slug, as_json=as_json)


@app.command()
@french("Interroger de nouveau, pour tout ce qui est arrivé entre-temps.")
def resume(connection_id: IdArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Ask again, for all that came meanwhile."""
    _change("resume", connection_id, company_slug, as_json=as_json)


@app.command()
@french("Rendre l'accès et oublier les identifiants ; ce qu'elle a apporté reste.")
def revoke(connection_id: IdArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Give the access back and forget the credentials; what it brought stays."""
    _change("revoke", connection_id, company_slug, as_json=as_json)


@app.command(name="new-key")
@french("Sceller tous les identifiants enregistrés de l'installation avec une nouvelle clé.")
def new_key(as_json: JsonOption = False) -> None:
    """Seal every stored credential of the installation with a new key."""
    open_store(as_json=as_json)
    from encours.actions.change_credential_key import change_credential_key
    from encours.queries.companies import companies

    sealed = change_credential_key(companies=companies(), actor="cli")
    if not as_json:
        out.print(SEALED(count=sealed).say(language()))
    finish({"sealed": sealed}, as_json=as_json)


def _change(verb: str, connection_id: int, company_slug: str, *, as_json: bool) -> None:
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.change_connection import pause_connection, resume_connection
        from encours.actions.revoke_bank import revoke_bank
        from encours.ports.connections import ConnectionKind, UnableToAsk

        _known(chosen, connection_id, as_json=as_json)
        do = {
            "pause": partial(pause_connection, kind=ConnectionKind.BANK),
            "resume": partial(resume_connection, kind=ConnectionKind.BANK),
            "revoke": revoke_bank,
        }[verb]
        try:
            changed = do(company=chosen, connection_id=connection_id, actor="cli")
        except UnableToAsk as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    finish({"changed": changed}, as_json=as_json)


def _known(chosen: Any, connection_id: int, *, as_json: bool) -> None:
    from encours.queries.bank_connections import connection_detail

    if connection_detail(company=chosen, connection_id=connection_id) is None:
        fail(NO_CONNECTION(id=connection_id), as_json=as_json)


def _pairs(given: list[str], option: str, *, as_json: bool) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            fail(NOT_A_PAIR(option=option, text=text), as_json=as_json)
        pairs[name.strip()] = value
    return pairs


def _read_secret(path: str, *, as_json: bool) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text()
    except OSError as error:
        fail(SECRET_NOT_READ(path=path, reason=error.strerror or "?"), as_json=as_json)


def _refuse_secrets(provider: str, values: dict[str, str], *, as_json: bool) -> None:
    """A secret on the command line would stay in the history and in the list of processes."""
    from encours.ports.connections import ConnectionKind, settings_of
    from encours.ports.registry import connectors

    made = connectors(ConnectionKind.BANK).get(provider)
    secret = {each.name for each in settings_of(made.Config) if each.secret} if made else set()
    for name in values.keys() & secret:
        fail(SECRET_IN_ARGUMENTS(name=name), as_json=as_json)
