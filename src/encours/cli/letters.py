"""`encours letters`: the library of letters as text files, in and out, and what a customer would read."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from encours.cli.help import french, help_text
from encours.cli.named import found_customer
from encours.cli.output import fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.letter_templates import LETTERS, TEMPLATE_NAMES, TONE_NAMES, VARIABLES, check_text
from encours.core.letter_templates.library import BLOCK_NAMES
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.ports.files import system_reason
from encours.ports.letter_files import LANGUAGES

if TYPE_CHECKING:
    from encours.queries.letter_texts import LetterRow
    from encours.store.models import Company

MAX_BYTES = 100_000

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "letters",
        fr="Lettres : lister, lire, essayer, vérifier, importer, exporter.",
        en="Letters: list, read, try, check, import, export.",
    ),
    no_args_is_help=True,
)
NOT_READ = Wording(
    "letters.not_read", fr="{path} ne peut pas être lu : {reason}", en="{path} cannot be read: {reason}"
)
NOT_WRITTEN = Wording(
    "letters.not_written",
    fr="{path} ne peut pas être écrit : {reason}",
    en="{path} cannot be written: {reason}",
)
NOT_TEXT = Wording("letters.not_text", fr="{path} n’est pas un texte UTF-8", en="{path} is not UTF-8 text")
NOT_NAMED = Wording(
    "letters.not_named",
    fr="{path} : le nom du fichier dit la lettre et son dossier la langue, comme fr/reminder_1.firm.txt",
    en="{path}: the file's name says the letter and its folder the language, such as fr/reminder_1.firm.txt",
)
NO_LETTER = Wording(
    "letters.no_such",
    fr="Il n’y a pas de lettre « {name} » ; celles-ci existent : {known}",
    en='There is no letter "{name}"; these exist: {known}',
)
NOBODY = Wording(
    "letters.nobody",
    fr="Personne ne doit rien qui aille avec cette lettre : rien à montrer",
    en="Nobody owes anything that fits this letter: nothing to show",
)
_OWN = Wording("letters.own", fr="la vôtre, version {version}", en="your own, version {version}")
_STANDARD = Wording("letters.standard", fr="standard", en="standard")
_SAVED = Wording(
    "letters.saved", fr="{name} : version {version} en vigueur", en="{name}: version {version} is in force"
)
_SAME = Wording("letters.same", fr="{name} : rien de nouveau", en="{name}: nothing new")
_BACK = Wording(
    "letters.back", fr="{name} : la lettre standard de nouveau", en="{name}: the standard letter again"
)
_CHECKED = Wording("letters.checked", fr="{name} : prête", en="{name}: ready")
_EXPORTED = Wording(
    "letters.exported", fr="{count} lettres écrites dans {folder}", en="{count} letters written to {folder}"
)
_COLUMNS = (
    Wording("letters.column_letter", fr="lettre", en="letter"),
    Wording("letters.column_tone", fr="ton", en="tone"),
    Wording("letters.column_language", fr="langue", en="language"),
    Wording("letters.column_text", fr="texte", en="text"),
)

NameArgument = Annotated[
    str,
    typer.Argument(
        help=help_text(
            "letters.name",
            fr="La lettre, comme reminder_1 ou reminder_1.firm.",
            en="The letter, such as reminder_1 or reminder_1.firm.",
        ),
        metavar="NAME",
    ),
]
LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        help=help_text("letters.language", fr="Sa langue : fr ou en.", en="Its language: fr or en."),
    ),
]
FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        help=help_text(
            "letters.files",
            fr="Des fichiers comme fr/reminder_1.firm.txt.",
            en="Files such as fr/reminder_1.firm.txt.",
        ),
        metavar="FILE…",
    ),
]


@app.command("list")
@french("Toutes les lettres, et lesquelles sont dans vos propres mots.")
def list_(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """All letters, and which are in your own words."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.letter_texts import library

        rows = library(company=chosen)
    if not as_json:
        table = Table(*(column().say(language()) for column in _COLUMNS), box=None)
        for row in rows:
            text = _OWN(version=row.own.version) if row.own else _STANDARD()
            table.add_row(
                f"{TEMPLATE_NAMES[row.template]().say(language())} [dim]{row.template}[/]",
                TONE_NAMES[row.tone]().say(language()),
                row.language,
                f"[bold]{text.say(language())}[/]" if row.own else text.say(language()),
            )
        out.print(table)
    finish({"letters": [_told(row) for row in rows]}, as_json=as_json)


