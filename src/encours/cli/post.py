"""`encours post`: letters in print, from the day they are approved to the day they are posted."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.wording import Wording

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "post",
        fr="Courriers : imprimer le lot du jour, dire qu'il a été remis à La Poste, lister les lots.",
        en="Letters: print the batch of the day, say that it was posted, list the batches.",
    ),
    no_args_is_help=True,
)
BATCH = Wording(
    "post.batch",
    fr="Lot {batch} : {letters} courrier(s), {pages} pages. PDF : {pdf}. Liste : {list}",
    en="Batch {batch}: {letters} letters, {pages} pages. PDF: {pdf}. List: {list}",
)
NOTHING = Wording("post.nothing", fr="Aucun courrier à imprimer.", en="There is no letter to print.")
POSTED = Wording(
    "post.posted",
    fr="{count} courrier(s) comptent comme envoyés le {on}.",
    en="{count} letters count as sent on {on}.",
)
NO_BATCH = Wording(
    "post.no_batch",
    fr="Aucun lot {batch} : voyez `encours post list`.",
    en="There is no batch {batch}: see `encours post list`.",
)
LINE = Wording(
    "post.line",
    fr="Lot {batch} : {letters} courrier(s), {pages} pages, {state}",
    en="Batch {batch}: {letters} letters, {pages} pages, {state}",
)
STATES = {
    "printed": Wording("post.to_post", fr="à poster", en="to be posted"),
    "posted": Wording("post.was_posted", fr="remis à La Poste", en="posted"),
}


@app.command("print")
@french(
    "Écrire les courriers approuvés du jour, chacun vérifié une dernière fois, et en faire un lot : un PDF et une liste."
)
def print_(on: OnOption = "", company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Write the approved letters of the day, each checked once more, and make them one batch: a PDF and a list."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.print_letters import print_letters
        from encours.queries.files import file_on_disk

        today = day(on, as_json=as_json, company=chosen)
        printed = print_letters(company=chosen, now=datetime.now(UTC), on=today, actor="cli")
        batch = printed.batch
        told = None
        if batch is not None:
            told = {
                "id": batch.pk,
                "letters": batch.letter_count,
                "pages": batch.page_count,
                "pdf": str(Path(file_on_disk(batch.pdf).path)),
                "list": str(Path(file_on_disk(batch.recipients).path)),
            }
    if not as_json:
        said = NOTHING() if told is None else BATCH(batch=told["id"], **{key: told[key] for key in ("letters", "pages", "pdf", "list")})  # fmt: skip
        out.print(said.say(language()), highlight=False)
    finish({"on": today, "batch": told, "cancelled": printed.sending.cancelled}, problems=printed.sending.problems, as_json=as_json)  # fmt: skip


@app.command()
@french("Dire qu'un lot a été remis à La Poste : ses courriers comptent comme envoyés ce jour-là.")
def posted(
    batch: Annotated[int, typer.Argument(help=help_text("post.batch_id", fr="Numéro du lot.", en="Number of the batch."))],
    date_: Annotated[
        str,
        typer.Option(
            "--date",
            metavar="DATE",
            help=help_text("post.date", fr="Le jour de la remise ; sinon aujourd'hui.", en="The day it was posted; else today."),
        ),
    ] = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Say that a batch was handed to the post: its letters count as sent on that day."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.print_letters import UnableToPrint, post_letters
        from encours.queries.letter_batches import letter_batch

        today = day(on, as_json=as_json, company=chosen)
        when: date = day(date_, as_json=as_json, company=chosen) if date_ else today
        if letter_batch(company=chosen, batch_id=batch) is None:
            fail(NO_BATCH(batch=batch), as_json=as_json)
        try:
            count = post_letters(
                company=chosen, batch_id=batch, posted_date=when, on=today, now=datetime.now(UTC), actor="cli"
            )
        except UnableToPrint as error:
            fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(POSTED(count=count, on=when).say(language()), highlight=False)
    finish({"batch": batch, "posted_date": when, "count": count}, as_json=as_json)


@app.command("list")
@french("Lister les lots, le plus récent d'abord.")
def list_(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """List the batches, the latest first."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.letter_batches import batches_page

        rows = batches_page(company=chosen, number=1, size=50).rows
    if not as_json:
        for row in rows:
            state = STATES[row.state]()
            said = LINE(batch=row.id, letters=row.left_count, pages=row.page_count, state=state)
            out.print(said.say(language()), highlight=False)
    told = [
        {"id": row.id, "state": row.state, "letters": row.left_count, "pages": row.page_count, "posted_date": row.posted_date}
        for row in rows
    ]  # fmt: skip
    finish({"batches": told}, as_json=as_json)
