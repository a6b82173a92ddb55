"""`encours serve`: the web pages, and a worker beside them."""

import multiprocessing
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import console, fail, language
from encours.cli.session import open_store
from encours.core.wording import Wording
from encours.ports.files import system_reason

app = typer.Typer(add_completion=False)
WORKER_ENDED = Wording(
    "serve.worker_ended",
    fr="worker : terminé avec {code}, un autre est lancé",
    en="worker: ended with {code}, starting another",
)
PORT_TAKEN = Wording(
    "port_taken",
    fr="Impossible d'écouter sur {host}:{port} ({detail}) : choisissez un autre port avec --port.",
    en="Cannot listen on {host}:{port} ({detail}): choose another port with --port.",
)

HostOption = Annotated[
    str,
    typer.Option(
        help=help_text(
            "serve.host",
            fr="Adresse d'écoute. Au-delà de cette machine : renseignez ENCOURS_HOSTS.",
            en="Address to listen on. Beyond this machine: set ENCOURS_HOSTS.",
        )
    ),
]
PortOption = Annotated[int, typer.Option(help=help_text("serve.port", fr="Port TCP.", en="TCP port."))]


@app.command()
@french("Servir jusqu'à l'arrêt. Ctrl-C ou SIGTERM termine les pages et le worker.")
def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    threads: Annotated[
        int,
        typer.Option(
            help=help_text(
                "serve.threads",
                fr="Requêtes traitées en même temps, par processus.",
                en="Requests answered at the same time, per process.",
            )
        ),
    ] = 4,
    processes: Annotated[
        int, typer.Option(help=help_text("serve.processes", fr="Processus web.", en="Web processes."))
    ] = 1,
    with_worker: Annotated[
        bool,
        typer.Option(
            "--worker/--no-worker",
            help=help_text("serve.worker", fr="Faire tourner un worker à côté.", en="Run a worker beside."),
        ),
    ] = True,
) -> None:
    """Serve until stopped. Ctrl-C or SIGTERM ends the pages and the worker."""
    open_store()
    run_server(host=host, port=port, threads=threads, processes=processes, with_worker=with_worker)


def run_server(
    *, host: str, port: int, threads: int = 4, processes: int = 1, with_worker: bool = True
) -> None:
    """Blocks until SIGINT or SIGTERM. The caller has opened the store."""
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    _refuse_taken_port(host, port)
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # files are served from where they were installed
    # Web processes start afresh, not as copies of this one: it may have used Polars (the demo was built, a
    # database brought forward), whose threads do not survive a fork. A page that reads a frame would wait for ever.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "encours.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
        log_level=LogLevels.warning,
    )
    worker = SupervisedWorker() if with_worker else None
    try:
        server.serve()
    finally:
        if worker:
            worker.stop()


class SupervisedWorker:
    """A worker process that is started again when it dies, and ends with this one.

    It holds the reading end of a pipe and stops when that closes, so even a kill -9 of this process
    leaves no worker behind.
    """

    RESTART_SECONDS, LONGEST_RESTART_SECONDS = 2, 60
    PATIENCE_SECONDS = 20

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._keep_running, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(self.PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()  # its job is re-runnable
        self._thread.join(self.PATIENCE_SECONDS)

    def _start(self) -> "subprocess.Popen[bytes]":
        self._started = time.monotonic()
        return subprocess.Popen(
            [sys.executable, "-m", "encours", "worker", "--with-parent"],
            stdin=subprocess.PIPE,
            # Ctrl-C in the terminal reaches this process only, which then ends the worker
            start_new_session=True,
        )

    def _keep_running(self) -> None:
        pause = self.RESTART_SECONDS
        while True:
            code = self._process.wait()
            # one that cannot start is not tried again and again at full speed
            lived = time.monotonic() - self._started
            pause = self.RESTART_SECONDS if lived > 60 else min(2 * pause, self.LONGEST_RESTART_SECONDS)
            if self._stopping.wait(pause):
                return
            console.print(f"[yellow]{WORKER_ENDED(code=code).say(language())}[/]")
            self._process = self._start()


def _refuse_taken_port(host: str, port: int) -> None:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(PORT_TAKEN(host=host, port=port, detail=system_reason(error)), as_json=False)
