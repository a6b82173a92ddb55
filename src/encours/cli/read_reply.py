"""`encours read-reply`: what customers answered, read from files. Needs neither a company nor a database."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from encours.actions.read_file import opened
from encours.cli.help import french, help_text
from encours.cli.output import finish, language, out
from encours.cli.session import JsonOption, OnOption, day
from encours.core.money import format_cents
from encours.core.problems import Problem
from encours.core.replies import UnableToReadReply, Understanding, read_reply_file, understand
from encours.core.replies.mail import MAX_BYTES
from encours.core.replies.words import INTENT_NAMES, REASON_NAMES
from encours.core.wording import Wording, format_date
from encours.ports.files import UnableToReadFile, shown_name

app = typer.Typer(add_completion=False)
_NO_LIMIT = 1 << 62  # the limit of a reply is that of core.replies

_CERTAINTIES = {
    "exact": Wording("reply.exact", fr="{day}", en="{day}"),
    "approximate": Wording("reply.approximate", fr="vers le {day}", en="about {day}"),
    "ambiguous": Wording("reply.ambiguous", fr="{day}, à confirmer", en="{day}, to be confirmed"),
}
_FIGURES = Wording("reply.figures", fr="{intent}, sûr à {percent} %", en="{intent}, {percent}% sure")
_BECAUSE = Wording("reply.because", fr="d'après : {words}", en="because of: {words}")
_ALSO = Wording("reply.also", fr="aussi : {intents}", en="also: {intents}")
_SHARE = Wording("reply.share", fr="{percent} % du dû", en="{percent}% of what is owed")


@app.command(name="read-reply")
@french(
    "Comprendre des réponses de clients : promesse, litige, déjà payé, mauvais interlocuteur, absence, question, désabonnement.\n\n"
    "Les dates se comptent du jour de l'e-mail s'il le dit, sinon de --on. Rien n'est enregistré."
)
def read_reply(
    files: Annotated[
        list[Path],
        typer.Argument(
            help=help_text(
                "read_reply.files",
                fr="Réponses reçues : .eml, .html ou .txt.",
                en="Replies received: .eml, .html or .txt.",
            ),
            metavar="FILE…",
            readable=False,
        ),
    ],
    on: OnOption = "",
    as_json: JsonOption = False,
) -> None:
    """Understand customers' replies: promise, dispute, already paid, wrong contact, absence, question, unsubscription.

    Days count from the day of the e-mail when it says one, else from --on. Nothing is stored.
    """
    today = day(on, as_json=as_json)
    problems: list[Problem] = []
    entries: list[dict[str, Any]] = []
    for path in files:
        try:
            understood = _understood(path, today)
        except (UnableToReadReply, UnableToReadFile) as error:
            problems.append(error.problem.in_file(shown_name(path)))
            continue
        entries.append({"file": shown_name(path), **understood.as_json()})
        if not as_json:
            _show(shown_name(path), understood)
    alone = len(files) == 1
    answer = {key: value for key, value in entries[0].items() if key != "file"} if alone and entries else {}
    finish(answer if alone else {"files": entries}, problems=problems, as_json=as_json)


def _understood(path: Path, on: date) -> Understanding:
    file = opened(path=path, name=shown_name(path), max_bytes=_NO_LIMIT)
    with file.path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    return understand(read_reply_file(data, name=path.name), on=on)


def _show(name: str, understood: Understanding) -> None:
    said = language()
    intent = INTENT_NAMES[understood.intent]().say(said)
    percent = round(understood.confidence * 100)
    out.print(f"[bold]{escape(name)}[/]: {escape(_FIGURES(intent=intent, percent=percent).say(said))}")
    details = []
    if understood.day is not None:
        certainty = _CERTAINTIES[understood.day_certainty or "exact"]
        details.append(certainty(day=format_date(understood.day, said)).say(said))
    if understood.amount_cents is not None:
        details.append(format_cents(understood.amount_cents, understood.currency, said))
    elif understood.share is not None:
        details.append(_SHARE(percent=round(understood.share * 100)).say(said))
    if understood.reason:
        details.append(REASON_NAMES[understood.reason]().say(said))
    details += understood.references
    if details:
        out.print("  " + escape(" · ".join(details)))
    if understood.because:
        quoted = " … ".join(f"« {words} »" if said == "fr" else f'"{words}"' for words in understood.because)
        out.print("  " + escape(_BECAUSE(words=quoted).say(said)))
    if understood.also:
        others = ", ".join(INTENT_NAMES[intent]().say(said) for intent in understood.also)
        out.print("  " + escape(_ALSO(intents=others).say(said)))
