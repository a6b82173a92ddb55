"""What a customer agreed to while paying: kept once its service has saved the method, ended here and there."""

import pytest

from benchmarks.payments.scripted import ScriptedGateway
from encours.actions.apply_told_mandate import apply_told_mandate
from encours.actions.follow_charge import follow_charge
from encours.actions.open_checkout import open_checkout
from encours.actions.revoke_mandate import BY_CUSTOMER, revoke_mandate
from encours.actions.work_mandate_events import work_mandate_events
from encours.core.payments.mandates import Agreement
from encours.core.payments.methods import CARD
from encours.core.wording import Wording
from encours.ports.gateways import ToldMandate
from encours.store.models import Charge, GatewayEvent, PaymentMandate
from tests.payments.conftest import NOW, TODAY, begin, charge_of, invoices

pytestmark = pytest.mark.django_db
_WORDS = Wording("test.agreed", fr="J’accepte d’être prélevé.", en="I agree to be charged.")


def agreement(*, on_due_date: bool = True, overdue: bool = True) -> Agreement:
    return Agreement(
        on_due_date, overdue, _WORDS(), "fr", NOW, "portal:1", network="192.0.2.0/24", max_cents=500_000
    )  # fmt: skip


def pay_and_agree(company, customer, documents, service, **purposes) -> Charge:
    """The customer pays and agrees to be charged from now on."""
    opened = open_checkout(
        company=company, customer_id=customer.pk, portions=[(each.pk, 0, None) for each in documents], method=CARD,
        agreement=agreement(**purposes), return_url="https://encours.example/p/x", now=NOW, on=TODAY, actor="portal:1",
    )  # fmt: skip
    charge = charge_of(opened)
    service.pay(charge.reference)
    follow_charge(company=company, charge_id=charge.pk, now=NOW)
    return charge


def test_a_payment_that_saves_its_method_brings_the_mandate_into_force(company, dubois, connection, service):
    charge = pay_and_agree(company, dubois, invoices(company, dubois, 10_000), service)
    mandate = PaymentMandate.objects.get()
    assert (mandate.state, mandate.kind, mandate.last_digits) == ("active", "card", "4242")
    assert (mandate.pays_on_due_date, mandate.pays_overdue, mandate.max_cents) == (True, True, 500_000)
    assert mandate.evidence["said"] == "J’accepte d’être prélevé."
    assert (mandate.reference, mandate.evidence["actor"]) == (charge.reference, "portal:1")


def test_until_it_is_paid_nothing_was_saved(company, dubois, connection):
    [document] = invoices(company, dubois, 10_000)
    open_checkout(
        company=company, customer_id=dubois.pk, portions=[(document.pk, 0, None)], method=CARD,
        agreement=agreement(), return_url="https://encours.example/p/x", now=NOW, on=TODAY, actor="portal:1",
    )  # fmt: skip
    assert PaymentMandate.objects.get().state == "pending"


def test_a_method_nobody_agreed_to_is_not_kept(company, dubois, connection, service):
    opened = begin(company, dubois, invoices(company, dubois, 10_000))
    service.pay(charge_of(opened).reference)
    follow_charge(company=company, charge_id=opened.charge_id, now=NOW)
    told = ToldMandate("pm_9", "", "cus_9", "card", "active")
    said = apply_told_mandate(
        company=company, customer_id=dubois.pk, connection=connection, told=told, now=NOW, actor="t"
    )
    assert said is None
    assert not PaymentMandate.objects.exists()


def test_the_latest_agreement_replaces_what_it_covers(company, dubois, connection, service):
    first, second = invoices(company, dubois, 10_000, 20_000)
    pay_and_agree(company, dubois, [first], service, overdue=False)
    pay_and_agree(company, dubois, [second], service)
    assert list(PaymentMandate.objects.order_by("pk").values_list("state", flat=True)) == [
        "replaced",
        "active",
    ]


def test_revoked_it_is_forgotten_at_the_service_and_never_comes_back(
    company, dubois, connection, service, monkeypatch
):
    forgotten = []
    monkeypatch.setattr(
        ScriptedGateway, "forget_method", lambda _, external_id: forgotten.append(external_id)
    )
    charge = pay_and_agree(company, dubois, invoices(company, dubois, 10_000), service)
    mandate = PaymentMandate.objects.get()
    assert revoke_mandate(
        company=company, mandate_id=mandate.pk, reason=BY_CUSTOMER(), now=NOW, actor="portal:1"
    )
    assert forgotten == [mandate.external_id]
    # the service's word on that old payment comes once more
    follow_charge(company=company, charge_id=charge.pk, now=NOW)
    mandate.refresh_from_db()
    assert mandate.state == "revoked"


def test_an_event_about_a_mandate_is_worked_once(company, dubois, connection, service, monkeypatch):
    pay_and_agree(company, dubois, invoices(company, dubois, 10_000), service)
    mandate = PaymentMandate.objects.get()
    for rank, (about, object_id) in enumerate(
        [("mandate", mandate.external_id), ("mandate", "pm_of_nobody"), ("setup", "set_1")]
    ):
        GatewayEvent.objects.create(
            company=company, connection=connection, external_id=f"evt_m{rank}", kind="mandate.updated", about=about,
            object_id=object_id, occurred_at=NOW, received_at=NOW, body="{}",
        )  # fmt: skip
    monkeypatch.setattr(
        ScriptedGateway,
        "mandate_told",
        lambda _, external_id, *, mandate_external_id: ToldMandate(
            external_id, mandate_external_id, "cus_1", "card", "revoked"
        ),
    )
    assert work_mandate_events(company=company, now=NOW, actor="t") == 3
    assert work_mandate_events(company=company, now=NOW, actor="t") == 0
    mandate.refresh_from_db()
    assert mandate.state == "revoked"
    told = GatewayEvent.objects.filter(external_id__startswith="evt_m").order_by("pk")
    assert list(told.values_list("state", flat=True)) == ["done", "ignored", "ignored"]


def test_a_service_that_no_longer_takes_it_ends_it(company, dubois, connection, service):
    pay_and_agree(company, dubois, invoices(company, dubois, 10_000), service)
    mandate = PaymentMandate.objects.get()
    told = ToldMandate(mandate.external_id, mandate.mandate_external_id, "cus_1", "card", "revoked")
    for _ in range(2):
        apply_told_mandate(
            company=company, customer_id=dubois.pk, connection=connection, told=told, now=NOW, actor="t"
        )
    mandate.refresh_from_db()
    assert (mandate.state, mandate.ended_at) == ("revoked", NOW)
    assert mandate.ended_reason is not None
    assert mandate.ended_reason["code"] == "mandate.ended_by_service"
