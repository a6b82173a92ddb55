"""`encours demo`: a company with two years of life, in a data folder of its own, ready to look at."""

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import platformdirs
import psutil
import typer

from encours.cli.help import french, help_text
from encours.cli.output import console, fail, language
from encours.cli.session import OnOption, day, open_store, start_django
from encours.core.wording import Wording

app = typer.Typer(add_completion=False)

MARKER = "demo.json"
BUILT = Wording(
    "demo.built",
    fr="{documents} documents, {lines} lignes bancaires, {sent} envois partis, {waiting} à approuver le {on}",
    en="{documents} documents, {lines} bank lines, {sent} messages sent, {waiting} waiting for approval on {on}",
)
_PHASES = {
    "store": Wording("demo.store", fr="Base de données", en="Database"),
    "files": Wording("demo.files", fr="Fichiers de deux ans", en="Two years of files"),
    "imports": Wording("demo.imports", fr="Imports", en="Imports"),
    "days": Wording("demo.days", fr="Trois semaines de relances", en="Three weeks at work"),
    "today": Wording("demo.today", fr="Plan du jour", en="Today's plan"),
}
NOT_A_DEMO = Wording(
    "not_a_demo",
    fr="{folder} contient une vraie installation : indiquez un autre dossier avec ENCOURS_HOME.",
    en="{folder} holds a real installation: name another folder with ENCOURS_HOME.",
)
DATABASE_IN_USE = Wording(
    "demo_database_in_use",
    fr="La base de DATABASE_URL contient des sociétés : indiquez-en une vide.",
    en="The database of DATABASE_URL holds companies: name an empty one.",
)
DEMO_RUNNING = Wording(
    "demo_running",
    fr="La démonstration tourne : arrêtez-la d'abord.",
    en="The demo is running: stop it first.",
)


@app.command()
@french(
    "Construire une fois la société de démonstration, puis la servir.\n\nElle vit dans ENCOURS_HOME s'il est renseigné, sinon dans un dossier à elle à côté du vrai ; un dossier qui contient autre chose est refusé. Son courrier va dans un dossier, quoi que dise ENCOURS_SMTP_URL."
)
def demo(
    scale: Annotated[
        float,
        typer.Option(
            help=help_text(
                "demo.scale",
                fr="1 fait 400 clients et environ 8 000 documents.",
                en="1 is 400 customers and about 8,000 documents.",
            ),
            min=0.025,
        ),
    ] = 1.0,
    seed: Annotated[
        int,
        typer.Option(
            help=help_text(
                "demo.seed",
                fr="Un autre nombre fait une autre société.",
                en="Another number is another company.",
            )
        ),
    ] = 1,
    on: OnOption = "",
    port: Annotated[
        int,
        typer.Option(
            help=help_text(
                "demo.port", fr="Port TCP, sur cette machine seulement.", en="TCP port, on this machine only."
            )
        ),
    ] = 8000,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve/--no-serve",
            help=help_text(
                "demo.serve",
                fr="Ouvrir les pages une fois construite.",
                en="Open the pages when it is built.",
            ),
        ),
    ] = True,
    reset: Annotated[
        bool,
        typer.Option(
            "--reset",
            help=help_text(
                "demo.reset", fr="La reconstruire à partir de rien.", en="Build it again from nothing."
            ),
        ),
    ] = False,
) -> None:
    """Build the demo company once, then serve it.

    It lives in ENCOURS_HOME when that is set, else in a folder of its own beside the real one; a folder that
    holds anything else is refused. Its mail goes into a folder, whatever ENCOURS_SMTP_URL says.
    """
    home = Path(os.environ.setdefault("ENCOURS_HOME", platformdirs.user_data_dir("encours-demo")))
    os.environ.pop("ENCOURS_SMTP_URL", None)
    known = _marker(home)
    if known is None and home.is_dir() and any(home.iterdir()):
        fail(NOT_A_DEMO(folder=str(home)), as_json=False)
    if known is None or reset or known.get("state") != "ready":
        _wipe(home)
        known = _build(home, seed=seed, on=day(on, as_json=False), scale=scale)
    else:
        open_store()
    _show(known, port=port, serve=serve)
    if serve:
        from encours.cli.serve import run_server

        run_server(host="127.0.0.1", port=port)


def _build(home: Path, *, seed: int, on: date, scale: float) -> dict[str, Any]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    marker: dict[str, Any] = {"state": "building", "seed": seed, "on": on.isoformat(), "scale": scale}
    home.mkdir(parents=True, exist_ok=True)
    (home / MARKER).write_text(json.dumps(marker))
    start_django()
    from django.conf import settings

    from encours.actions.build_demo import PASSWORD, TEAM, UnableToBuildDemo, build_demo
    from encours.queries.companies import companies

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as shown:
        tasks = {
            phase: shown.add_task(words().say(language()), total=None, start=False)
            for phase, words in _PHASES.items()
        }

        def advance(phase: str, done: int, total: int) -> None:
            shown.start_task(tasks[phase])
            shown.update(tasks[phase], completed=done, total=total)

        advance("store", 0, 1)
        open_store()
        advance("store", 1, 1)
        if companies():
            fail(DATABASE_IN_USE(), as_json=False)
        try:
            built = build_demo(
                folder=settings.DATA_FOLDER / "demo-files", seed=seed, on=on, scale=scale, progress=advance
            )
        except UnableToBuildDemo as error:
            fail(error.sentence, as_json=False)
    ready = marker | {
        "state": "ready",
        "documents": built.documents,
        "transactions": built.transactions,
        "messages_sent": built.messages_sent,
        "messages_waiting": built.messages_waiting,
        "password": PASSWORD,
        "team": [{"email": email, "name": name, "role": role} for email, name, role, _ in TEAM],
    }
    (home / MARKER).write_text(json.dumps(ready, ensure_ascii=False, indent=1))
    return ready


def _show(known: dict[str, Any], *, port: int, serve: bool) -> None:
    from rich.panel import Panel
    from rich.table import Table

    logins = Table.grid(padding=(0, 2))
    for person in known["team"]:
        logins.add_row(f"[bold]{person['email']}[/]", person["name"], f"[dim]{person['role']}[/]")
    held = BUILT(
        documents=known["documents"],
        lines=known["transactions"],
        sent=known["messages_sent"],
        waiting=known["messages_waiting"],
        on=date.fromisoformat(known["on"]),
    )
    console.print(held.say(language()))
    address = f"http://127.0.0.1:{port}" if serve else "encours demo"
    console.print(Panel(logins, title=f"{address} · [bold]{known['password']}[/]", expand=False))


def _marker(home: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((home / MARKER).read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        return {"state": "building"}  # cut off while it was written
    return found


def _wipe(home: Path) -> None:
    """Only what a demo left behind. A running demo is not pulled away from under its users."""
    if _is_running(home / "postgres"):
        fail(DEMO_RUNNING(), as_json=False)
    for name in ("postgres", "files", "mail", "demo-files", "static"):
        shutil.rmtree(home / name, ignore_errors=True)
    (home / MARKER).unlink(missing_ok=True)


def _is_running(pgdata: Path) -> bool:
    try:
        pid = int((pgdata / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return False
    return psutil.pid_exists(pid)
