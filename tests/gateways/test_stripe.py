"""Stripe, against a fake of it: the suite of every gateway, and what is its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from encours.core.payments.failures import CUSTOMER, LATER, NEVER, OURS
from encours.ports.connections import ConnectionKind, UnableToAsk, UnableToConfigure, configured
from encours.ports.gateways import SetupRequest, ToldCharge, UnableToCharge
from encours.ports.notices import UnableToTrustNotice
from encours.ports.registry import connectors
from encours.providers.gateways.stripe import Stripe, StripeConfig
from encours.providers.gateways.stripe.declines import (
    ADVICE,
    CARD_DECLINES,
    DEBIT_FAILURES,
    REQUEST_ERRORS,
    failure_of,
)
from tests.gateways.conformance import (
    PAYER,
    Conformance,
    Saved,
    Scene,
    a_charge,
    a_checkout,
    says_what_happens,
)
from tests.gateways.fake_stripe import HOOK_SECRET, RESTRICTED_KEY, SECRET_KEY, Decline, FakeStripe
from tests.gateways.fake_stripe.server import tree

OUTCOMES: dict[str, Any] = {
    "": None, "declined": Decline("insufficient_funds"), "lost": Decline("lost_card"), "authenticate": "authenticate",
    "later declined": None,
}  # fmt: skip


class StripeScene(Scene):
    abilities = frozenset({
        "merchant", "received", "checkout", "setup", "charge", "idempotency", "decline", "decline_codes", "debit", "returns", "refund", "refund_limit",
        "find", "payouts", "events", "event_list", "outages",
    })  # fmt: skip
    unknown_id = "pi_nothing"

    def __init__(self, fake: FakeStripe) -> None:
        self.fake = fake
        self.gateway = Stripe(StripeConfig(secret_key=SECRET_KEY, hook_secret=HOOK_SECRET, base_url=fake.url))

    def customer_pays(self, told: ToldCharge, method: str) -> None:
        self.fake.pay(told.external_id, method)

    def customer_saves(self, external_id: str, method: str) -> None:
        self.fake.save(external_id, method)

    def saved(self, method: str, *, outcome: str = "") -> Saved:
        customer, method_id, mandate = self.fake.saved(method, outcome=OUTCOMES[outcome])
        return Saved(replace(PAYER, customer_external_id=customer), method, method_id, mandate)

    def intent_of(self, told: ToldCharge) -> str:
        return self.fake.things[told.external_id].get("payment_intent") or told.external_id

    def bank_settles(self, told: ToldCharge) -> None:
        self.fake.settle(self.intent_of(told))

    def bank_fails(self, told: ToldCharge) -> None:
        self.fake.fail_debit(self.intent_of(told))

    def bank_returns(self, told: ToldCharge) -> None:
        self.fake.return_debit(self.intent_of(told))

    def pays_out(self) -> None:
        self.fake.pay_out()

    def notices(self) -> Sequence[tuple[bytes, dict[str, str]]]:
        return [self.fake.notice(event) for event in self.fake.of("event")[::-1]]

    @property
    def now(self) -> datetime:
        return self.fake.now

    def trouble(self, kind: str) -> None:
        self.fake.troubles.append(("busy", 7) if kind == "busy" else kind)

    def taken(self) -> int:
        return len(self.fake.of("payment_intent"))


@pytest.fixture
def scene(fake: FakeStripe) -> Iterator[StripeScene]:
    made = StripeScene(fake)
    yield made
    made.gateway.close()


class TestConformance(Conformance):
    pass


# what is asked for


def posted(fake: FakeStripe, path: str) -> dict[str, Any]:
    return next(params for verb, asked, params, _ in fake.asked if verb == "POST" and asked == f"/v1/{path}")


def test_the_version_is_pinned_and_every_change_has_our_key(scene: StripeScene, fake: FakeStripe):
    scene.gateway.checkout(a_checkout(scene))
    scene.gateway.charge(a_charge(scene, scene.saved("card")))
    assert {headers["stripe-version"] for *_, headers in fake.asked} == {"2026-10-28.endive"}
    assert [headers["idempotency-key"] for verb, *_, headers in fake.asked if verb == "POST"] == ["checkout-1", "charge-1"]  # fmt: skip
    assert all("x-stripe-client-telemetry" not in headers for *_, headers in fake.asked)


def test_a_page_takes_our_amount_and_nothing_else(scene: StripeScene, fake: FakeStripe):
    scene.gateway.checkout(a_checkout(scene, expires_at=fake.now + timedelta(hours=1)))
    asked = posted(fake, "checkout/sessions")
    assert asked["adaptive_pricing"] == {"enabled": "false"} or asked["adaptive_pricing"] == {
        "enabled": False
    }
    assert [(line["quantity"], line["price_data"]["unit_amount"], line["price_data"]["product_data"]["name"]) for line in asked["line_items"]] == [
        ("1", "12000", "FA-2026-001"), ("1", "345", "FA-2026-002"),
    ]  # fmt: skip
    assert asked["allowed_payment_method_types"] == ["card", "sepa_debit"]
    assert asked["payment_intent_data"]["statement_descriptor_suffix"] == "NC-2026-0001"
    assert not {"allow_promotion_codes", "automatic_tax", "customer_creation"} & set(asked)
    assert not {"card", "payment_method_data", "number", "cvc"} & set(
        asked
    )  # nothing of a card comes from us


@pytest.mark.parametrize(
    "lines", [(), (("FA-1", 1),), (*((f"FA-{n}", 123) for n in range(100)), ("FA-100", 45))]
)
def test_lines_that_do_not_make_the_amount_are_one(scene: StripeScene, fake: FakeStripe, lines: Any):
    told = scene.gateway.checkout(a_checkout(scene, lines=lines))
    assert told.amount_cents == 12_345
    assert len(posted(fake, "checkout/sessions")["line_items"]) == 1


@pytest.mark.parametrize(
    ("reference", "method", "expected"),
    [
        ("ENC-2026-0001", "card", {"statement_descriptor_suffix": "NC-2026-0001"}),
        ("ENC-2026-0001", "sepa_debit", {"statement_descriptor": "ENC-2026-0001"}),
        ("1234567890123456", "card", {"statement_descriptor_suffix": "R67890123456"}),
        ("12", "card", {"statement_descriptor_suffix": "R12"}),
        ("RF18 5390 <07>'*", "sepa_debit", {"statement_descriptor": "RF18539007"}),
    ],
)
def test_our_reference_is_on_the_payers_statement(scene: StripeScene, fake: FakeStripe, reference: str, method: str, expected: dict[str, str]):  # fmt: skip
    scene.gateway.charge(a_charge(scene, scene.saved(method), reference=reference))
    asked = posted(fake, "payment_intents")
    assert {name: value for name, value in asked.items() if name.startswith("statement")} == expected


def test_a_known_customer_pays_as_that_customer(scene: StripeScene, fake: FakeStripe):
    payer = replace(PAYER, customer_external_id="cus_robert", language="de")
    scene.gateway.checkout(a_checkout(scene, payer=payer, saves_method=True))
    asked = posted(fake, "checkout/sessions")
    assert asked["customer"] == "cus_robert"
    assert asked["locale"] == "auto"
    assert not {"customer_email", "customer_creation"} & set(asked)
    assert asked["payment_intent_data"]["setup_future_usage"] == "off_session"


# what is told


def test_a_declined_card_leaves_the_page_open_for_another(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.checkout(a_checkout(scene))
    fake.pay(told.external_id, outcome=Decline("lost_card"))
    after = scene.gateway.charge_told(told.external_id)
    assert after.state == "open"
    assert after.url
    assert after.failure is not None
    assert after.failure.group == NEVER
    fake.pay(told.external_id)
    assert scene.gateway.charge_told(told.external_id).state == "succeeded"
    assert scene.gateway.charge_told(told.external_id).failure is None


def test_a_page_nobody_used_expires(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.checkout(a_checkout(scene))
    fake.now = told.expires_at + timedelta(seconds=1) if told.expires_at else fake.now
    fake.expire(fake.things[told.external_id])
    assert scene.gateway.charge_told(told.external_id).state == "expired"


def test_a_payment_answers_by_either_id_as_its_page(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.checkout(a_checkout(scene))
    intent = fake.pay(told.external_id)
    by_payment, by_page = scene.gateway.charge_told(intent["id"]), scene.gateway.charge_told(told.external_id)
    assert replace(by_payment, told_at=by_page.told_at) == by_page
    assert by_page.external_id == told.external_id
    assert by_page.fee_cents == 12_345 * 150 // 10_000 + 25
    assert by_page.succeeded_at is not None


def test_a_debit_by_page_fails_after_the_page_is_done(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.checkout(a_checkout(scene, methods=("sepa_debit",)))
    intent = fake.pay(told.external_id, "sepa_debit")
    fake.fail_debit(intent["id"], "account_closed")
    after = scene.gateway.charge_told(told.external_id)
    assert (after.state, after.method) == ("failed", "sepa_debit")
    assert after.failure is not None
    assert (after.failure.group, after.failure.code) == (NEVER, "account_closed")


@pytest.mark.parametrize(
    ("reason", "group"),
    [("insufficient_funds", LATER), ("debit_not_authorized", NEVER), ("customer_initiated", CUSTOMER), ("incorrect_account_details", NEVER), ("bank_cannot_process", LATER)],
)  # fmt: skip
def test_a_debit_that_came_back_says_why(scene: StripeScene, fake: FakeStripe, reason: str, group: str):
    told = scene.gateway.checkout(a_checkout(scene, methods=("sepa_debit",)))
    intent = fake.pay(told.external_id, "sepa_debit")
    fake.settle(intent["id"])
    fake.return_debit(intent["id"], reason)
    after = scene.gateway.charge_told(told.external_id)
    assert (after.state, after.returned_date) == ("returned", date(2026, 3, 2))
    assert after.failure is not None
    assert after.failure.group == group


def test_a_disputed_card_is_a_chargeback_with_its_deadline_and_fee(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    dispute = fake.dispute(told.external_id, reason="product_not_received")
    after = scene.gateway.charge_told(told.external_id)
    (chargeback,) = after.chargebacks
    assert (after.state, chargeback.state, chargeback.is_withdrawn, chargeback.fee_cents) == ("succeeded", "open", True, 2000)  # fmt: skip
    assert chargeback.respond_by is not None
    assert chargeback.respond_by > chargeback.opened_at
    for status, state, is_withdrawn in (
        ("under_review", "under_review", True), ("lost", "lost", True), ("won", "won", False),
    ):  # fmt: skip
        fake.close_dispute(dispute["id"], status)
        (chargeback,) = scene.gateway.charge_told(told.external_id).chargebacks
        assert (chargeback.state, chargeback.is_withdrawn) == (state, is_withdrawn)


def test_an_inquiry_moves_no_money(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    dispute = fake.dispute(told.external_id, status="warning_needs_response")
    (chargeback,) = scene.gateway.charge_told(told.external_id).chargebacks
    assert (chargeback.state, chargeback.is_withdrawn) == ("warning", False)
    fake.close_dispute(dispute["id"], "warning_closed")
    assert scene.gateway.charge_told(told.external_id).chargebacks[0].state == "won"


def test_a_state_nobody_knows_is_no_guess(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    fake.things[told.external_id]["status"] = "half_done"
    with pytest.raises(UnableToAsk) as unknown:
        scene.gateway.charge_told(told.external_id)
    assert "half_done" in unknown.value.sentence.say("fr")


def test_refunds_made_at_stripe_and_those_that_fail(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    for _ in range(12):  # more than one page of an expanded list
        refund = fake.refund(told.external_id, 100)
    fake.fail_refund(refund["id"])
    refunds = scene.gateway.charge_told(told.external_id).refunds
    assert len(refunds) == 12
    assert sorted(each.state for each in refunds) == ["failed"] + ["succeeded"] * 11
    assert {each.key for each in refunds} == {""}


def test_what_was_contested_is_not_refunded(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    fake.dispute(told.external_id)
    with pytest.raises(UnableToCharge) as refused:
        scene.gateway.refund(told.external_id, amount_cents=100, key="r", reason="")
    assert refused.value.is_known
    with pytest.raises(UnableToCharge):  # nothing was paid yet
        scene.gateway.refund(
            scene.gateway.checkout(a_checkout(scene)).external_id, amount_cents=1, key="r2", reason=""
        )


def test_a_mandate_the_bank_ended_is_not_charged(scene: StripeScene, fake: FakeStripe):
    customer, method, mandate = fake.saved("sepa_debit", mandate_status="inactive")
    told = scene.gateway.mandate_told(method, mandate_external_id=mandate)
    assert (told.state, told.reference, told.bank_country) == ("revoked", "NXDSYREGC9PSMKWY", "FR")
    saved = Saved(replace(PAYER, customer_external_id=customer), "sepa_debit", method, mandate)
    with pytest.raises(UnableToCharge) as refused:
        scene.gateway.charge(a_charge(scene, saved))
    assert refused.value.failure is not None
    assert refused.value.failure.group == NEVER


def test_a_card_says_when_it_ends(scene: StripeScene, fake: FakeStripe):
    _, method, _ = fake.saved("card")
    told = scene.gateway.mandate_told(method)
    assert (told.expires_date, told.brand, told.last_digits) == (date(2030, 8, 31), "visa", "4242")


# codes


def test_every_code_has_a_group_and_says_what_happens_next():
    for code in {**CARD_DECLINES, **DEBIT_FAILURES, **REQUEST_ERRORS}:
        failure = failure_of(code=code)
        says_what_happens(failure)
        assert failure.code == code
    for code in CARD_DECLINES:
        assert failure_of(code="card_declined", decline_code=code).group == CARD_DECLINES[code][0]


@pytest.mark.parametrize(
    ("told", "group"),
    [
        ({"decline_code": "do_not_honor"}, LATER),
        ({"decline_code": "do_not_honor", "advice_code": "do_not_try_again"}, NEVER),
        ({"decline_code": "do_not_honor", "advice_code": "confirm_card_data"}, CUSTOMER),
        ({"decline_code": "lost_card", "advice_code": "try_again_later"}, NEVER),
        ({"decline_code": "authentication_required", "advice_code": "try_again_later"}, CUSTOMER),
        ({"decline_code": "of_next_year"}, LATER),
        ({"decline_code": "of_next_year", "advice_code": "do_not_try_again"}, NEVER),
        ({"decline_code": "of_next_year", "advice_code": "of_next_year"}, LATER),
    ],
)
def test_advice_counts_where_it_is_stricter(told: dict[str, str], group: str):
    failure = failure_of(code="card_declined", **told)
    assert failure.group == group
    says_what_happens(failure)


def test_a_code_nobody_knows_is_ours_to_look_at():
    failure = failure_of(code="parameter_of_next_year", param="amount")
    assert failure.group == OURS
    assert "parameter_of_next_year" in failure.sentence.say("fr")
    assert set(ADVICE.values()) <= {NEVER, CUSTOMER, LATER}


def test_whoever_stole_a_card_does_not_learn_that_it_is_known():
    for code in ("lost_card", "stolen_card", "fraudulent", "pickup_card", "merchant_blacklist"):
        text = failure_of(code="card_declined", decline_code=code).sentence.say("fr")
        assert not any(word in text.lower() for word in ("vol", "fraud", "perdu"))


# troubles


@pytest.mark.parametrize(
    ("trouble", "is_known"), [(500, False), ("lost", False), ("slow", False), (409, False)]
)
def test_what_became_of_a_request_is_not_guessed(scene: StripeScene, fake: FakeStripe, trouble: Any, is_known: bool):  # fmt: skip
    request = a_charge(scene, scene.saved("card"))
    fake.troubles = [trouble] * 2
    with pytest.raises(UnableToCharge) as unable:
        scene.gateway.charge(request)
    assert unable.value.is_known is is_known
    assert "sk_test" not in str(unable.value) + unable.value.sentence.say("fr")
    assert scene.gateway.charge(request).state == "succeeded"
    assert scene.taken() == 1


def test_the_answer_to_a_refund_is_unknown_when_it_cannot_be_read(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    fake.troubles = [None, 500, 500]
    with pytest.raises(UnableToCharge) as unable:
        scene.gateway.refund(told.external_id, amount_cents=100, key="r", reason="")
    assert not unable.value.is_known
    assert len(scene.gateway.refund(told.external_id, amount_cents=100, key="r", reason="").refunds) == 1


def test_a_server_that_is_away_is_told_without_a_guess():
    gateway = Stripe(StripeConfig(secret_key=SECRET_KEY, base_url="http://127.0.0.1:9"))
    with pytest.raises(UnableToAsk):
        gateway.charge_told("pi_1")
    gateway.close()


def test_a_payment_found_only_by_search_once_the_lists_are_long(scene: StripeScene, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch):  # fmt: skip
    monkeypatch.setattr("encours.providers.gateways.stripe._SEARCHED_PAGES", 0)
    told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    assert scene.gateway.find(told.reference) is None  # Stripe's search is a minute behind
    fake.now += timedelta(minutes=2)
    found = scene.gateway.find(told.reference)
    assert found is not None
    assert found.external_id == told.external_id


# keys and accounts


@pytest.mark.parametrize("key", ["pk_test_x", "whsec_x", "sk_test x", "sk_test_é\n", ""])
def test_what_is_no_secret_key_is_refused_at_once(key: str):
    config = connectors(ConnectionKind.GATEWAY)["stripe"].Config
    with pytest.raises(UnableToConfigure):
        configured(config, {"secret_key": key})


def test_a_wrong_key_needs_a_person(fake: FakeStripe):
    gateway = Stripe(StripeConfig(secret_key="sk_test_other", base_url=fake.url))
    with pytest.raises(UnableToAsk) as refused:
        gateway.merchant_told()
    assert refused.value.needs_person
    with pytest.raises(UnableToCharge) as unable:
        gateway.charge(a_charge(StripeScene(fake), StripeScene(fake).saved("card")))
    assert unable.value.is_known
    assert unable.value.failure is not None
    assert unable.value.failure.group == OURS


def test_the_account_says_what_it_lacks(scene: StripeScene, fake: FakeStripe):
    merchant = scene.gateway.merchant_told()
    assert (merchant.name, merchant.is_test, merchant.lacking) == ("Lumen SAS", True, ())
    assert merchant.methods == {"card", "sepa_debit"}
    fake.account |= {
        "charges_enabled": False,
        "payouts_enabled": False,
        "capabilities": {"card_payments": "active"},
    }
    merchant = scene.gateway.merchant_told()
    assert merchant.methods == {"card"}
    assert [each.code for each in merchant.lacking] == [
        "stripe.no_charges",
        "stripe.no_payouts",
        "stripe.no_method",
    ]


def test_a_restricted_key_says_which_permissions_it_lacks(fake: FakeStripe):
    gateway = Stripe(StripeConfig(secret_key=RESTRICTED_KEY, base_url=fake.url))
    assert gateway.merchant_told().lacking == ()
    fake.forbidden = {"account", "payouts", "events"}
    merchant = gateway.merchant_told()
    assert merchant.name == "Stripe"
    assert [each.params["permission"] for each in merchant.lacking] == ["Payouts", "Events"]
    fake.forbidden = {""}
    with pytest.raises(UnableToAsk):
        gateway.merchant_told()


# events


def test_either_secret_will_do_while_one_is_rolled(scene: StripeScene, fake: FakeStripe):
    scene.gateway.charge(a_charge(scene, scene.saved("card")))
    event = fake.of("event")[0]
    both = Stripe(StripeConfig(secret_key=SECRET_KEY, hook_secret="whsec_new, whsec_old"))
    for secrets in (("whsec_new",), ("whsec_old",), ("whsec_old", "whsec_new"), ("whsec_gone", "whsec_new")):
        body, headers = fake.notice(event, secrets=secrets)
        assert len(both.parse_event(body=body, headers=headers, now=fake.now)) == 1
    body, headers = fake.notice(event, secrets=("whsec_gone",))
    with pytest.raises(UnableToTrustNotice):
        both.parse_event(body=body, headers=headers, now=fake.now)
    with pytest.raises(UnableToTrustNotice):  # no secret, no events
        Stripe(StripeConfig(secret_key=SECRET_KEY)).parse_event(body=body, headers=headers, now=fake.now)


def test_an_event_is_at_most_five_minutes_old(scene: StripeScene, fake: FakeStripe):
    scene.gateway.charge(a_charge(scene, scene.saved("card")))
    for minutes, is_taken in ((4, True), (6, False), (-6, False)):
        body, headers = fake.notice(fake.of("event")[0], at=fake.now - timedelta(minutes=minutes))
        if is_taken:
            scene.gateway.parse_event(body=body, headers=headers, now=fake.now)
            continue
        with pytest.raises(UnableToTrustNotice):
            scene.gateway.parse_event(body=body, headers=headers, now=fake.now)


def parsed(scene: StripeScene, fake: FakeStripe, event: dict[str, Any]) -> Any:
    body, headers = fake.notice(event)
    return scene.gateway.parse_event(body=body, headers=headers, now=fake.now)[0]


def test_live_events_do_not_enter_by_a_test_key(scene: StripeScene, fake: FakeStripe):
    scene.gateway.charge(a_charge(scene, scene.saved("card")))
    with pytest.raises(UnableToTrustNotice):
        parsed(scene, fake, fake.of("event")[0] | {"livemode": True})


@pytest.mark.parametrize(
    "event",
    [{}, {"object": "event"}, {"object": "list"}, {"object": "event", "livemode": False, "id": 1},
     {"object": "event", "livemode": False, "id": "evt_1", "type": "payout.paid", "created": "x", "data": {"object": {}}},
     {"object": "event", "livemode": False, "id": "evt_1", "type": "payout.paid", "created": 1 << 60, "data": {"object": {}}},
     {"object": "event", "livemode": False, "id": "evt_1", "type": "payout.paid", "created": 1, "data": []},
     {"object": "v2.core.event", "livemode": False, "id": "evt_1"}],
)  # fmt: skip
def test_signed_nonsense_is_refused(scene: StripeScene, fake: FakeStripe, event: dict[str, Any]):
    with pytest.raises(UnableToTrustNotice):
        parsed(scene, fake, event)


def test_each_kind_of_event_leads_to_what_it_is_about(scene: StripeScene, fake: FakeStripe):
    opened = scene.gateway.checkout(a_checkout(scene, methods=("sepa_debit",)))
    intent = fake.pay(opened.external_id, "sepa_debit")
    fake.settle(intent["id"])
    refund = fake.refund(intent["id"], 100)
    fake.fail_refund(refund["id"])
    fake.return_debit(intent["id"])
    setup = scene.gateway.set_up(
        SetupRequest(
            key="s", reference="ENC-S", payer=PAYER, methods=("card",), return_url="https://encours.example/"
        )
    )
    method = fake.save(setup.external_id)
    scene.gateway.forget_method(method["id"])
    payout = fake.pay_out()
    told = {(event.kind, event.about, event.object_id) for event in scene.gateway.events_told(since=fake.now - timedelta(hours=1))}  # fmt: skip
    assert told >= {
        ("checkout.session.completed", "charge", opened.external_id),
        ("checkout.session.async_payment_succeeded", "charge", opened.external_id),
        ("payment_intent.processing", "charge", intent["id"]),
        ("payment_intent.succeeded", "charge", intent["id"]),
        ("charge.succeeded", "charge", intent["id"]),
        ("charge.refunded", "charge", intent["id"]),
        ("refund.failed", "charge", intent["id"]),
        ("charge.dispute.created", "charge", intent["id"]),
        ("checkout.session.completed", "setup", setup.external_id),
        ("setup_intent.succeeded", "", ""),
        ("payment_method.detached", "mandate", method["id"]),
        ("payout.paid", "payout", payout["id"]),
    }
    assert {scene.gateway.charge_told(each).reference for _, about, each in told if about == "charge"} == {"ENC-2026-0001"}  # fmt: skip


def test_other_business_of_the_same_account_is_nothing_to_us(scene: StripeScene, fake: FakeStripe):
    scene.gateway.charge(a_charge(scene, scene.saved("card")))
    for event in fake.of("event"):
        assert parsed(scene, fake, event | {"account": "acct_connected"}).about == ""
        event["data"]["object"]["metadata"] = {}
        assert parsed(scene, fake, event).about == ""
    assert parsed(scene, fake, fake.of("event")[0] | {"type": "customer.created"}).about == ""


# payouts


def test_a_payout_is_told_to_the_cent(scene: StripeScene, fake: FakeStripe):
    paid = scene.gateway.charge(a_charge(scene, scene.saved("card")))
    debit = scene.gateway.charge(a_charge(scene, scene.saved("sepa_debit"), key="c2", reference="ENC-2"))
    fake.settle(debit.external_id)
    fake.pay_out()
    fake.refund(paid.external_id, 345)
    fake.return_debit(debit.external_id)
    fake.charge_fee(1_200)
    foreign = scene.gateway.charge(a_charge(scene, scene.saved("card"), key="c3", reference="ENC-3"))
    fake.things[fake.things[foreign.external_id]["latest_charge"]]["metadata"] = {}
    second = fake.pay_out()
    told = scene.gateway.payout_told(second["id"])
    assert {(line.kind, line.reference, line.amount_cents, line.fee_cents) for line in told.lines} == {
        ("refund", "ENC-2026-0002", -345, 0), ("chargeback", "ENC-2", -12_345, 2_000), ("fee", "", 0, 1_200),
        ("charge", "", 12_345, 210),
    }  # fmt: skip
    assert told.amount_cents == sum(line.amount_cents - line.fee_cents for line in told.lines) < 0
    assert (told.currency, told.state, told.arrival_date) == ("EUR", "paid", date(2026, 3, 2))
    assert len(scene.gateway.payouts_told(since=datetime(2026, 1, 1, tzinfo=UTC))) == 2
    assert list(scene.gateway.payouts_told(since=fake.now + timedelta(days=1))) == []


def test_a_payout_by_hand_is_one_line(scene: StripeScene, fake: FakeStripe):
    scene.gateway.charge(a_charge(scene, scene.saved("card")))
    payout = fake.pay_out(automatic=False)
    (line,) = scene.gateway.payout_told(payout["id"]).lines
    assert (line.kind, line.amount_cents, line.fee_cents) == ("other", payout["amount"], 0)


def test_a_payout_of_more_than_a_page(scene: StripeScene, fake: FakeStripe):
    told = scene.gateway.charge(a_charge(scene, scene.saved("card"), amount_cents=100_000))
    for _ in range(230):
        fake.refund(told.external_id, 100)
    payout = fake.pay_out()
    lines = scene.gateway.payout_told(payout["id"]).lines
    assert len(lines) == 231
    assert {line.reference for line in lines} == {told.reference}


def test_the_fakes_forms_are_read_as_stripe_reads_them():
    pairs = [("a[b][0][c]", "1"), ("a[b][1][c]", "true"), ("expand[0]", "x.y"), ("e", "")]
    assert tree(pairs) == {"a": {"b": [{"c": "1"}, {"c": True}]}, "expand": ["x.y"], "e": ""}
