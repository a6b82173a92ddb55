"""What every payment service of the port must do, whoever it is.

A provider's tests subclass `Conformance` and give it a `scene`: the gateway, with the payers and banks behind it. What a service
cannot do at all is left out of `scene.abilities`; everything in it must hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from encours.core.payments.failures import CUSTOMER, GROUPS, NEVER, OURS
from encours.core.payments.methods import METHODS
from encours.ports.connections import UnableToAsk, settings_of
from encours.ports.gateways import (
    ChargeRequest,
    CheckoutRequest,
    Payer,
    PaymentGateway,
    SetupRequest,
    ToldCharge,
    UnableToCharge,
)
from encours.ports.notices import UnableToTrustNotice

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PAYER = Payer(name="Robert & Fils", email="compta@robert.example", language="fr", country="FR")


@dataclass(frozen=True)
class Saved:
    """A method that a customer gave before."""

    payer: Payer
    method: str
    method_external_id: str
    mandate_external_id: str = ""


class Scene:
    """A gateway and the world behind it. Of the acts only those of its `abilities` are needed."""

    gateway: PaymentGateway
    # checkout, setup, charge, decline, debit, refund, find, payouts, events, outages
    abilities: frozenset[str]
    amount_cents = 12_345
    unknown_id = "nothing"

    def customer_pays(self, told: ToldCharge, method: str) -> None:
        raise NotImplementedError

    def customer_saves(self, external_id: str, method: str) -> None:
        raise NotImplementedError

    def saved(self, method: str, *, outcome: str = "") -> Saved:
        """`outcome` of the next charge: "" succeeds, "declined", "lost" or "authenticate"."""
        raise NotImplementedError

    def bank_settles(self, told: ToldCharge) -> None:
        raise NotImplementedError

    def bank_fails(self, told: ToldCharge) -> None:
        raise NotImplementedError

    def bank_returns(self, told: ToldCharge) -> None:
        raise NotImplementedError

    def pays_out(self) -> None:
        raise NotImplementedError

    def notices(self) -> Sequence[tuple[bytes, dict[str, str]]]:
        """Bodies and headers of what was told so far, as the service would post it at `now`."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        return NOW

    def trouble(self, kind: str) -> None:
        """The next request: "cut" (worked on, answer lost), "lost" (not worked on), "busy" (asked to wait 7 s)."""
        raise NotImplementedError

    def taken(self) -> int:
        """Payments the service knows of."""
        raise NotImplementedError


def a_checkout(scene: Scene, **values: Any) -> CheckoutRequest:
    made = CheckoutRequest(
        key="checkout-1", reference="ENC-2026-0001", payer=PAYER, methods=tuple(sorted(scene.gateway.methods)),
        currency="EUR", amount_cents=scene.amount_cents, label="FA-2026-001, FA-2026-002",
        return_url="https://encours.example/p/retour", lines=(("FA-2026-001", 12_000), ("FA-2026-002", 345)),
    )  # fmt: skip
    return replace(made, **values)


def a_charge(scene: Scene, saved: Saved, **values: Any) -> ChargeRequest:
    made = ChargeRequest(
        key="charge-1", reference="ENC-2026-0002", payer=saved.payer, mandate_external_id=saved.mandate_external_id,
        method_external_id=saved.method_external_id, method=saved.method, currency="EUR",
        amount_cents=scene.amount_cents, label="FA-2026-003",
    )  # fmt: skip
    return replace(made, **values)


def says_what_happens(error: Any) -> None:
    """A failure has a group and a sentence in both languages."""
    assert error.group in GROUPS
    assert error.code
    french, english = error.sentence.say("fr"), error.sentence.say("en")
    assert french != english
    assert all("{" not in text and "…" not in text and len(text) > 20 for text in (french, english))


