"""A PostgreSQL server of one's own, reached by DATABASE_URL as a login that is nobody special."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from encours.config.database import database_settings
from encours.store.postgres.programs import program
from tests.cli.test_backup import INVOICES

PASSWORD = "p@ss/w:rd%20?#é &"
NOBODY = 65534


@dataclass(frozen=True)
class OwnServer:
    port: int
    speaks_tls: bool

    def run_as_administrator(self, *statements: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="dba", password="dba", dbname="postgres", autocommit=True
        ) as server:
            for statement in statements:
                server.execute(statement)

    def url(self, login: str, database: str, **params: str) -> str:
        query = "&".join(f"{key}={quote(value)}" for key, value in params.items())
        return f"postgresql://{login}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}?{query}"


def _programs() -> tuple[Path, bool]:
    """The oldest of the machine's servers that the product accepts, else the one that comes along (without TLS)."""
    versions = sorted(
        (int(folder.name), folder / "bin")
        for folder in Path("/usr/lib/postgresql").glob("[0-9]*")
        if (folder / "bin" / "initdb").is_file() and int(folder.name) >= 15
    )
    return (versions[0][1], True) if versions else (program("initdb").parent, False)


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    """A cluster on a free port that asks for passwords, and for TLS where it can."""
    programs, with_tls = _programs()
    folder = Path(tempfile.mkdtemp(prefix="encours-own-"))
    # PostgreSQL does not run as root
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        os.chown(folder, NOBODY, NOBODY)

    def run(name: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / name), *arguments],
            cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user,
        )  # fmt: skip

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "password").write_text("dba")
    (folder / "password").chmod(0o644)
    data = folder / "data"
    try:
        run("initdb", "-D", str(data), "-U", "dba", "-A", "scram-sha-256", "--pwfile", str(folder / "password"),
            "--encoding=UTF8", "--no-locale", "--no-sync")  # fmt: skip
    except (PermissionError, subprocess.CalledProcessError):
        shutil.rmtree(folder)
        pytest.skip(f"{programs} cannot be run by an unprivileged user here")
    speaks_tls = with_tls and _certify(data)
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write(
            f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\nfsync = off\n"
            f"ssl = {'on' if speaks_tls else 'off'}\n"
        )
    if speaks_tls:
        hba = data / "pg_hba.conf"
        hba.write_text(hba.read_text().replace("host ", "hostssl "))
    run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "start")
    try:
        yield OwnServer(port=port, speaks_tls=speaks_tls)
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def _certify(data: Path) -> bool:
    if shutil.which("openssl") is None:
        return False
    made = subprocess.run(
        ["openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-subj", "/CN=localhost",
         "-out", str(data / "server.crt"), "-keyout", str(data / "server.key")],
        check=False, capture_output=True,
    )  # fmt: skip
    for name in ("server.crt", "server.key"):
        (data / name).chmod(0o600)
        if os.geteuid() == 0:
            os.chown(data / name, NOBODY, NOBODY)
    return made.returncode == 0


@pytest.fixture
def homes() -> Iterator[list[Path]]:
    folders = [Path(tempfile.mkdtemp(prefix="encours-home-")) for _ in range(2)]
    yield folders
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


# Several commands in one interpreter: starting one costs more than what they do.
_RUN = """
import json, sys
from typer.testing import CliRunner
from encours.cli.main import app
for command in json.loads(sys.argv[1]):
    done = CliRunner().invoke(app, command)
    said = done.stderr + (repr(done.exception) if done.exception else "")
    print(json.dumps([done.exit_code, json.loads(done.stdout or "{}"), said]))
"""

Answer = tuple[int, dict, str]


