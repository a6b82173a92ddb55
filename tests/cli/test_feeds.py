"""`encours feeds` and `encours watch` as people and scripts call them."""

import json
import os
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from encours.cli import feeds, watch
from encours.cli.main import app
from encours.store.models import BankConnection, Company, Transaction
from tests.feeds.conftest import lines_table
from tests.feeds.fake_qonto import LOGIN, SECRET_KEY, FakeQonto
from tests.feeds.sftp_server import SftpServer

TABLE = lines_table(("02/03/2026", "VIR DUBOIS FA-2026-0001", "1200,00"), ("02/03/2026", "FRAIS", "-4,50"))


@pytest.fixture
def encours(company: Company, monkeypatch):
    """Runs a command in this process, in the company's scope; gives (exit code, answer)."""

    @contextmanager
    def chosen(slug: str, *, as_json: bool):
        yield company

    monkeypatch.setattr(feeds, "company", chosen)
    monkeypatch.setattr(watch, "company", chosen)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "en")

    def run(*arguments: object):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        answer = json.loads(result.stdout) if result.stdout.startswith("{") else None
        return SimpleNamespace(code=result.exit_code, answer=answer, output=result.output)

    return run


def left(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    os.utime(path, (time.time() - 60,) * 2)


def test_a_folder_is_added_asked_and_told(encours, tmp_path: Path):
    added = encours("feeds", "add", "folder", "--name", "Relevés", "--set", f"folder={tmp_path}", "--json")
    assert added.code == 0
    number = added.answer["connection"]["id"]
    left(tmp_path, "releve.csv", TABLE)
    left(tmp_path, "vide.csv", "")
    asked = encours("feeds", "sync", number, "--json")
    assert asked.code == 1
    assert [problem["code"] for problem in asked.answer["problems"]] == ["empty_file"]
    (told,) = asked.answer["rounds"]
    assert [(file["file"], file["state"], file["created"]) for file in told["files"]] == [
        ("releve.csv", "done", 2)
    ]
    status = encours("feeds", "status", "--on", "2026-03-04", "--json").answer
    (row,) = status["connections"]
    assert (row["provider"], row["state"], row["where"], row["problem"]) == (
        "folder",
        "active",
        str(tmp_path),
        None,
    )
    (account,) = status["accounts"]
    assert (account["known_until_date"], account["age_days"], account["is_too_old"]) == (
        "2026-03-02",
        2,
        False,
    )
    assert "Relevés" in encours("feeds", "status").output


def test_secrets_come_from_files_only(encours, tmp_path: Path):
    with FakeQonto() as qonto:
        given = [
            "feeds",
            "add",
            "qonto",
            "--name",
            "Qonto",
            "--set",
            f"login={LOGIN}",
            "--set",
            f"base_url={qonto.base_url}",
        ]
        refused = encours(*given, "--set", f"secret_key={SECRET_KEY}", "--json")
        assert (refused.code, refused.answer["problems"][0]["code"]) == (2, "feeds.secret_in_arguments")
        assert SECRET_KEY not in refused.output
        secret = tmp_path / "secret"
        secret.write_text(f"{SECRET_KEY}\n")
        added = encours(*given, "--secret-file", f"secret_key={secret}", "--json").answer["connection"]
        assert added["state"] == "pending"
        assert encours("feeds", "authorise", added["id"], "--json").answer == {
            "ok": True,
            "problems": [],
            "url": "",
        }
        qonto.tell(120000, "DUBOIS", "FA-1")
        (told,) = encours("feeds", "sync", "--json").answer["rounds"]
    assert (told["created"], told["needs_person"]) == (1, 0)
    away = encours("feeds", "sync", "--json")
    assert (away.code, away.answer["problems"][0]["code"]) == (1, "bank_connection.not_reached")


def test_a_server_is_trusted_by_its_fingerprint(encours, tmp_path: Path):
    secret = tmp_path / "secret"
    with SftpServer(tmp_path) as server:
        secret.write_text(server.password)
        settings = [
            f"--set={each}"
            for each in ("host=127.0.0.1", f"port={server.port}", "username=banque", "folder=/")
        ]
        number = encours(
            "feeds", "add", "sftp", "--name", "B", *settings, "--secret-file", f"password={secret}", "--json"
        ).answer["connection"]["id"]  # fmt: skip
        asked = encours("feeds", "sync", number, "--json")
        assert asked.answer["problems"][0]["code"] == "bank_connection.unknown_host_key"
        assert encours("feeds", "trust-host", number, "SHA256:x", "--json").code == 2
        assert encours("feeds", "trust-host", number, server.fingerprint, "--json").code == 0
        assert encours("feeds", "sync", number, "--json").code == 0


def test_paused_resumed_and_revoked(encours, tmp_path: Path):
    encours("feeds", "add", "folder", "--name", "R", "--set", f"folder={tmp_path}")
    number = BankConnection.objects.get().pk
    for verb, state in (("pause", "paused"), ("resume", "active"), ("revoke", "revoked")):
        assert encours("feeds", verb, number, "--json").answer["changed"] is True
        assert BankConnection.objects.get().state == state


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "ebics", "--name", "E"), "connect_bank.unknown_provider"),
        (("add", "folder", "--name", "E"), "bank_connection.missing_setting"),
        (("add", "folder", "--name", "E", "--set", "folder"), "feeds.not_a_pair"),
        (("add", "folder", "--name", " ", "--set", "folder=/srv"), "connect_bank.no_name"),
        (
            ("add", "folder", "--name", "E", "--set", "folder=/srv", "--set", "after=burn"),
            "bank_connection.bad_setting",
        ),
        (("add", "sftp", "--name", "E", "--secret-file", "password=/nowhere"), "feeds.secret_not_read"),
        (("sync", "4711"), "feeds.no_connection"),
        (("pause", "4711"), "feeds.no_connection"),
    ],
)
def test_wrong_usage_is_said(encours, arguments: tuple[str, ...], code: str):
    refused = encours("feeds", *arguments, "--json")
    assert (refused.code, refused.answer["problems"][0]["code"]) == (2, code)
    assert not BankConnection.objects.exists()


def test_watching_takes_files_as_they_come(encours, tmp_path: Path):
    encours("feeds", "add", "folder", "--name", "R", "--set", f"folder={tmp_path}")
    left(tmp_path, "releve.csv", TABLE)
    assert encours("watch", "--rounds", "1").code == 0
    assert Transaction.objects.count() == 2
    assert (tmp_path / "done" / "releve.csv").exists()