class Conformance:
    @pytest.fixture(autouse=True)
    def only_what_it_can(self, request: pytest.FixtureRequest, scene: Scene) -> None:
        mark = request.node.get_closest_marker("ability")
        for ability in mark.args if mark else ():
            if ability not in scene.abilities:
                pytest.skip(f"this service has no {ability}")

    # what it is

    def test_it_says_what_it_is(self, scene: Scene):
        gateway = scene.gateway
        assert gateway.name.isidentifier()
        assert gateway.methods <= set(METHODS)
        assert set(gateway.limits_cents) <= gateway.methods
        assert gateway.title().say("fr")
        assert [each.name for each in settings_of(gateway.Config)]
        for each in settings_of(gateway.Config):
            assert each.label.say("fr")
            assert each.label.say("en")
        secrets = [each.name for each in settings_of(gateway.Config) if each.secret]
        config = gateway.Config(
            **{
                each.name: "sk_test_x" if each.secret else "id_x"
                for each in settings_of(gateway.Config)
                if each.default is None
            }
        )
        assert not secrets or "sk_test_x" not in repr(config)
        for step in gateway.notice_steps:
            assert step().say("fr") != step().say("en")

    def test_it_closes_twice(self, scene: Scene):
        scene.gateway.close()
        scene.gateway.close()

    @pytest.mark.ability("merchant")
    def test_it_says_whose_account_it_is(self, scene: Scene):
        merchant = scene.gateway.merchant_told()
        assert merchant.name
        assert merchant.methods <= scene.gateway.methods

    # with the customer

    @pytest.mark.ability("checkout")
    def test_a_page_asks_for_our_amount_under_our_reference(self, scene: Scene):
        told = scene.gateway.checkout(a_checkout(scene))
        assert (told.state, told.amount_cents, told.currency) == ("open", scene.amount_cents, "EUR")
        assert told.reference == "ENC-2026-0001"
        assert told.url.startswith("https://")
        assert told.received_cents == 0
        assert told.told_at.tzinfo is not None
        again = scene.gateway.charge_told(told.external_id)
        assert (again.external_id, again.reference, again.state) == (told.external_id, told.reference, "open")

    @pytest.mark.ability("checkout")
    def test_the_same_key_is_the_same_page(self, scene: Scene):
        first, second = (scene.gateway.checkout(a_checkout(scene)) for _ in range(2))
        assert first.external_id == second.external_id
        other = scene.gateway.checkout(a_checkout(scene, key="checkout-2", reference="ENC-2026-0009"))
        assert other.external_id != first.external_id

    @pytest.mark.ability("checkout")
    def test_the_same_key_for_another_amount_is_our_fault(self, scene: Scene):
        scene.gateway.checkout(a_checkout(scene))
        with pytest.raises(UnableToCharge) as refused:
            scene.gateway.checkout(a_checkout(scene, amount_cents=999, lines=()))
        assert refused.value.failure is not None
        assert refused.value.failure.group == OURS
        says_what_happens(refused.value.failure)

    @pytest.mark.ability("checkout")
    def test_what_a_customer_paid_is_told_as_received(self, scene: Scene):
        for number, method in enumerate(sorted(scene.gateway.methods)):
            request = a_checkout(scene, key=f"k{number}", reference=f"ENC-{number}", methods=(method,))
            told = scene.gateway.checkout(request)
            scene.customer_pays(told, method)
            if "debit" in scene.abilities and method.endswith("debit"):
                assert scene.gateway.charge_told(told.external_id).state == "pending"
                scene.bank_settles(told)
            paid = scene.gateway.charge_told(told.external_id)
            assert (paid.state, paid.method, paid.received_cents) == ("succeeded", method, scene.amount_cents)
            assert paid.external_id == told.external_id
            assert paid.url == ""
            assert paid.failure is None
            assert paid.mandate is None  # nobody agreed to be charged later

    @pytest.mark.ability("checkout")
    def test_what_is_canceled_cannot_be_paid(self, scene: Scene):
        told = scene.gateway.checkout(a_checkout(scene))
        assert scene.gateway.cancel(told.external_id, key="cancel-1").state == "canceled"
        assert scene.gateway.cancel(told.external_id, key="cancel-1").state == "canceled"
        assert scene.gateway.cancel(told.external_id, key="cancel-2").state == "canceled"
        with pytest.raises(AssertionError):
            scene.customer_pays(told, sorted(scene.gateway.methods)[0])

    @pytest.mark.ability("checkout")
    def test_what_was_paid_cannot_be_canceled(self, scene: Scene):
        told = scene.gateway.checkout(a_checkout(scene))
        scene.customer_pays(told, sorted(scene.gateway.methods)[0])
        after = scene.gateway.cancel(told.external_id, key="cancel-1")
        assert (after.state, after.received_cents) == ("succeeded", scene.amount_cents)

    @pytest.mark.ability("checkout", "charge")
    def test_a_method_saved_while_paying_can_be_charged_later(self, scene: Scene):
        for number, method in enumerate(sorted(scene.gateway.methods)):
            request = a_checkout(scene, key=f"k{number}", reference=f"ENC-{number}", methods=(method,), saves_method=True)  # fmt: skip
            told = scene.gateway.checkout(request)
            assert told.mandate is None
            scene.customer_pays(told, method)
            mandate = scene.gateway.charge_told(told.external_id).mandate
            assert mandate is not None
            assert mandate.state == "active"
            assert mandate.last_digits
            assert (mandate.kind == "card") == (method == "card")
            saved = Saved(
                replace(PAYER, customer_external_id=mandate.customer_external_id), method, mandate.external_id,
                mandate.mandate_external_id,
            )  # fmt: skip
            later = scene.gateway.charge(a_charge(scene, saved, key=f"c{number}", reference=f"ENC-C{number}"))
            assert later.state in ("succeeded", "pending")

    @pytest.mark.ability("setup")
    def test_a_method_is_saved_without_a_payment(self, scene: Scene):
        for number, method in enumerate(sorted(scene.gateway.methods)):
            request = SetupRequest(
                key=f"s{number}", reference=f"ENC-S{number}", payer=PAYER, methods=(method,), return_url="https://encours.example/",
            )  # fmt: skip
            opened = scene.gateway.set_up(request)
            assert (opened.state, opened.reference) == ("open", f"ENC-S{number}")
            assert opened.url
            assert scene.gateway.set_up(request).external_id == opened.external_id
            before = scene.taken()
            scene.customer_saves(opened.external_id, method)
            told = scene.gateway.setup_told(opened.external_id)
            assert told.state == "succeeded"
            assert told.mandate is not None
            again = scene.gateway.mandate_told(
                told.mandate.external_id, mandate_external_id=told.mandate.mandate_external_id
            )
            assert (again.state, again.reference) == ("active", told.mandate.reference)
            assert scene.taken() == before
            scene.gateway.forget_method(told.mandate.external_id)
            scene.gateway.forget_method(told.mandate.external_id)
            assert scene.gateway.mandate_told(told.mandate.external_id).state == "revoked"

    # without the customer

    @pytest.mark.ability("charge")
    def test_a_saved_method_is_charged_once_per_key(self, scene: Scene):
        request = a_charge(scene, scene.saved("card"))
        first = scene.gateway.charge(request)
        assert (first.state, first.amount_cents) == ("succeeded", 12_345)
        if "received" in scene.abilities:
            assert first.received_cents == 12_345
        assert (first.method, first.reference) == ("card", "ENC-2026-0002")
        if "idempotency" in scene.abilities:
            assert scene.gateway.charge(request).external_id == first.external_id
            assert scene.taken() == 1

    @pytest.mark.ability("charge", "debit")
    def test_a_debit_is_pending_until_its_bank_speaks(self, scene: Scene):
        for number, (act, state) in enumerate(
            ((scene.bank_settles, "succeeded"), (scene.bank_fails, "failed"))
        ):
            outcome = "declined" if state == "failed" else ""
            saved = scene.saved("sepa_debit", outcome=f"later {outcome}" if outcome else "")
            told = scene.gateway.charge(a_charge(scene, saved, key=f"c{number}", reference=f"ENC-{number}"))
            assert (told.state, told.received_cents) == ("pending", 0)
            act(told)
            after = scene.gateway.charge_told(told.external_id)
            assert after.state == state
            assert after.received_cents == (scene.amount_cents if state == "succeeded" else 0)
            assert (after.failure is None) == (state == "succeeded")
            if after.failure:
                says_what_happens(after.failure)
            assert after.told_at >= told.told_at

    @pytest.mark.ability("decline")
    def test_a_declined_charge_says_what_happens_next(self, scene: Scene):
        told = scene.gateway.charge(a_charge(scene, scene.saved("card", outcome="declined")))
        assert (told.state, told.received_cents) == ("failed", 0)
        assert told.failure is not None
        says_what_happens(told.failure)

    @pytest.mark.ability("decline_codes")
    def test_what_needs_the_customer_does_not_wait_for_them(self, scene: Scene):
        for number, (outcome, group) in enumerate((("authenticate", CUSTOMER), ("lost", NEVER))):
            saved = scene.saved("card", outcome=outcome)
            told = scene.gateway.charge(a_charge(scene, saved, key=f"c{number}", reference=f"ENC-{number}"))
            assert told.state == "failed"
            assert told.failure is not None
            assert told.failure.group == group
            assert told.client_secret == ""
            assert scene.gateway.charge_told(told.external_id).failure == told.failure

    @pytest.mark.ability("returns")
    def test_a_debit_that_comes_back_is_told_as_returned(self, scene: Scene):
        told = scene.gateway.charge(a_charge(scene, scene.saved("sepa_debit")))
        scene.bank_settles(told)
        scene.bank_returns(told)
        after = scene.gateway.charge_told(told.external_id)
        assert after.state == "returned"
        assert after.returned_date is not None
        assert after.received_cents == scene.amount_cents
        assert after.failure is not None
        says_what_happens(after.failure)
        assert after.chargebacks == ()  # told once

    def test_more_than_a_method_takes_is_refused_before_anybody_is_asked(self, scene: Scene):
        for method, limit_cents in scene.gateway.limits_cents.items():
            with pytest.raises(UnableToCharge) as refused:
                scene.gateway.checkout(
                    a_checkout(scene, methods=(method,), amount_cents=limit_cents + 1, lines=())
                )
            assert refused.value.is_known
            assert refused.value.failure is not None
            assert refused.value.failure.group == OURS
        assert scene.taken() == 0

    # money back

    @pytest.mark.ability("refund")
    def test_refunds_add_up_and_each_key_counts_once(self, scene: Scene):
        told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
        part = {"amount_cents": 2_345, "key": "refund-1", "reason": "avoir AV-12"}
        after = scene.gateway.refund(told.external_id, **part)
        if "idempotency" in scene.abilities:
            after = scene.gateway.refund(told.external_id, **part)
        assert [(each.amount_cents, each.state, each.key) for each in after.refunds] == [(2_345, "succeeded", "refund-1")]  # fmt: skip
        assert after.refunds[0].reason == "avoir AV-12"
        assert after.state == "succeeded"
        if "received" in scene.abilities:  # never less what was given back
            assert after.received_cents == scene.amount_cents
        whole = scene.gateway.refund(told.external_id, amount_cents=10_000, key="refund-2", reason="")
        assert sum(each.amount_cents for each in whole.refunds) == scene.amount_cents
        if "refund_limit" in scene.abilities:
            with pytest.raises(UnableToCharge) as refused:
                scene.gateway.refund(told.external_id, amount_cents=1, key="refund-3", reason="")
            assert refused.value.is_known

    # when nobody heard the answer

    @pytest.mark.ability("find")
    def test_a_payment_is_found_by_our_reference(self, scene: Scene):
        assert scene.gateway.find("ENC-2026-0001") is None
        opened = scene.gateway.checkout(a_checkout(scene))
        charged = scene.gateway.charge(a_charge(scene, scene.saved("card")))
        for told in (opened, charged):
            found = scene.gateway.find(told.reference)
            assert found is not None
            assert (found.external_id, found.state) == (told.external_id, told.state)
        assert scene.gateway.find("ENC-2026") is None

    @pytest.mark.ability("outages", "charge")
    def test_an_answer_nobody_heard_is_no_second_payment(self, scene: Scene):
        request = a_charge(scene, scene.saved("card"))
        for _ in range(2):
            scene.trouble("cut")
        with pytest.raises(UnableToCharge) as unknown:
            scene.gateway.charge(request)
        assert not unknown.value.is_known
        assert scene.gateway.charge(request).state == "succeeded"
        assert scene.taken() == 1

    @pytest.mark.ability("outages", "charge")
    def test_a_service_that_asks_to_wait_has_done_nothing(self, scene: Scene):
        scene.trouble("busy")
        with pytest.raises(UnableToCharge) as busy:
            scene.gateway.charge(a_charge(scene, scene.saved("card")))
        assert (busy.value.is_known, busy.value.retry_after_seconds) == (True, 7)
        assert scene.taken() == 0

    @pytest.mark.ability("outages")
    def test_what_cannot_be_read_raises_and_says_why(self, scene: Scene):
        with pytest.raises(UnableToAsk) as unknown:
            scene.gateway.charge_told(scene.unknown_id)
        assert unknown.value.needs_person
        scene.trouble("busy")
        with pytest.raises(UnableToAsk) as busy:
            scene.gateway.charge_told(scene.unknown_id)
        assert busy.value.retry_after_seconds == 7

    # what happened

    @pytest.mark.ability("events", "charge")
    def test_events_say_what_to_ask_for(self, scene: Scene):
        told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
        references, ids = set(), []
        for body, headers in scene.notices():
            for event in scene.gateway.parse_event(body=body, headers=headers, now=scene.now):
                ids.append(event.external_id)
                if event.about == "charge":
                    references.add(scene.gateway.charge_told(event.object_id).reference)
        assert references == {told.reference}
        assert len(ids) == len(set(ids)) >= 1

    @pytest.mark.ability("events", "charge")
    def test_events_of_nobody_knows_whom_are_refused(self, scene: Scene):
        scene.gateway.charge(a_charge(scene, scene.saved("card")))
        body, headers = scene.notices()[0]
        name, header = next(iter(headers.items()))
        bad: list[tuple[bytes, dict[str, str]]] = [
            (body, {}), (body + b" ", headers), (b"", headers), (body, {name: ""}), (body, {name: header[:-1]}),
            (body, {name: header[:-2] + "zz"}), (body, {name: "é" * 50}), (body, {name: "t=1,v1=" + "0" * 64}),
        ]  # fmt: skip
        for forged, told in bad:
            with pytest.raises(UnableToTrustNotice):
                scene.gateway.parse_event(body=forged, headers=told, now=scene.now)
        for late in (timedelta(days=2), -timedelta(days=2)):
            with pytest.raises(UnableToTrustNotice):
                scene.gateway.parse_event(body=body, headers=headers, now=scene.now + late)

    @pytest.mark.ability("event_list", "charge")
    def test_what_was_never_delivered_is_asked_for_oldest_first(self, scene: Scene):
        told = scene.gateway.charge(a_charge(scene, scene.saved("card")))
        events = scene.gateway.events_told(since=scene.now - timedelta(hours=1))
        assert [event.occurred_at for event in events] == sorted(event.occurred_at for event in events)
        assert {told.reference} == {
            scene.gateway.charge_told(event.object_id).reference
            for event in events
            if event.about == "charge"
        }
        assert scene.gateway.events_told(since=scene.now + timedelta(days=1)) == []

    @pytest.mark.ability("payouts", "charge")
    def test_the_lines_of_a_payout_make_its_amount(self, scene: Scene):
        for number in range(3):
            scene.gateway.charge(
                a_charge(scene, scene.saved("card"), key=f"c{number}", reference=f"ENC-{number}")
            )
        scene.pays_out()
        (payout,) = scene.gateway.payouts_told(since=NOW - timedelta(days=30))
        assert payout.amount_cents == sum(line.amount_cents - line.fee_cents for line in payout.lines)
        gross = [line for line in payout.lines if line.kind == "charge"]
        assert sorted(line.reference for line in gross) == ["ENC-0", "ENC-1", "ENC-2"]
        assert scene.gateway.payout_told(payout.external_id).lines == payout.lines
