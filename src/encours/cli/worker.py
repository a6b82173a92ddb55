"""`encours worker`: does what waits in the queue."""

import asyncio
import contextlib
import os
import threading
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import console, language
from encours.cli.session import open_store
from encours.core.wording import Wording

app = typer.Typer(add_completion=False)
READY = Wording("worker.ready", fr="worker : prêt", en="worker: ready")


@app.command()
@french(
    "Exécuter les travaux jusqu'à l'arrêt. Ctrl-C ou SIGTERM laisse finir celui en cours ; on peut en lancer plusieurs."
)
def worker(
    until_idle: Annotated[
        bool,
        typer.Option(
            help=help_text(
                "worker.until_idle",
                fr="S'arrêter quand plus rien n'attend.",
                en="Stop when nothing waits any more.",
            )
        ),
    ] = False,
    concurrency: Annotated[
        int,
        typer.Option(
            help=help_text(
                "worker.concurrency",
                fr="Travaux en même temps ; ceux d'une société ne se chevauchent jamais.",
                en="Jobs at the same time; one company's never overlap.",
            )
        ),
    ] = 1,
    with_parent: Annotated[
        bool,
        typer.Option(
            hidden=True,
            help=help_text(
                "worker.with_parent",
                fr="S'arrêter quand l'entrée standard se ferme.",
                en="Stop when standard input closes.",
            ),
        ),
    ] = False,
) -> None:
    """Run jobs until stopped. Ctrl-C or SIGTERM lets the running job end first; any number may run."""
    open_store()
    from procrastinate.contrib.django import app as queue

    from encours.store.worker import worker_connector

    async def work() -> None:
        async with queue.open_async():
            running = asyncio.ensure_future(
                queue.run_worker_async(wait=not until_idle, concurrency=concurrency)
            )
            if with_parent:
                loop = asyncio.get_running_loop()
                watch = threading.Thread(target=_stop_with_parent, args=(loop, running), daemon=True)
                watch.start()
            with contextlib.suppress(asyncio.CancelledError):  # it let its running jobs end, then stopped
                await running

    console.print(f"[dim]{READY().say(language())}[/]")
    with queue.replace_connector(worker_connector()):
        asyncio.run(work())


def _stop_with_parent(loop: asyncio.AbstractEventLoop, running: "asyncio.Future[None]") -> None:
    """Standard input is a pipe the parent holds: it closes when the parent ends, however it ends."""
    while os.read(
        0, 1024
    ):  # the descriptor itself: a buffered reader holds a lock that blocks the interpreter's end
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(running.cancel)
