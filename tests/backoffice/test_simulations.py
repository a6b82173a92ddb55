"""Scénarios: the days to come and the past under a policy, asked for on a page and made by a job; conversion."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.urls import reverse

from encours.actions.run_simulation import make_simulation
from encours.backoffice.simulations.chart import chart, tallest
from encours.queries.hold_out import hold_out_rule
from encours.store.models import Message, SimulatedMessage, Simulation
from encours.store.tenancy import company_scope
from tests import cast

TODAY = date.today()  # noqa: DTZ011 (the pages show today)


@pytest.fixture
def debtor(company):
    """Owes an invoice due in three days."""
    debtor = cast.late_payer(company)
    cast.invoice(
        company, debtor, "F-1", payable_cents=90_000, issue_date=TODAY - timedelta(30), due_date=TODAY + timedelta(3)
    )  # fmt: skip
    return debtor


def asked(client, kind: str = "simulation", **values) -> Simulation:
    """What the button asks for, made as the worker makes it."""
    route = {"simulation": "simulations:simulate", "replay": "simulations:live_again"}[kind]
    defaults = {"policy": "", "against": "none", "days": 60, "pays": "nobody", "approval_days": 1}
    response = client.post(reverse(route), defaults | values)
    assert response.status_code == 302, response.content.decode()
    simulation = Simulation.objects.get(kind=kind)
    assert simulation.state == "waiting"
    make_simulation(company=simulation.company, simulation_id=simulation.pk)
    return simulation


def test_a_simulation_is_asked_for_made_and_looked_at(company, debtor, sign_in):
    client = sign_in(company, "collector")
    asked(client)
    page = client.get(reverse("simulations:simulation")).content.decode()
    for step in ("R+1", "R+8", "R+15"):
        assert step in page
    assert 'class="week-chart"' in page
    assert not Message.objects.exists(), "nothing is written"


def test_until_it_is_there_the_page_asks_again(company, debtor, sign_in):
    client = sign_in(company, "collector")
    client.post(
        reverse("simulations:simulate"), {"against": "none", "days": 60, "pays": "nobody", "approval_days": 1}
    )
    page = client.get(reverse("simulations:simulation")).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "<progress" in page


def test_two_policies_side_by_side(company, debtor, sign_in):
    client = sign_in(company, "collector")
    simulation = asked(client, against="ready:b2b-services")
    assert set(SimulatedMessage.objects.values_list("side", flat=True)) == {0, 1}
    simulation.refresh_from_db()
    assert {row["step"] for row in simulation.results["differences"]["by_step"]} > {"R+1"}
    assert "Services aux entreprises" in client.get(reverse("simulations:simulation")).content.decode()


def test_down_to_the_messages_of_a_day_and_out_as_csv(company, debtor, sign_in):
    client = sign_in(company, "viewer")
    asked(sign_in(company, "collector"))
    first = SimulatedMessage.objects.earliest("sent_date")
    page = client.get(reverse("simulations:simulated"), {"day": first.sent_date.isoformat()}).content.decode()
    assert "F-1" in page
    response = client.get(reverse("simulations:export_simulated"))
    rows = list(csv.reader(StringIO(b"".join(response).decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + SimulatedMessage.objects.count()
    assert rows[1][1] == debtor.code


def test_the_past_is_lived_through_again(company, sign_in):
    invoice = cast.invoice(
        company, cast.late_payer(company), "F-1", payable_cents=90_000, issue_date=TODAY - timedelta(100),
        due_date=TODAY - timedelta(60),
    )  # fmt: skip
    client = sign_in(company, "collector")
    asked(client, "replay", from_date=TODAY - timedelta(90), until_date=TODAY - timedelta(1))
    page = client.get(reverse("simulations:replay")).content.decode()
    assert "R+8" in page
    assert list(SimulatedMessage.objects.values_list("document_ids", flat=True).distinct()) == [[invoice.pk]]
    assert client.get(reverse("simulations:replayed")).status_code == 200


def test_days_that_cannot_be_are_refused_in_words(company, debtor, sign_in):
    client = sign_in(company, "collector")
    values = {"against": "none", "from_date": TODAY, "until_date": TODAY - timedelta(5)}
    page = client.post(reverse("simulations:live_again"), values).content.decode()
    assert "premier jour" in page
    assert not Simulation.objects.exists()


def test_a_run_that_was_asked_for_again_is_dropped(company, debtor, sign_in):
    client = sign_in(company, "collector")
    first = asked(client)
    second = asked(client)
    assert Simulation.objects.get().pk == second.pk
    assert make_simulation(company=company, simulation_id=first.pk) is False


def test_another_company_sees_none_of_it(company, debtor, other_company, sign_in):
    asked(sign_in(company, "collector"))
    with company_scope(other_company.pk):
        page = sign_in(other_company, "admin").get(reverse("simulations:simulation")).content.decode()
    assert "week-chart" not in page


def test_a_share_is_held_back_only_when_an_administrator_says_so(company, sign_in):
    values = {"percent": 10, "max_amount_cents": "250,00"}
    assert sign_in(company, "accountant").post(reverse("simulations:hold_out"), values).status_code == 403
    response = sign_in(company, "admin").post(reverse("simulations:hold_out"), values)
    assert response.status_code == 302
    rule = hold_out_rule(company=company)
    assert (rule.percent, rule.max_amount_cents) == (10, 25_000)
    refused = sign_in(company, "admin").post(reverse("simulations:hold_out"), values | {"percent": 60})
    assert refused.status_code == 200
    assert hold_out_rule(company=company).percent == 10


def test_bars_are_as_high_as_what_they_count():
    monday = date(2026, 3, 2)
    rows = [
        {"sent_date": "2026-03-02", "template": "courtesy", "messages": 10},
        {"sent_date": "2026-03-02", "template": "reminder_1", "messages": 30},
        {"sent_date": "2026-03-09", "template": "formal_notice", "messages": 20},
    ]
    found = chart(rows, since=monday, until=date(2026, 3, 15))
    assert [bar.counts for bar in found.bars] == [(10, 30, 0), (0, 0, 20)]
    notice, reminder = found.bars[0].parts
    assert reminder.height == pytest.approx(3 * notice.height)
    assert found.bars[1].parts[0].height == pytest.approx(2 * notice.height)
    assert tallest([rows]) == 40
