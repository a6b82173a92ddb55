"""`encours reply`: replies of customers, from files and from mailboxes."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.actions.read_file import opened
from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company
from encours.core.problems import Problem
from encours.core.replies.mail import EMPTY_REPLY, MAX_BYTES, REPLY_TOO_LARGE
from encours.core.wording import Wording
from encours.ports.files import UnableToReadFile, shown_name

if TYPE_CHECKING:
    from encours.store.models import Company

_NO_LIMIT = 1 << 62
TAKEN = Wording("reply_cli.taken", fr="prise", en="taken")
KNOWN = Wording("reply_cli.known", fr="déjà prise", en="taken before")
NO_MAILBOX = Wording(
    "reply_cli.no_mailbox",
    fr="Il n'y a pas de boîte {id} : voyez « encours reply mailboxes ».",
    en="There is no mailbox {id}: see `encours reply mailboxes`.",
)
NOT_A_PAIR = Wording(
    "reply_cli.not_a_pair",
    fr="--setting « {text} » : écrivez nom=valeur.",
    en='--setting "{text}": write it name=value.',
)
SECRET_IN_ARGUMENTS = Wording(
    "reply_cli.secret_in_arguments",
    fr="{name} est secret : il se donne par l'entrée standard, jamais en argument.",
    en="{name} is a secret: it is given on standard input, never as an argument.",
)
READ = Wording(
    "reply_cli.read",
    fr="{name} : {count} nouvelle(s) réponse(s), {known} déjà prise(s)",
    en="{name}: {count} new replies, {known} taken before",
)

app = typer.Typer(
    add_completion=False,
    help=help_text("reply", fr="Réponses des clients.", en="Customers' replies."),
    no_args_is_help=True,
)

MailboxArgument = Annotated[
    int,
    typer.Argument(
        help=help_text(
            "reply.mailbox_id",
            fr="Numéro de la boîte (`encours reply mailboxes`).",
            en="Id of the mailbox (`encours reply mailboxes`).",
        ),
        metavar="ID",
    ),
]


@app.command(name="import")
@french("Prendre des réponses reçues, une par fichier .eml. La même n'est prise qu'une fois.")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help=help_text("reply.files", fr="E-mails reçus (.eml).", en="E-mails received (.eml)."),
            metavar="FILE…",
            readable=False,
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take in replies received, one per .eml file. The same one is taken once."""
    problems: list[Problem] = []
    entries: list[dict[str, Any]] = []
    with company(company_slug, as_json=as_json) as chosen:
        for path in files:
            name = shown_name(path)
            try:
                entries.append({"file": name, **_taken(chosen, path)})
            except UnableToReadFile as error:
                problems.append(error.problem.in_file(name))
            except _NotTaken as error:
                problems.append(Problem(error.sentence, file=name))
    if not as_json:
        for entry in entries:
            said = (TAKEN if entry["is_new"] else KNOWN)().say(language())
            out.print(f"{entry['file']}\t{said}\t{entry['intent']}\t{entry['customer'] or '–'}", markup=False)
    finish({"replies": entries}, problems=problems, as_json=as_json)


class _NotTaken(Exception):
    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def _taken(chosen: "Company", path: Path) -> dict[str, Any]:
    from encours.actions.act_on_reply import act_alone
    from encours.actions.read_second import read_second
    from encours.actions.take_reply import take_reply

    file = opened(path=path, name=shown_name(path), max_bytes=_NO_LIMIT)
    with file.path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _NotTaken(REPLY_TOO_LARGE(megabytes=MAX_BYTES >> 20))
    if not data.strip():
        raise _NotTaken(EMPTY_REPLY())
    now = datetime.now(UTC)
    taken = take_reply(company=chosen, content=data, received_at=now, actor="cli")
    reply = taken.reply
    if taken.is_new:
        read_second(company=chosen, reply_id=reply.pk)
        act_alone(company=chosen, reply_id=reply.pk, now=now, actor="cli")
        reply.refresh_from_db()
    return {
        "id": reply.pk,
        "is_new": taken.is_new,
        "customer": reply.customer.code if reply.customer else None,
        "message_id": reply.message_id,
        "matched_by": reply.matched_by or None,
        "nature": reply.nature,
        "intent": reply.intent,
        "date": reply.day.isoformat() if reply.day else None,
        "amount_cents": reply.amount_cents,
        "confidence": reply.confidence,
        "state": reply.state,
    }


