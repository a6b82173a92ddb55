"""`encours dunning simulate | replay | conversion | hold-out`: the JSON that scripts rely on."""

import json
from datetime import date

import pytest

from encours.actions.simulate_dunning import policies_with
from encours.cli import conversion, simulations
from encours.core.dunning import DEFAULT_POLICY
from encours.ports.policy_files import ready_policies, write_policy_file
from encours.queries.policies import active_policy_values
from tests import cast

ISSUED, DUE = date(2026, 1, 31), date(2026, 3, 2)
SIMULATE = {"days": 30, "policy": "", "against": "", "pays": "nobody", "approval_days": 0, "on": "2026-03-03"}


@pytest.fixture
def run(company, monkeypatch, capsys):
    from encours.cli import session

    monkeypatch.setattr(session, "open_store", lambda **_: None)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")
    cast.invoice(
        company, cast.late_payer(company), "FA-1", payable_cents=60_000, issue_date=ISSUED, due_date=DUE
    )

    def command(function, **options):
        with pytest.raises(SystemExit) as ended:
            function(**options, as_json=True)
        return ended.value.code, json.loads(capsys.readouterr().out)

    return command


def test_simulate_tells_days_steps_costs_and_messages(company, run):
    company.channel_costs = {"email": 3}
    company.save()
    code, answer = run(simulations.simulate, **SIMULATE)
    assert (code, answer["ok"]) == (0, True)
    first = answer["messages"][0]
    assert (first["date"], first["step"], first["channel"]) == ("2026-03-03", "R+1", "email")
    assert (first["customer"], first["documents"], first["amount_cents"]) == ("C0002", ["FA-1"], 60_000)
    assert (
        answer["messages_count"]
        == len(answer["messages"])
        == sum(row["messages"] for row in answer["by_day"])
    )
    assert answer["cost_cents"] == 3 * answer["messages_count"]
    assert answer["letters"] == 0
    costs = {row["channel"]: (row["cost_cents"], row["assumed"]) for row in answer["costs"]}
    assert costs["email"] == (3, False)
    assert costs["letter"][1] is True


def test_a_file_and_a_slug_are_tried_and_held_against_each_other(run, tmp_path):
    patient = ready_policies()["strategic-accounts"]
    file = tmp_path / "patient.yaml"
    file.write_text(write_policy_file(patient), "utf-8")
    code, answer = run(simulations.simulate, **SIMULATE | {"policy": str(file), "against": "standard"})
    assert code == 0
    assert (answer["policy"], answer["against"]["policy"]) == ("strategic-accounts", "standard")
    assert answer["messages_count"] < answer["against"]["messages_count"]
    assert answer["differences"]["messages"] == answer["messages_count"] - answer["against"]["messages_count"]
    assert {"R+1", "R+8"} <= {row["step"] for row in answer["differences"]["by_step"]}


def test_a_policy_that_does_not_exist_is_wrong_usage(run):
    code, answer = run(simulations.simulate, **SIMULATE | {"policy": "nope"})
    assert (code, answer["problems"][0]["code"]) == (2, "policy.no_such")


def test_a_policy_with_faults_says_where(run, tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("policy: x\nname: X\nsteps: nothing\n", "utf-8")
    code, answer = run(simulations.simulate, **SIMULATE | {"policy": str(file)})
    assert (code, answer["problems"][0]["line"]) == (1, 3)


def test_replay_tells_what_was_paid_by_itself(run):
    code, answer = run(
        simulations.replay, policy="", against="", from_date="2026-02-01", to_date="2026-03-20", on="2026-03-21"
    )  # fmt: skip
    assert code == 0
    assert [each["step"] for each in answer["messages"]] == ["J-7", "R+1", "R+8", "R+15"]
    assert answer["paid_by_themselves"]["still_open"] == 4
    assert answer["messages_to_paid_by_themselves"] == 0


@pytest.mark.parametrize(("since", "until"), [("2026-03-20", "2026-02-01"), ("2010-01-01", "2026-01-01")])
def test_a_span_that_cannot_be_is_wrong_usage(run, since, until):
    code, answer = run(
        simulations.replay, policy="", against="", from_date=since, to_date=until, on="2026-03-21"
    )
    assert (code, answer["problems"][0]["code"]) == (2, "simulation.bad_span")


def test_conversion_and_hold_out(run):
    code, answer = run(conversion.hold_out, percent=10, max_amount_cents=20_000)
    assert (code, answer["percent"]) == (0, 10)
    assert run(conversion.hold_out, percent=70, max_amount_cents=20_000)[0] == 1
    code, answer = run(conversion.conversion, on="2026-03-21")
    assert answer["hold_out"] == {"percent": 10, "max_amount_cents": 20_000}
    assert (answer["conversion"], answer["effects"]) == ([], [])


def test_which_policy_the_one_tried_takes_the_place_of(company):
    in_force = active_policy_values(company=company)
    (standard,) = in_force
    changed = ready_policies()["health"]
    assert policies_with(company=company, policy=changed) == {standard: changed}, "new: the company's"
    assert policies_with(company=company, policy=None) == in_force
    assert policies_with(company=company, policy=in_force[standard]) == in_force
    assert in_force[standard].slug == DEFAULT_POLICY.slug
