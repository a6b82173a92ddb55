"""`encours reply` as people and scripts call it."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from encours.cli import reply
from encours.cli.main import app
from encours.store.models import Company, Reply, ReplySettings
from tests import cast
from tests.replies.imap_server import imap_server
from tests.replies.mails import mail


@pytest.fixture
def encours(company: Company, monkeypatch):
    """Runs a command in this process, in the company's scope; gives (exit code, answer)."""

    @contextmanager
    def chosen(slug: str, *, as_json: bool):
        yield company

    monkeypatch.setattr(reply, "company", chosen)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "en")

    def run(*arguments: object, given: str = ""):
        result = CliRunner().invoke(app, ["reply", *[str(each) for each in arguments]], input=given)
        answer = json.loads(result.stdout) if result.stdout.startswith("{") else None
        return SimpleNamespace(code=result.exit_code, answer=answer, output=result.output)

    return run


def test_files_are_taken_once_and_what_is_no_mail_is_told(encours, company: Company, tmp_path: Path) -> None:
    customer = cast.late_payer(company)
    answer, empty = tmp_path / "answer.eml", tmp_path / "empty.eml"
    answer.write_bytes(mail("Ok pour vendredi.", sender=customer.contacts.get().email, at=datetime.now(UTC)))
    empty.touch()
    run = encours("import", answer, empty, tmp_path / "none.eml", "--json")
    assert (run.code, [each["code"] for each in run.answer["problems"]]) == (
        1,
        ["empty_file", "no_such_file"],
    )
    (taken,) = run.answer["replies"]
    assert (taken["is_new"], taken["customer"], taken["intent"]) == (True, customer.code, "promise")
    again = encours("import", answer, "--json")
    assert (again.code, again.answer["replies"][0]["is_new"]) == (0, False)
    assert Reply.objects.filter(company=company).count() == 1


def test_a_mailbox_is_connected_with_its_password_on_standard_input(encours, company: Company) -> None:
    assert encours("check", 7, "--json").answer["problems"][0]["code"] == "reply_cli.no_mailbox"
    with imap_server() as server:
        server.put(mail("Ok pour vendredi.", at=datetime.now(UTC)), received_at=datetime.now(UTC))
        pairs = [f"{name}={value}" for name, value in server.settings().items() if name != "password"]
        asked = [part for pair in pairs for part in ("--setting", pair)]
        refused = encours("connect", "Relances", *asked, "--setting", "password=x", "--json")
        assert refused.answer["problems"][0]["code"] == "reply_cli.secret_in_arguments"
        added = encours("connect", "Relances", *asked, "--json", given=f"{server.password}\n")
        read = encours("check", added.answer["id"], "--json")
        assert (read.code, len(read.answer["replies"])) == (0, 1)
        server.password = "changed"
        told = encours("check", added.answer["id"], "--json")
        assert (told.code, told.answer["problems"][0]["code"]) == (1, "bank_connection.not_let_in")
    (row,) = encours("mailboxes", "--json").answer["mailboxes"]
    assert (row["replies"], row["problem"]["code"]) == (1, "bank_connection.not_let_in")
    assert "changed" not in encours("mailboxes").output


def test_a_second_reader_is_set_and_taken_away(encours, company: Company) -> None:
    assert encours("reader", "model.example", "--model", "m", "--json").code != 0
    encours("reader", "https://model.example/v1", "--model", "m", "--json", given="sk-secret\n")
    stored = ReplySettings.objects.get(company=company)
    assert (stored.reader_url, stored.reader_model) == ("https://model.example/v1", "m")
    assert "sk-secret" not in stored.reader_sealed
    encours("reader", "--json")
    stored.refresh_from_db()
    assert (stored.reader_url, stored.reader_sealed) == ("", "")