@app.command()
@french("Les boîtes de réception, et comment elles vont.")
def mailboxes(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """The mailboxes, and how they are."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.mailboxes import mailbox_rows

        rows = mailbox_rows(company=chosen)
    if not as_json:
        for row in rows:
            said = f" · {row.problem.say(language())}" if row.problem else ""
            answered = f"{row.answered_at:%Y-%m-%d %H:%M}" if row.answered_at else "–"
            out.print(f"{row.id}\t{row.state}\t{answered}\t{row.name}\t{row.where}{said}", markup=False)
    finish({"mailboxes": [row.as_json(language()) for row in rows]}, as_json=as_json)


@app.command()
@french("Ajouter une boîte IMAP. Le mot de passe se lit sur l'entrée standard.")
def connect(
    name: Annotated[
        str,
        typer.Argument(
            help=help_text("reply.mailbox_name", fr="Nom de la boîte.", en="Name of the mailbox.")
        ),
    ],
    setting: Annotated[
        list[str],
        typer.Option(
            help=help_text(
                "reply.setting",
                fr="nom=valeur : host, username, port, security, folder, days_back, after, certificate.",
                en="name=value: host, username, port, security, folder, days_back, after, certificate.",
            ),
            metavar="NAME=VALUE",
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add an IMAP mailbox. The password is read from standard input."""
    given: dict[str, str] = {}
    for text in setting:
        key, equals, value = text.partition("=")
        if not equals:
            fail(NOT_A_PAIR(text=text), as_json=as_json)
        if key == "password":
            fail(SECRET_IN_ARGUMENTS(name=key), as_json=as_json)
        given[key] = value
    given["password"] = sys.stdin.readline().rstrip("\r\n")
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.connect_mailbox import connect_mailbox
        from encours.actions.new_connection import UnableToConnect

        try:
            mailbox = connect_mailbox(company=chosen, provider="imap", name=name, given=given, actor="cli")
        except UnableToConnect as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(f"{mailbox.pk}\t{mailbox.name}", markup=False)
    finish({"id": mailbox.pk}, as_json=as_json)


@app.command()
@french("Relever une boîte maintenant.")
def check(mailbox_id: MailboxArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Ask a mailbox for replies now."""
    problems: list[Problem] = []
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.read_mailbox import read_mailbox
        from encours.queries.mailboxes import mailbox_row

        row = mailbox_row(company=chosen, mailbox_id=mailbox_id)
        if row is None:
            fail(NO_MAILBOX(id=mailbox_id), as_json=as_json)
        read = read_mailbox(company=chosen, mailbox_id=mailbox_id, now=datetime.now(UTC), actor="cli")
    if read.problem is not None:
        problems.append(Problem(read.problem))
    if not as_json:
        said = READ(name=row.name, count=len(read.reply_ids), known=read.known_count)
        out.print(said.say(language()), markup=False)
    answer = {"replies": list(read.reply_ids), "known": read.known_count, "has_more": read.has_more}
    finish(answer, problems=problems, as_json=as_json)


@app.command()
@french(
    "Faire lire les réponses une seconde fois par un modèle de langage (API compatible OpenAI) ; sans adresse, plus par aucun.\n\n"
    "Le texte des réponses est envoyé à cette adresse. Ce qu'il en dit confirme la lecture ou s'affiche à côté : il ne décide rien. La clé se lit sur l'entrée standard."
)
def reader(
    url: Annotated[
        str,
        typer.Argument(
            help=help_text(
                "reply.reader_url",
                fr="Adresse du service, comme https://modele.exemple/v1.",
                en="Address of the service, as https://model.example/v1.",
            )
        ),
    ] = "",
    model: Annotated[
        str, typer.Option(help=help_text("reply.reader_model", fr="Nom du modèle.", en="Name of the model."))
    ] = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have replies read a second time by a language model (OpenAI-compatible API); without an address by none any more.

    The text of replies is sent to that address. What it says confirms the reading or is shown beside it: it decides nothing. The key is read from standard input.
    """
    key = sys.stdin.readline().rstrip("\r\n") if url else ""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.read_second import UnableToSetSecondReader, set_second_reader

        try:
            set_second_reader(company=chosen, url=url, model=model, key=key, actor="cli")
        except UnableToSetSecondReader as error:
            fail(error.sentence, as_json=as_json)
    finish({"reader": url or None, "model": model or None}, as_json=as_json)
