"""Whom a policy would change something for, before it takes effect; and the commands that say so."""

import json
from datetime import date, timedelta

import pytest

from encours.actions.preview_policy import preview_policy
from encours.actions.save_policy import save_policy
from encours.cli import policies
from encours.core.dunning import DEFAULT_POLICY
from encours.core.dunning.conditions import Comparison
from encours.core.dunning.policy import Policy, Step
from encours.ports.policy_files import write_policy_file
from encours.store.models import JournalEntry, Message
from encours.store.models import Policy as StoredPolicy
from tests import cast

DUE = date(2026, 3, 2)
R1 = DUE + timedelta(1)


@pytest.fixture
def customers(company):
    """Lefèvre owes 1 200,00 €, Dubois 300,00 €, the town 90,00 €; all due on 2 March."""
    owed = {}
    for debtor, cents in (
        (cast.late_payer(company), 120_000),
        (cast.good_payer(company), 30_000),
        (cast.public_buyer(company), 9_000),
    ):
        cast.invoice(
            company,
            debtor,
            f"FA-{debtor.code}",
            payable_cents=cents,
            issue_date=date(2026, 1, 31),
            due_date=DUE,
        )
        owed[debtor.code] = debtor
    return owed


def standard(*steps: Step) -> Policy:
    return Policy("standard", "Essai", 5, 1_000, steps)


def changes(
    company, policy: Policy, on: date = R1, **options
) -> list[tuple[str, int, str | None, str | None]]:
    found = preview_policy(company=company, policy=policy, on=on, **options).changes
    return found.select("change", "customer_id", "step_code", "new_step_code").rows()


def test_the_policy_in_force_changes_nothing(company, customers):
    assert changes(company, DEFAULT_POLICY) == []


def test_who_gets_a_message_more_or_less_or_another_one_is_told(company, customers):
    lefevre, dubois, town = (customers[code].pk for code in ("C0002", "C0001", "C0004"))
    wanted = standard(
        Step(1, "reminder_1", condition=Comparison("public_buyer", "is", value=False)),
        Step(5, "reminder_2", condition=Comparison("amount", "at_least", 100_000)),
    )
    assert changes(company, wanted) == [("gone", town, "R+1", None)]
    later = DUE + timedelta(5)
    assert changes(company, wanted, on=later) == [
        ("gone", town, "R+1", None),
        ("step", lefevre, "R+1", "R+5"),
    ]
    assert dubois not in {change[1] for change in changes(company, wanted, on=later)}


def test_looking_ahead_writes_nothing(company, customers):
    before = (StoredPolicy.objects.count(), JournalEntry.objects.count())
    preview_policy(company=company, policy=standard(Step(2, "reminder_1")), on=R1)
    assert (StoredPolicy.objects.count(), JournalEntry.objects.count()) == before
    assert not Message.objects.exists()


def test_a_policy_that_nobody_has_changes_nothing_until_it_is_the_company_s(company, customers):
    other = Policy("autre", "Autre", 5, 1_000, (Step(3, "reminder_1"),))
    assert changes(company, other) == []
    assert {change for change, *_ in changes(company, other, is_default=True)} == {"gone"}


def test_what_is_foretold_is_what_happens(company, customers):
    wanted = standard(Step(1, "reminder_1", min_amount_cents=50_000))
    foretold = preview_policy(company=company, policy=wanted, on=R1)
    save_policy(company=company, policy=wanted, actor="t")
    again = preview_policy(company=company, policy=wanted, on=R1)
    assert again.before.actions.drop("policy_id").equals(foretold.after.actions.drop("policy_id"))
    assert again.changes.is_empty()


# -- at the command line


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


@pytest.fixture
def document(tmp_path):
    file = tmp_path / "standard.yaml"
    file.write_text(write_policy_file(standard(Step(1, "reminder_1", min_amount_cents=50_000))), "utf-8")
    return file


def test_check_needs_no_company(run, document, tmp_path):
    code, answer = run(policies.check, file=document)
    assert (code, answer["policy"], [step["step"] for step in answer["steps"]]) == (0, "standard", ["R+1"])
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("policy: standard\n", "utf-8")
    code, answer = run(policies.check, file=wrong)
    assert (code, answer["ok"]) == (1, False)
    assert {(problem["file"], problem["line"], problem["field"]) for problem in answer["problems"]} == {
        ("wrong.yaml", 1, "name"),
        ("wrong.yaml", 1, "steps"),
    }


def test_preview_then_import_then_export(company, customers, run, document):
    code, answer = run(policies.import_, file=document, preview=True, on=R1.isoformat())
    assert (code, answer["before"], answer["after"]) == (
        0,
        {"messages": 3, "receivables": 3},
        {"messages": 1, "receivables": 1},
    )
    first = answer["changes"][0]
    assert (first["change"], first["customer"], first["after"]) == ("gone", "C0001", None)
    assert first["before"] == {
        "step": "R+1", "channel": "email", "planned_date": "2026-03-03", "amount_cents": 30_000, "documents": 1,
    }  # fmt: skip
    assert "sous le minimum" in first["reason"]
    assert run(policies.import_, file=document)[1]["version"] == 2
    again = run(policies.import_, file=document)[1]
    assert (again["version"], again["is_new"]) == (2, False)
    assert run(policies.export, slug="standard")[1]["document"] == document.read_text("utf-8")
    assert run(policies.export, slug="standard", version=1)[1]["document"] == write_policy_file(
        DEFAULT_POLICY
    )
    assert run(policies.export, slug="autre")[0] == 2


def test_a_ready_made_policy_for_a_segment(company, customers, run):
    answer = run(policies.use, slug="public-buyers")[1]
    assert (answer["version"], answer["is_default"]) == (1, False)
    assert run(policies.assign, slug="public-buyers", segment="Public")[0] == 0
    listed = run(policies.list_)[1]
    assert [(row["policy"], row["is_default"], row["segments"]) for row in listed["policies"]] == [
        ("standard", True, []),
        ("public-buyers", False, ["Public"]),
    ]
    assert len(listed["ready"]) == 7
    assert run(policies.use, slug="inconnu")[0] == 2
    assert run(policies.assign, slug="public-buyers", segment="Public", customer="C0004")[0] == 2