@app.command()
@french("Le texte d'une lettre, tel qu'il est en vigueur.")
def show(
    name: NameArgument,
    in_language: LanguageOption = "fr",
    standard: Annotated[
        bool,
        typer.Option(
            "--standard",
            help=help_text("letters.standard_option", fr="Celui du produit.", en="The product's."),
        ),
    ] = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """The text of a letter as it is in force."""
    with company(company_slug, as_json=as_json) as chosen:
        row = _row(chosen, name, in_language, as_json=as_json)
    text = row.standard if standard else row.text
    if not as_json:
        sys.stdout.write(text)
    finish(_told(row) | {"text": text}, as_json=as_json)


@app.command()
@french("Ce qu'un client lirait aujourd'hui ; rien n'est envoyé.")
def preview(
    name: NameArgument,
    in_language: LanguageOption = "fr",
    customer: Annotated[
        str,
        typer.Option(
            "--customer",
            help=help_text(
                "letters.customer",
                fr="Son code ; par défaut celui qui a le plus de retard.",
                en="By code; by default the one with most overdue.",
            ),
        ),
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            help=help_text(
                "letters.file", fr="Un texte à essayer à sa place.", en="A text to try in its place."
            ),
        ),
    ] = None,
    pdf: Annotated[
        Path | None,
        typer.Option(
            "--pdf",
            help=help_text(
                "letters.pdf", fr="Écrire aussi la lettre imprimée.", en="Write the printed letter too."
            ),
        ),
    ] = None,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """What a customer would read today; nothing is sent."""
    text = _read(file, as_json=as_json) if file else None
    with company(company_slug, as_json=as_json) as chosen:
        row = _row(chosen, name, in_language, as_json=as_json)
        today = day(on, as_json=as_json, company=chosen)
        answer = _preview(
            chosen, row, row.text if text is None else text, customer, today, pdf, as_json=as_json
        )
    if not as_json:
        out.print(f"[bold]{escape(answer['subject'])}[/]\n")
        out.print(answer["text"], markup=False, highlight=False)
    finish(answer, as_json=as_json)


@app.command()
@french("Dire tout ce qui ne va pas dans des textes ; ne demande ni base ni société.")
def check(files: FilesArgument, as_json: JsonOption = False) -> None:
    """Say all that is wrong with texts; needs neither database nor company."""
    problems: list[Problem] = []
    checked: list[dict[str, Any]] = []
    for path in files:
        template, tone, its_language = _named(path, as_json=as_json)
        text = _read(path, as_json=as_json)
        found = check_text(text, template=template, language=its_language)
        problems += [problem.in_file(str(path)) for problem in found]
        checked.append(
            {"file": str(path), "template": template, "tone": tone, "language": its_language, "ok": not found}
        )
        if not found and not as_json:
            out.print(_CHECKED(name=str(path)).say(language()), markup=False)
    finish({"letters": checked}, problems=problems, as_json=as_json)


@app.command("import")
@french("Mettre des textes en vigueur, chacun comme nouvelle version ; tous ou aucun.")
def import_(files: FilesArgument, company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Put texts in force, each as a new version; all of them or none."""
    texts = [(path, _named(path, as_json=as_json), _read(path, as_json=as_json)) for path in files]
    problems: list[Problem] = []
    saved: list[dict[str, Any]] = []
    with company(company_slug, as_json=as_json) as chosen:
        from django.db import transaction

        from encours.actions.save_letter import UnableToSaveLetter, save_letter

        with transaction.atomic():
            for path, (template, tone, its_language), text in texts:
                try:
                    row, is_new = save_letter(
                        company=chosen,
                        template=template,
                        tone=tone,
                        language=its_language,
                        text=text,
                        actor="cli",
                    )
                except UnableToSaveLetter as error:
                    problems += [problem.in_file(str(path)) for problem in error.problems]
                    continue
                version = row.version if row else 0
                saved.append(
                    {
                        "file": str(path),
                        "template": template,
                        "tone": tone,
                        "language": its_language,
                        "version": version,
                        "is_new": is_new,
                    }
                )
            if problems:
                transaction.set_rollback(True)
    if problems:
        finish({"letters": []}, problems=problems, as_json=as_json)
    for each in saved if not as_json else ():
        said = _SAME if not each["is_new"] else _SAVED if each["version"] else _BACK
        out.print(said(name=each["file"], version=each["version"]).say(language()), markup=False)
    finish({"letters": saved}, as_json=as_json)


@app.command()
@french("Écrire les textes en vigueur dans un dossier, une langue par sous-dossier.")
def export(
    folder: Annotated[
        Path,
        typer.Argument(
            help=help_text(
                "letters.folder", fr="Le dossier, créé au besoin.", en="The folder, made if need be."
            )
        ),
    ],
    own: Annotated[
        bool,
        typer.Option(
            "--own", help=help_text("letters.own_only", fr="Seulement les vôtres.", en="Only your own.")
        ),
    ] = False,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the texts in force to a folder, one folder per language."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.letter_texts import library

        rows = [row for row in library(company=chosen) if row.own or not own]
    written = []
    for row in rows:
        path = folder / row.language / f"{_name(row)}.txt"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(row.text, "utf-8")
        except OSError as error:
            fail(NOT_WRITTEN(path=str(path), reason=system_reason(error)), as_json=as_json)
        written.append(str(path))
    if not as_json:
        out.print(_EXPORTED(count=len(written), folder=str(folder)).say(language()), markup=False)
    finish({"files": written}, as_json=as_json)


@app.command()
@french("Les variables et les blocs qu'un texte peut contenir.")
def variables(as_json: JsonOption = False) -> None:
    """The variables and blocks a text may contain."""
    told = [
        {"name": each.name, "told": each.told().say(language()), "is_condition": each.is_flag}
        for each in VARIABLES.values()
    ]
    blocks = [{"name": name, "told": wording().say(language())} for name, wording in BLOCK_NAMES.items()]
    if not as_json:
        table = Table(box=None, show_header=False)
        for each in told:
            table.add_row(
                f"[bold]{'[if ' + each['name'] + ']' if each['is_condition'] else '{' + each['name'] + '}'}[/]".replace(
                    "[if", r"\[if"
                ),
                escape(each["told"]),
            )
        for each in blocks:
            table.add_row(rf"[bold]\[{each['name']}][/]", escape(each["told"]))
        out.print(table)
    finish({"variables": told, "blocks": blocks}, as_json=as_json)


def _preview(
    chosen: "Company", row: "LetterRow", text: str, code: str, on: date, pdf: Path | None, *, as_json: bool
) -> dict[str, Any]:
    from encours.actions.preview_letter import preview_letter, preview_letter_pdf

    customer_id = found_customer(company=chosen, code=code, as_json=as_json) if code else None
    found = preview_letter(
        company=chosen,
        template=row.template,
        tone=row.tone,
        language=row.language,
        text=text,
        customer_id=customer_id,
        on=on,
    )
    if found.problems:
        finish({}, problems=list(found.problems), as_json=as_json)
    content = preview_letter_pdf(preview=found)
    if found.letter is None or found.rendered is None or content is None:
        fail(NOBODY(), as_json=as_json)
    if pdf is not None:
        try:
            pdf.write_bytes(content)
        except OSError as error:
            fail(NOT_WRITTEN(path=str(pdf), reason=system_reason(error)), as_json=as_json)
    rendered = found.rendered
    return _told(row) | {
        "customer": found.letter.debtor.code, "subject": rendered.subject, "text": rendered.text, "html": rendered.html,
    }  # fmt: skip


def _row(chosen: "Company", name: str, in_language: str, *, as_json: bool) -> "LetterRow":
    from encours.queries.letter_texts import letter_row

    template, tone = _parts(name)
    row = letter_row(company=chosen, template=template, tone=tone, language=in_language)
    if row is None:
        fail(NO_LETTER(name=name, known=", ".join(LETTERS)), as_json=as_json)
    return row


def _parts(name: str) -> tuple[str, str]:
    template, _, tone = name.partition(".")
    return template, tone or "neutral"


def _named(path: Path, *, as_json: bool) -> tuple[str, str, str]:
    """Template, tone and language, as the file is called."""
    template, tone = _parts(path.name.removesuffix(".txt"))
    its_language = path.resolve().parent.name
    known = LETTERS.get(template)
    is_short = template.startswith(("sms_", "task_"))
    if its_language not in LANGUAGES or not (is_short or (known and tone in known.tones)):
        fail(NOT_NAMED(path=str(path)), as_json=as_json)
    return template, tone, its_language


def _name(row: "LetterRow") -> str:
    return f"{row.template}.{row.tone}" if len(LETTERS[row.template].tones) > 1 else row.template


def _read(path: Path, *, as_json: bool) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        fail(NOT_READ(path=str(path), reason=system_reason(error)), as_json=as_json)
    except UnicodeDecodeError:
        fail(NOT_TEXT(path=str(path)), as_json=as_json)


def _told(row: "LetterRow") -> dict[str, Any]:
    return {
        "template": row.template, "tone": row.tone, "language": row.language, "version": row.own.version if row.own else 0,
        "subject": row.subject,
    }  # fmt: skip
