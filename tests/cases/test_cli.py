"""The JSON of `encours case` that scripts rely on."""

import json
from datetime import date

import pytest

from encours.cli import case, disputes, plans, promises
from encours.store.models import Dispute, Hold, PaymentPlan
from tests import cast
from tests.cases.stories import day, pays


@pytest.fixture
def run(company, monkeypatch, capsys):
    from encours.cli import session

    monkeypatch.setattr(session, "open_store", lambda **_: None)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "en")

    def command(function, **options):
        with pytest.raises(SystemExit) as ended:
            function(**({"on": "2026-03-10"} | options), as_json=True)
        return ended.value.code, json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def invoice(company):
    return cast.invoice(
        company, cast.late_payer(company), "FA-1", payable_cents=100_00, issue_date=date(2026, 1, 5)
    )


def test_a_dispute_is_opened_listed_and_resolved(invoice, run):
    code, answer = run(
        disputes.open_, customer="C0002", invoice="FA-1", reason="PU_ERR", disputed_cents=40_00, owner="Karim",
        deadline="2026-03-20",
    )  # fmt: skip
    assert (code, answer["disputed_cents"]) == (0, 40_00)
    (listed,) = run(disputes.show)[1]["disputes"]
    assert (listed["number"], listed["blocked_cents"], listed["owner"], listed["deadline"]) == (
        "FA-1", 40_00, "Karim", "2026-03-20",
    )  # fmt: skip
    code, answer = run(disputes.resolve, dispute_id=answer["dispute"], outcome="accepted", on="2026-03-17")
    assert (code, answer["days"], Dispute.objects.get().outcome) == (0, 7, "accepted")
    assert run(disputes.show)[1]["disputes"] == []


def test_what_is_refused_has_a_code(invoice, run):
    code, answer = run(disputes.open_, customer="C0002", invoice="FA-1", reason="BECAUSE")
    assert (code, [each["code"] for each in answer["problems"]]) == (1, ["dispute_unknown_reason"])
    code, answer = run(disputes.open_, customer="C0002", invoice="FA-404", reason="AUTRE")
    assert (code, [each["code"] for each in answer["problems"]]) == (1, ["named.no_document"])
    code, answer = run(promises.record, customer="NOBODY", date_="2026-03-20")
    assert (code, [each["code"] for each in answer["problems"]]) == (1, ["named.no_customer"])


def test_a_promise_is_recorded_judged_and_listed(company, invoice, run):
    code, answer = run(
        promises.record, customer="C0002", date_="2026-03-13", amount_cents=60_00, source="phone"
    )
    assert (code, answer["promise"]["documents"][0]["number"]) == (0, "FA-1")
    pays(company, invoice.customer, 20_00, day(12), invoice)
    code, answer = run(case.judge, on="2026-03-20")
    assert (code, answer["partly"], answer["kept"]) == (0, 1, 0)
    (listed,) = run(promises.show, everything=True)[1]["promises"]
    assert (listed["state"], listed["settled_cents"]) == ("partly", 20_00)
    code, answer = run(promises.withdraw, promise_id=listed["id"])
    assert (code, answer["problems"][0]["code"]) == (1, "promise_judged")


def test_a_plan_of_equal_instalments_sums_to_the_cent(invoice, run):
    code, answer = run(plans.agree, customer="C0002", count=3, from_="2026-03-31", interest_cents=1_00)
    assert code == 0
    parts = [(part["due_date"], part["amount_cents"]) for part in answer["plan"]["instalments"]]
    assert parts == [("2026-03-31", 33_68), ("2026-04-30", 33_66), ("2026-05-31", 33_66)]
    assert run(plans.end, plan_id=answer["plan"]["id"])[1]["state"] == "ended"
    assert PaymentPlan.objects.get().state == "ended"


def test_instalments_that_do_not_sum_are_refused(invoice, run):
    code, answer = run(plans.agree, customer="C0002", instalment=["2026-03-31=5000", "2026-04-30=4999"])
    assert (code, answer["problems"][0]["code"]) == (1, "plan_wrong_sum")
    assert run(plans.agree, customer="C0002", instalment=["tomorrow"])[0] == 2
    assert run(plans.agree, customer="C0002")[0] == 2


def test_a_pause_is_a_hold_with_its_last_day(invoice, run):
    assert run(case.pause, customer="C0002", until="2026-03-31", note="audit du client")[0] == 0
    hold = Hold.objects.get()
    assert (hold.kind, hold.until_date, hold.document) == ("pause", date(2026, 3, 31), None)
    code, answer = run(case.pause, customer="C0002", until="2026-03-01", note="trop tard")
    assert (code, answer["problems"][0]["code"]) == (1, "case.bad_pause")
