"""A match accepted, rejected and undone by another program: the ledger follows, the journal names the token."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from encours.actions.create_company import create_company
from encours.actions.reconcile import reconcile
from encours.store.models import ApiToken, JournalEntry, KeptAnswer, Match, Payment
from encours.store.tenancy import company_scope
from tests import cast
from tests.api.conftest import JAN, MARCH, Program, token_of


@pytest.fixture
def proposal(company, invoice) -> Match:
    """Half of the invoice: likely, never certain."""
    cast.bank_line(company, 50_000, "FA-2026-0001")
    reconcile(company=company, on=MARCH, actor="test")
    return Match.objects.get(state="proposed")


def test_a_proposal_is_accepted_and_undone(program, invoice, proposal):
    told = program.post(f"matches/{proposal.pk}/accept").json()
    assert (told["state"], told["explanations"][0]["state"]) == ("matched", "applied")
    invoice.refresh_from_db()
    assert invoice.open_cents == 70_000
    told = program.post(f"matches/{proposal.pk}/undo").json()
    assert (told["state"], told["explanations"][0]["state"]) == ("new", "undone")
    invoice.refresh_from_db()
    assert invoice.open_cents == 120_000
    actor = f"token:{ApiToken.objects.get().pk}"
    events = JournalEntry.objects.filter(actor=actor).order_by("sequence").values_list("action", flat=True)
    assert list(events) == ["match.applied", "match.undone"]


def test_a_rejected_proposal_is_not_accepted_any_more(program, proposal):
    assert program.post(f"matches/{proposal.pk}/reject").json()["state"] == "new"
    response = program.post(f"matches/{proposal.pk}/accept")
    assert (response.status_code, response.json()["code"]) == (409, "match.no_proposal")
    assert not Payment.objects.exists()


def test_a_match_of_another_company_is_not_found(stranger, proposal):
    for verb in ("accept", "reject", "undo"):
        response = stranger.post(f"matches/{proposal.pk}/{verb}")
        assert (response.status_code, response.json()["field"]) == (404, "match_id")
    proposal.refresh_from_db()
    assert proposal.state == "proposed"


def test_the_same_request_again_has_the_same_answer(program, proposal):
    first = program.post(f"matches/{proposal.pk}/accept", Idempotency_Key="order-1")
    program.post(f"matches/{proposal.pk}/undo")
    again = program.post(f"matches/{proposal.pk}/accept", Idempotency_Key="order-1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    proposal.refresh_from_db()
    assert proposal.state == "undone"


def test_a_key_of_another_request_is_refused(program, proposal):
    program.post(f"matches/{proposal.pk}/accept", Idempotency_Key="order-1")
    for path, body in ((f"matches/{proposal.pk}/undo", {}), (f"matches/{proposal.pk}/accept", {"other": 1})):
        response = program.post(path, body, Idempotency_Key="order-1")
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    proposal.refresh_from_db()
    assert proposal.state == "applied"


def test_a_key_is_its_tokens_own(company, program, proposal):
    program.post(f"matches/{proposal.pk}/accept", Idempotency_Key="order-1")
    second = Program(token_of(company))
    assert second.post(f"matches/{proposal.pk}/undo", Idempotency_Key="order-1").status_code == 200


def test_what_was_refused_may_be_asked_again(program, proposal):
    """Nothing was written, so nothing is kept: the same key works once things have changed."""
    response = program.post(f"matches/{proposal.pk}/undo", Idempotency_Key="order-1")
    assert response.status_code == 409
    assert not KeptAnswer.objects.exists()
    program.post(f"matches/{proposal.pk}/accept")
    assert program.post(f"matches/{proposal.pk}/undo", Idempotency_Key="order-1").status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "clé", "tab\there"])
def test_a_key_that_is_none_is_refused(program, proposal, key):
    response = program.post(f"matches/{proposal.pk}/accept", Idempotency_Key=key)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_refused")


def test_the_same_request_twice_at_once_is_worked_on_once(committed_db):
    lumen = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(lumen.pk):
        dubois = cast.good_payer(lumen)
        cast.invoice(lumen, dubois, "FA-2026-0001", payable_cents=120_000, issue_date=JAN)
        cast.bank_line(lumen, 50_000, "FA-2026-0001")
        reconcile(company=lumen, on=MARCH, actor="test")
        match_id = Match.objects.get(state="proposed").pk
    text, both, answers = token_of(lumen), Barrier(2), []

    def ask() -> None:
        both.wait()
        try:
            answers.append(Program(text).post(f"matches/{match_id}/accept", Idempotency_Key="order-1"))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = answers
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert sorted("Idempotency-Replayed" in each for each in answers) == [False, True]
    with company_scope(lumen.pk):
        assert Payment.objects.count() == 1
