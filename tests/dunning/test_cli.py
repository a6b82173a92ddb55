"""The JSON that scripts rely on."""

import json
from datetime import date

import pytest

from encours.cli import dunning, send
from encours.store.models import Message
from tests import cast
from tests.dunning.conftest import bank_known

DUE = date(2026, 3, 2)


@pytest.fixture
def run(company, monkeypatch, capsys):
    from encours.cli import session

    monkeypatch.setattr(session, "open_store", lambda **_: None)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")

    def command(function, **options):
        with pytest.raises(SystemExit) as ended:
            function(**options, as_json=True)
        return ended.value.code, json.loads(capsys.readouterr().out)

    return command


def test_plan_writes_nothing_and_names_what_scripts_expect(company, run):
    lefevre = cast.late_payer(company)
    for number in ("FA-1", "FA-2"):
        cast.invoice(
            company, lefevre, number, payable_cents=60_000, issue_date=date(2026, 1, 31), due_date=DUE
        )
    morel = cast.unreachable(company)
    cast.invoice(company, morel, "FA-3", payable_cents=10_000, issue_date=date(2026, 1, 31), due_date=DUE)
    code, answer = run(dunning.plan, on="2026-03-03")
    assert (code, answer["ok"]) == (0, True)
    assert [problem["code"] for problem in answer["problems"]] == ["dunning.bank_unknown"]
    (action,) = answer["actions"]
    assert action["customer"] == "C0002"
    assert (action["step"], action["channel"]) == ("R+1", "email")
    assert (action["documents"], action["amount_cents"]) == (["FA-1", "FA-2"], 120_000)
    assert action["reason"] == "R+1 : échéance la plus ancienne le 02/03/2026, 1 j de retard"
    (held,) = answer["held"]
    assert (held["document"], held["reason"]) == ("FA-3", "Aucune adresse e-mail utilisable pour ce client")
    assert not Message.objects.exists()


def test_approving_what_does_not_wait_is_said(company, run):
    code, answer = run(dunning.approve, message_ids=[404])
    assert (code, answer["approved"]) == (1, [])
    assert [problem["code"] for problem in answer["problems"]] == ["message.not_waiting"]


def test_run_approve_and_send(company, run, post_office):
    lefevre = cast.late_payer(company)
    cast.invoice(company, lefevre, "FA-1", payable_cents=60_000, issue_date=date(2026, 1, 31), due_date=DUE)
    bank_known(company, DUE)
    answer = run(dunning.run, on="2026-03-03")[1]
    assert answer["messages"] == 1
    (stored,) = answer["stored"]
    message = Message.objects.get()
    assert (stored["id"], stored["state"]) == (message.pk, message.state)
    assert (stored["customer"], stored["step"], stored["channel"]) == ("C0002", "R+1", "email")
    assert (stored["documents"], stored["amount_cents"]) == (["FA-1"], 60_000)
    again = run(dunning.run, on="2026-03-03")[1]
    assert (again["messages"], again["stored"]) == (0, [])
    approved = run(dunning.approve, everything=True)[1]["approved"]
    assert approved == [Message.objects.get().pk]
    answer = run(send.send, on="2026-03-03")[1]
    assert [answer[name] for name in ("sent", "cancelled", "failed", "unknown")] == [1, 0, 0, 0]
    assert len(post_office.taken) == 1
