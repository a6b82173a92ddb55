"""What the commands about cases ask for alike, and how they list."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli.help import help_text
from encours.cli.output import finish, language, out
from encours.cli.session import day
from encours.core.wording import Sentence

if TYPE_CHECKING:
    from typing import NoReturn

    from encours.queries.paging import Page
    from encours.store.models import Company

InvoicesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--invoice",
        help=help_text(
            "case.invoices",
            fr="Une facture, par son numéro ; à répéter.",
            en="An invoice, by number; repeat it.",
        ),
        metavar=help_text("case.number", fr="NUMÉRO", en="NUMBER"),
    ),
]
NoteOption = Annotated[
    str, typer.Option("--note", help=help_text("case.note", fr="En vos mots.", en="In your words."))
]
FromNoteOption = Annotated[
    str,
    typer.Option(
        "--reason", help=help_text("case.reason", fr="Pourquoi, en vos mots.", en="Why, in your words.")
    ),
]
AllOption = Annotated[
    bool,
    typer.Option(
        "--all",
        help=help_text("case.all", fr="Ceux qui sont finis aussi.", en="Those that have ended too."),
    ),
]
# as many as a list shows at once; scripts page by the newest
LISTED = 1_000


def finish_list(
    pages: "Callable[..., Page[Any]]",
    *,
    company: "Company",
    key: str,
    line: Callable[[Any], Sentence],
    told: Callable[[Any], dict[str, Any]] = asdict,
    everything: bool,
    on: str,
    as_json: bool,
) -> "NoReturn":
    """The open cases (or all) of one of the page queries of `queries.cases`: a line each for people; for scripts, under
    `key`, what `told` makes of each row.
    """
    from encours.queries.cases import CaseFilter

    page = pages(
        company=company,
        wanted=CaseFilter(state="" if everything else "open"),
        on=day(on, as_json=as_json, company=company),
        number=1,
        size=LISTED,
    )
    if not as_json:
        for row in page.rows:
            out.print(line(row).say(language()), markup=False)
    finish({key: [told(row) for row in page.rows], "has_more": page.has_next}, as_json=as_json)
