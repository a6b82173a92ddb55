"""Bridge payment links, against a fake of their documented API: the suite of every gateway, what is their own, the books."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import pytest

from encours.actions.cancel_charge import UnableToCancel, cancel_charge
from encours.actions.connect_gateway import check_gateway, connect_gateway
from encours.actions.follow_charge import follow_charge
from encours.actions.open_checkout import OpenedCheckout, UnableToOpenCheckout, open_checkout
from encours.actions.receive_gateway_event import receive_gateway_event
from encours.actions.reconcile import reconcile
from encours.actions.update_payment_options import PaymentChoice, update_payment_options
from encours.actions.work_gateway_events import work_gateway_events
from encours.core.payments.failures import CUSTOMER, LATER, NEVER, OURS
from encours.ports import http
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import SetupRequest, ToldCharge, UnableToCharge
from encours.ports.notices import UnableToTrustNotice
from encours.providers.gateways import bridge
from encours.providers.gateways.bridge import BridgePayments, BridgePaymentsConfig
from encours.providers.gateways.bridge.reasons import REASONS, failure_of
from encours.store.models import Charge, Company, Document, GatewayConnection, GatewayEvent, Payment
from tests import cast
from tests.backoffice.conftest import SignIn
from tests.feeds.fake_bank import Refusal
from tests.gateways.conformance import (
    PAYER,
    Conformance,
    Saved,
    Scene,
    a_charge,
    a_checkout,
    says_what_happens,
)
from tests.gateways.fake_bridge_payments import CLIENT_ID, CLIENT_SECRET, HOOK_SECRET, FakeBridgePayments


class BridgeScene(Scene):
    abilities = frozenset({"merchant", "received", "checkout", "events", "outages"})
    unknown_id = "7d4d49e4-0000"

    def __init__(self, fake: FakeBridgePayments) -> None:
        self.fake = fake
        config = BridgePaymentsConfig(
            client_id=CLIENT_ID, client_secret=CLIENT_SECRET, hook_secret=HOOK_SECRET, base_url=fake.base_url
        )
        self.gateway = BridgePayments(config)

    def customer_pays(self, told: ToldCharge, method: str) -> None:
        assert method == "instant_transfer"
        self.fake.pay(told.external_id)

    def notices(self) -> Sequence[tuple[bytes, dict[str, str]]]:
        return [self.fake.notice(body) for body in self.fake.events]

    @property
    def now(self) -> datetime:
        return self.fake.clock

    def trouble(self, kind: str) -> None:
        self.fake.troubles.append(Refusal(429, Retry_After="7") if kind == "busy" else kind)

    def taken(self) -> int:
        return len(self.fake.links)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBridgePayments]:
    monkeypatch.setattr(http, "_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(bridge, "_TIMEOUT_SECONDS", 1.0)
    with FakeBridgePayments() as made:
        yield made


@pytest.fixture
def scene(fake: FakeBridgePayments) -> Iterator[BridgeScene]:
    made = BridgeScene(fake)
    yield made
    made.gateway.close()


class TestConformance(Conformance):
    pass


# what is asked for


def test_one_transfer_names_all_its_invoices_under_our_reference(
    scene: BridgeScene, fake: FakeBridgePayments
):
    request = a_checkout(scene, label="Éclairs à 5 €, FA-2", expires_at=fake.clock + timedelta(hours=1))
    told = scene.gateway.checkout(request)
    (body,) = fake.bodies
    (transfer,) = body["transactions"]
    assert transfer == {
        "amount": 123.45, "currency": "EUR", "end_to_end_id": "ENC-2026-0001", "label": "ENC-2026-0001 Eclairs a 5 , FA-2",
    }  # fmt: skip
    assert body["client_reference"] == "ENC-2026-0001"
    assert body["user"] == {"company_name": "Robert & Fils"}
    assert body["expired_date"] == "2026-03-02T11:00:00.000Z"
    assert told.expires_at == request.expires_at


def test_a_link_lives_a_quarter_of_an_hour_unless_told_otherwise(
    scene: BridgeScene, fake: FakeBridgePayments
):
    told = scene.gateway.checkout(a_checkout(scene))
    assert "expired_date" not in fake.bodies[0]
    fake.clock += timedelta(minutes=16)
    assert scene.gateway.charge_told(told.external_id).state == "expired"
    assert scene.gateway.cancel(told.external_id, key="c").state == "expired"


def test_a_link_of_more_than_ninety_days_is_our_fault(scene: BridgeScene, fake: FakeBridgePayments):
    longest = fake.clock + timedelta(days=90)
    assert scene.gateway.checkout(a_checkout(scene, expires_at=longest)).state == "open"
    late = a_checkout(scene, reference="ENC-2", expires_at=fake.clock + timedelta(days=91))
    with pytest.raises(UnableToCharge) as refused:
        scene.gateway.checkout(late)
    assert refused.value.is_known
    assert refused.value.failure is not None
    assert (refused.value.failure.group, refused.value.failure.code) == (OURS, "invalid_expired_date")
    says_what_happens(refused.value.failure)


def test_what_no_link_can_do_is_refused_unasked(scene: BridgeScene, fake: FakeBridgePayments):
    saved = Saved(PAYER, "instant_transfer", "none")
    setup = SetupRequest(key="s", reference="S", payer=PAYER, methods=("instant_transfer",), return_url="")
    for unable in (
        lambda: scene.gateway.charge(a_charge(scene, saved)),
        lambda: scene.gateway.set_up(setup),
        lambda: scene.gateway.refund("x", amount_cents=1, key="r", reason=""),
        lambda: scene.gateway.checkout(a_checkout(scene, saves_method=True)),
        lambda: scene.gateway.checkout(a_checkout(scene, currency="CHF")),
    ):
        with pytest.raises(UnableToCharge) as refused:
            unable()
        assert refused.value.is_known
        assert refused.value.failure is not None
        assert refused.value.failure.group == OURS
        says_what_happens(refused.value.failure)
    for unreadable in (scene.gateway.setup_told, scene.gateway.mandate_told, scene.gateway.payout_told):
        with pytest.raises(UnableToAsk):
            unreadable("x")
    scene.gateway.forget_method("x")
    assert not scene.gateway.payouts_told(since=fake.clock)
    assert not scene.gateway.events_told(since=fake.clock)
    assert fake.asked == []


# what became of it


def test_a_confirmed_transfer_is_pending_until_the_bank_carried_it_out(
    scene: BridgeScene, fake: FakeBridgePayments
):
    told = scene.gateway.checkout(a_checkout(scene))
    request_id = fake.begin(told.external_id)
    assert scene.gateway.charge_told(told.external_id).state == "open"
    fake.move(request_id, "PDNG")
    pending = scene.gateway.charge_told(told.external_id)
    assert (pending.state, pending.received_cents, pending.url) == ("pending", 0, "")
    assert scene.gateway.cancel(told.external_id, key="c").state == "pending"
    fake.move(request_id, "ACSC")
    paid = scene.gateway.charge_told(told.external_id)
    assert (paid.state, paid.received_cents) == ("succeeded", scene.amount_cents)
    assert paid.told_at > pending.told_at


def test_a_customer_may_try_another_bank(scene: BridgeScene, fake: FakeBridgePayments):
    told = scene.gateway.checkout(a_checkout(scene))
    fake.move(fake.begin(told.external_id), "RJCT", "NOAS")
    again = scene.gateway.charge_told(told.external_id)
    assert (again.state, again.failure) == ("open", None)
    fake.pay(told.external_id)
    assert scene.gateway.charge_told(told.external_id).received_cents == scene.amount_cents


def test_a_transfer_the_bank_rejects_after_all_failed_for_its_reason(
    scene: BridgeScene, fake: FakeBridgePayments
):
    told = scene.gateway.checkout(a_checkout(scene))
    request_id = fake.pay(told.external_id, "PDNG")
    fake.move(request_id, "RJCT", "AM04")
    failed = scene.gateway.charge_told(told.external_id)
    assert (failed.state, failed.received_cents) == ("failed", 0)
    assert failed.failure is not None
    assert (failed.failure.group, failed.failure.code) == (LATER, "AM04")


def test_every_reason_has_its_group_and_its_words():
    for reason in (*REASONS, "", "XX99"):
        says_what_happens(failure_of(reason))
    groups = {reason: failure_of(reason).group for reason in ("AC04", "NOAS", "MS03", "FF01", "", "XX99")}
    assert groups == {"AC04": NEVER, "NOAS": CUSTOMER, "MS03": LATER, "FF01": OURS, "": LATER, "XX99": LATER}
    assert "fraud" not in failure_of("FRAD").sentence.say("en").lower()


def test_a_customer_at_the_bank_may_confirm_after_the_link_was_revoked(
    scene: BridgeScene, fake: FakeBridgePayments
):
    told = scene.gateway.checkout(a_checkout(scene))
    request_id = fake.begin(told.external_id)
    assert scene.gateway.cancel(told.external_id, key="c").state == "pending"
    assert fake.links[told.external_id]["status"] == "REVOKED"
    fake.move(request_id, "RJCT", "CUST")
    assert scene.gateway.charge_told(told.external_id).state == "canceled"


def test_paid_while_it_is_being_revoked_it_is_paid(scene: BridgeScene, fake: FakeBridgePayments):
    told = scene.gateway.checkout(a_checkout(scene))

    def pay_first(path: str) -> None:
        if path.endswith("/revoke"):
            fake.pay(told.external_id)

    fake.before_answer = pay_first
    assert scene.gateway.cancel(told.external_id, key="c").state == "succeeded"


@pytest.mark.parametrize("trouble", ["status", "transactions", "amount"])
def test_what_is_told_otherwise_than_documented_is_not_taken(
    scene: BridgeScene, fake: FakeBridgePayments, trouble: str
):
    told = scene.gateway.checkout(a_checkout(scene))
    link = fake.links[told.external_id]
    if trouble == "amount":
        link["transactions"][0]["amount"] = "a lot"
    else:
        link[trouble] = "NEW"
    with pytest.raises(UnableToAsk) as wrong:
        scene.gateway.charge_told(told.external_id)
    assert wrong.value.needs_person


# when nobody heard the answer


def test_an_answer_nobody_heard_is_no_second_link(scene: BridgeScene, fake: FakeBridgePayments):
    request = a_checkout(scene, expires_at=fake.clock + timedelta(hours=1))
    fake.troubles = [None, "cut"]  # the look for it, then the making
    with pytest.raises(UnableToCharge) as unknown:
        scene.gateway.checkout(request)
    assert not unknown.value.is_known
    found = scene.gateway.find(request.reference)
    assert found is not None
    assert scene.gateway.checkout(request).external_id == found.external_id
    assert scene.taken() == 1
    assert scene.gateway.find("ENC-2026") is None


def test_a_link_is_found_among_many(scene: BridgeScene, fake: FakeBridgePayments):
    made = [scene.gateway.checkout(a_checkout(scene, reference=f"ENC-{number}")) for number in range(5)]
    fake.page_size = 2
    found = scene.gateway.find("ENC-4")
    assert found is not None
    assert found.external_id == made[4].external_id


def test_a_service_in_trouble_leaves_it_open_whether_a_link_was_made(
    scene: BridgeScene, fake: FakeBridgePayments
):
    fake.troubles = [None, 500]
    with pytest.raises(UnableToCharge) as unknown:
        scene.gateway.checkout(a_checkout(scene))
    assert not unknown.value.is_known
    fake.troubles = [None, Refusal(429, Retry_After="7")]
    with pytest.raises(UnableToCharge) as busy:
        scene.gateway.checkout(a_checkout(scene))
    assert (busy.value.is_known, busy.value.retry_after_seconds) == (True, 7)
    fake.troubles = [401]
    with pytest.raises(UnableToCharge) as shut_out:
        scene.gateway.checkout(a_checkout(scene))
    assert shut_out.value.is_known
    assert scene.taken() == 0


# what happened


def test_events_name_the_link_to_ask_for(scene: BridgeScene, fake: FakeBridgePayments):
    told = scene.gateway.checkout(a_checkout(scene))
    fake.pay(told.external_id)
    events = [
        event
        for body, headers in scene.notices()
        for event in scene.gateway.parse_event(body=body, headers=headers, now=scene.now)
    ]
    assert [each.kind for each in events] == [
        "payment.transaction.created", "payment.transaction.updated", "payment.link.updated",
    ]  # fmt: skip
    assert {(each.about, each.object_id) for each in events} == {("charge", told.external_id)}
    assert len({each.external_id for each in events}) == 3


def test_a_payment_without_a_link_is_none_of_ours(scene: BridgeScene, fake: FakeBridgePayments):
    fake._tell("payment.transaction.updated", {"payment_request_id": "r", "status": "ACSC"})
    fake._tell("item.account.updated", {"payment_link_id": "x"})
    for body, headers in scene.notices():
        (event,) = scene.gateway.parse_event(body=body, headers=headers, now=scene.now)
        assert (event.about, event.object_id) == ("", "")


def test_two_signatures_while_the_secret_changes(scene: BridgeScene, fake: FakeBridgePayments):
    fake.pay(scene.gateway.checkout(a_checkout(scene)).external_id)
    body = fake.events[0]
    for secrets in (("new", HOOK_SECRET), (HOOK_SECRET, "new")):
        signed, headers = fake.notice(body, secrets=secrets)
        assert scene.gateway.parse_event(body=signed, headers=headers, now=scene.now)


def test_events_of_nobody_knows_whom_are_refused(scene: BridgeScene, fake: FakeBridgePayments):
    fake.pay(scene.gateway.checkout(a_checkout(scene)).external_id)
    body, headers = scene.notices()[0]
    name, header = next(iter(headers.items()))
    forged = [
        (body, {}), (body + b" ", headers), (b"", headers), (body, {name: ""}), (body, {name: header[:-1]}),
        (body, {name: header.replace("v1", "v0")}), (body, {name: "é" * 50}), fake.notice(body, secrets=("other",)),
        fake.notice(b"[]"), fake.notice(b'{"timestamp": "soon"}'), fake.notice(b'{"timestamp": 1e400}'),
    ]  # fmt: skip
    for bad, told in forged:
        with pytest.raises(UnableToTrustNotice):
            scene.gateway.parse_event(body=bad, headers=told, now=scene.now)
    for late in (timedelta(days=2), -timedelta(days=2)):
        with pytest.raises(UnableToTrustNotice):
            scene.gateway.parse_event(body=body, headers=headers, now=scene.now + late)
    without_secret = BridgePayments(BridgePaymentsConfig(client_id=CLIENT_ID, client_secret=CLIENT_SECRET))
    with pytest.raises(UnableToTrustNotice):
        without_secret.parse_event(body=body, headers=headers, now=scene.now)


# in the books


@pytest.fixture
def account(company: Company, fake: FakeBridgePayments) -> GatewayConnection:
    """Instant transfers are offered."""
    connection = connect_gateway(
        company=company, provider="bridge", name="Bridge", actor="test", may_set_hidden=True,
        given={
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "hook_secret": HOOK_SECRET, "base_url": fake.base_url,
        },
    )  # fmt: skip
    assert check_gateway(company=company, connection_id=connection.pk, now=fake.clock) is None
    chosen = [PaymentChoice("instant_transfer", True, connection.pk)]
    update_payment_options(company=company, choices=chosen, actor="test")
    connection.refresh_from_db()
    return connection


@pytest.fixture
def invoices(company: Company) -> list[Document]:
    customer = cast.good_payer(company)
    return [
        cast.invoice(
            company, customer, f"FA-2026-00{number}", payable_cents=60_000, issue_date=date(2026, 1, 5)
        )
        for number in (1, 2)
    ]


def begin(company: Company, invoices: list[Document], fake: FakeBridgePayments) -> OpenedCheckout:
    return open_checkout(
        company=company, customer_id=invoices[0].customer_id, portions=[(each.pk, 0, None) for each in invoices],
        method="instant_transfer", return_url="https://encours.example/p/x", now=fake.clock, on=fake.clock.date(),
        actor="portal:1",
    )  # fmt: skip


def hear(company: Company, account: GatewayConnection, fake: FakeBridgePayments) -> None:
    """All events so far, twice each and in any order."""
    posts = [fake.notice(body) for body in fake.events for _ in range(2)]
    random.Random(7).shuffle(posts)
    for body, headers in posts:
        receive_gateway_event(
            company=company, hook_key=account.hook_key, body=body, headers=headers, now=fake.clock
        )
    work_gateway_events(company=company, now=fake.clock)
    assert not GatewayEvent.objects.filter(state__in=["waiting", "failed"]).exists()


def open_cents(invoices: list[Document]) -> list[int]:
    return [Document.objects.get(pk=each.pk).open_cents for each in invoices]


def test_a_test_application_says_so(account: GatewayConnection):
    assert account.settings["merchant"] == {
        "name": CLIENT_ID, "is_test": True, "methods": ["instant_transfer"], "lacking": [],
    }  # fmt: skip


def test_one_link_settles_its_invoices_once(company: Company, account: GatewayConnection, invoices: list[Document], fake: FakeBridgePayments):  # fmt: skip
    assert begin(company, invoices, fake).url.startswith("https://pay.bridgeapi.io/")
    charge = Charge.objects.get()
    assert fake.bodies[0]["transactions"][0]["label"] == f"{charge.reference} FA-2026-001, FA-2026-002"
    request_id = fake.pay(charge.external_id, "PDNG")
    hear(company, account, fake)
    charge.refresh_from_db()
    assert (charge.state, open_cents(invoices)) == ("pending", [60_000, 60_000])
    with pytest.raises(UnableToOpenCheckout):  # on its way: never asked for twice
        begin(company, invoices, fake)
    fake.move(request_id, "ACSC")
    for _ in range(2):
        hear(company, account, fake)
        charge.refresh_from_db()
        assert (charge.state, open_cents(invoices), Payment.objects.count()) == ("succeeded", [0, 0], 1)


def test_the_line_of_the_bank_and_the_word_of_bridge_are_one_receipt(company: Company, account: GatewayConnection, invoices: list[Document], fake: FakeBridgePayments):  # fmt: skip
    begin(company, invoices, fake)
    charge = Charge.objects.get()
    fake.pay(charge.external_id)
    hear(company, account, fake)
    line = cast.bank_line(company, 120_000, f"VIR {charge.reference}", booked_date=fake.clock.date())
    reconcile(company=company, on=fake.clock.date(), actor="test")
    line.refresh_from_db()
    charge.refresh_from_db()
    assert (line.state, charge.payout is not None) == ("set_aside", True)
    assert (Payment.objects.count(), open_cents(invoices)) == (1, [0, 0])


def test_the_bank_may_be_faster_than_bridge(company: Company, account: GatewayConnection, invoices: list[Document], fake: FakeBridgePayments):  # fmt: skip
    begin(company, invoices, fake)
    charge = Charge.objects.get()
    label = fake.bodies[0]["transactions"][0]["label"]
    line = cast.bank_line(company, 120_000, f"VIR INST {label}", booked_date=fake.clock.date())
    reconcile(company=company, on=fake.clock.date(), actor="test")
    assert open_cents(invoices) == [0, 0]
    fake.pay(charge.external_id)
    hear(company, account, fake)
    charge.refresh_from_db()
    payment = Payment.objects.get()
    assert (charge.state, charge.payment, payment.transaction) == ("succeeded", payment, line)
    assert (payment.unallocated_cents, open_cents(invoices)) == (0, [0, 0])


def test_a_rejected_transfer_leaves_the_invoices_open(company: Company, account: GatewayConnection, invoices: list[Document], fake: FakeBridgePayments):  # fmt: skip
    begin(company, invoices, fake)
    charge = Charge.objects.get()
    fake.move(fake.pay(charge.external_id, "PDNG"), "RJCT", "AM04")
    hear(company, account, fake)
    charge.refresh_from_db()
    assert (charge.state, charge.failure_group, charge.failure_code) == ("failed", "later", "AM04")
    assert open_cents(invoices) == [60_000, 60_000]
    begin(company, invoices, fake)  # the customer may pay again


def test_an_answer_nobody_heard_is_found_and_the_link_revoked(company: Company, account: GatewayConnection, invoices: list[Document], fake: FakeBridgePayments):  # fmt: skip
    fake.troubles = [None, "cut"]
    with pytest.raises(UnableToOpenCheckout):
        begin(company, invoices, fake)
    charge = Charge.objects.get()
    assert charge.state == "created"
    assert follow_charge(company=company, charge_id=charge.pk, now=fake.clock) == "open"
    assert cancel_charge(company=company, charge_id=charge.pk, now=fake.clock, actor="test") == "canceled"
    (link,) = fake.links.values()
    assert link["status"] == "REVOKED"


def test_a_transfer_on_its_way_is_not_canceled(company: Company, account: GatewayConnection, invoices: list[Document], fake: FakeBridgePayments):  # fmt: skip
    begin(company, invoices, fake)
    charge = Charge.objects.get()
    fake.pay(charge.external_id, "PDNG")
    follow_charge(company=company, charge_id=charge.pk, now=fake.clock)
    with pytest.raises(UnableToCancel):
        cancel_charge(company=company, charge_id=charge.pk, now=fake.clock, actor="test")


def test_settings_connect_it_and_say_what_to_do_at_bridge(
    company: Company, account: GatewayConnection, sign_in: SignIn
):
    client = sign_in(company, "admin")
    form = client.get("/reglages/paiement/connecter/?kind=bridge").content.decode()
    assert "Identifiant client" in form
    assert "base_url" not in form
    page = client.get(f"/reglages/paiement/{account.pk}/").content.decode()
    assert "payment.link.updated" in page
    assert "IBAN" in page
    assert CLIENT_SECRET not in page