def encours(home: Path, url: str, *commands: list[str]) -> list[Answer]:
    """Exit code, JSON answer and what it said beside, of each command on that database."""
    environment = os.environ | {
        "ENCOURS_HOME": str(home), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "encours.config.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(commands)],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def test_a_login_that_owns_its_database_does_everything(server, homes):
    if server.speaks_tls and shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump on the path: the one that comes along speaks no TLS")
    server.run_as_administrator(
        f"CREATE ROLE alone LOGIN CREATEROLE PASSWORD '{PASSWORD}'",
        "CREATE DATABASE life OWNER alone", "CREATE DATABASE afterlife OWNER alone",
    )  # fmt: skip
    first, second = homes
    sslmode = "require" if server.speaks_tls else "prefer"
    life = server.url("alone", "life", sslmode=sslmode, application_name="encours on its own")
    afterlife = server.url("alone", "afterlife", sslmode=sslmode)
    file, archive = first / "factures.csv", first / "all.tar"
    file.write_text(INVOICES)
    metrics = ["metrics", "--on", "2026-05-05", "--json"]

    answers = encours(
        first, life,
        ["migrate", "--json"],
        ["company", "create", "--name", "Atelier Lumen", "--siren", "732829320", "--json"],
        ["import", str(file), "--json"],
        ["reconcile", "--json"],
        ["dunning", "run", "--on", "2026-05-05", "--json"],
        ["send", "--on", "2026-05-05", "--without-bank-data", "--json"],
        ["worker", "--until-idle"],
        ["doctor", "--json"],
        metrics,
        ["backup", str(archive), "--json"],
    )  # fmt: skip
    assert [(code, said) for code, _, said in answers if code] == []
    assert answers[2][1]["files"][0]["created"] == 1
    assert answers[7][1]["ok"]
    assert answers[8][1]["overdue_cents"] == 12_000

    restored = encours(second, afterlife, ["restore", str(archive), "--json"], metrics, ["doctor", "--json"])
    assert [(code, answer) for code, answer, _ in restored if code] == []
    assert restored[1][1] == answers[8][1]
    server.run_as_administrator(
        "DROP DATABASE life", "DROP DATABASE afterlife", "DROP ROLE encours_app", "DROP ROLE alone"
    )


def test_a_login_without_createrole_is_told_what_to_ask_for(server, homes):
    server.run_as_administrator(
        f"CREATE ROLE modest LOGIN PASSWORD '{PASSWORD}'", "CREATE DATABASE small OWNER modest"
    )
    small = server.url("modest", "small")
    [(code, answer, _)] = encours(homes[0], small, ["migrate", "--json"])
    assert code == 2
    assert answer["problems"][0]["code"] == "no_database_role"
    asked = answer["problems"][0]["message"].partition("CREATE ROLE")
    server.run_as_administrator(*(asked[1] + asked[2].partition("  (")[0]).strip("; ").split("; "))

    again = encours(homes[0], small, ["migrate", "--json"], ["migrate", "--json"])
    assert [code for code, _, _ in again] == [0, 0]
    server.run_as_administrator("DROP DATABASE small", "DROP ROLE encours_app", "DROP ROLE modest")


def test_sslmode_of_the_url_is_honoured(server, homes):
    server.run_as_administrator(f"CREATE ROLE careful LOGIN PASSWORD '{PASSWORD}'")
    wrong = "disable" if server.speaks_tls else "require"
    [(code, answer, _)] = encours(
        homes[0], server.url("careful", "postgres", sslmode=wrong), ["migrate", "--json"]
    )
    assert code == 2
    assert PASSWORD not in json.dumps(answer)
    said = answer["problems"][0]["message"]
    assert ("no encryption" if server.speaks_tls else "does not support SSL") in said


def test_the_url_means_what_it_means_to_psql():
    settings = database_settings(
        url="postgresql://a%40b:p%2Fw%3A%25@h1:5432,h2:5433/encours?sslmode=verify-full&options=-c%20work_mem%3D1MB",
        data_folder=Path("unused"),
    )
    assert {key: settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "encours", "USER": "a@b", "PASSWORD": "p/w:%", "HOST": "h1,h2", "PORT": "5432,5433",
        "OPTIONS": {"sslmode": "verify-full", "options": "-c work_mem=1MB"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/db", "postgresql://u:secret@h/db?nonsense=1", "postgresql://u:sec%zzret@h/db",
            "postgresql://u:secret@h"],
)  # fmt: skip
def test_a_wrong_url_is_refused_without_showing_it(url):
    with pytest.raises(ImproperlyConfigured) as refused:
        database_settings(url=url, data_folder=Path("unused"))
    assert "ret@" not in str(refused.value)
    assert refused.value.__cause__ is None
