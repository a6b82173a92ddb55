"""From the link in a mail that really left to paid by card: the service's own page, its signed event before and after the way back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from encours.actions.connect_gateway import check_gateway, connect_gateway
from encours.actions.send_invitation import send_invitation
from encours.actions.send_messages import send_messages
from encours.actions.update_payment_options import PaymentChoice, update_payment_options
from encours.actions.work_gateway_events import work_gateway_events
from encours.portal import limits
from encours.store.models import Charge, Document, GatewayConnection, Payment
from tests import cast
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_portal import look_at
from tests.dunning.conftest import bank_known
from tests.dunning.post_office import PostOffice
from tests.gateways.fake_stripe import HOOK_SECRET, SECRET_KEY, FakeStripe
from tests.gateways.fake_stripe.hosted import ACCEPTED, DECLINED

pytestmark = pytest.mark.browser


@pytest.fixture
def stripe(lumen) -> Iterator[FakeStripe]:
    """Stripe with its pages, connected, cards offered."""
    with FakeStripe() as fake:
        fake.now = datetime.now(UTC)
        fake.pages = fake.url
        connection = connect_gateway(
            company=lumen, provider="stripe", name="Stripe", actor="test", may_set_hidden=True,
            given={"secret_key": SECRET_KEY, "hook_secret": HOOK_SECRET, "base_url": fake.url},
        )  # fmt: skip
        assert check_gateway(company=lumen, connection_id=connection.pk, now=fake.now) is None
        update_payment_options(
            company=lumen, choices=[PaymentChoice("card", True, connection.pk)], actor="test"
        )
        yield fake


@pytest.fixture
def link(lumen, server, settings, tmp_path, stripe, monkeypatch) -> Iterator[str]:
    """Lefèvre owes two invoices and reads a mail: the link that stands in it."""
    limits.clear()
    # a payer who comes back within seconds is answered by the service, not by what is remembered
    monkeypatch.setattr("encours.portal.pay.ASKED_AGAIN_AFTER", timedelta(0))
    settings.PORTAL_URL, settings.FILES_FOLDER = server, tmp_path / "files"
    on = timezone.now().date()
    customer = cast.late_payer(lumen)
    for number, cents in enumerate([120_000, 84_050], start=1):
        cast.invoice(
            lumen, customer, f"FA-2026-000{number}", payable_cents=cents, issue_date=on - timedelta(days=90)
        )
    bank_known(lumen, on)
    with PostOffice() as office:
        settings.CHANNELS = {"email": {"smtp_url": office.url}}
        send_invitation(company=lumen, customer_id=customer.pk, on=on, actor="test")
        send_messages(company=lumen, now=timezone.now(), on=on, actor="test")
        (mail,) = office.taken
        words = mail.get_body(("plain",)).get_content().split()
        yield next(word for word in words if word.startswith(f"{server}/p/"))


@pytest.fixture
def hear(lumen, stripe) -> Callable[[], None]:
    """Stripe posts all it has to tell, twice each."""

    def heard() -> None:
        connection = GatewayConnection.objects.get()
        for event in stripe.of("event"):
            for _ in range(2):
                body, headers = stripe.notice(event, at=datetime.now(UTC))
                address = f"/notifications/paiements/{lumen.pk}/{connection.hook_key}/"
                answer = Client().post(address, body, content_type="application/json", headers=headers)
                assert answer.status_code == 204
        work_gateway_events(company=lumen, now=timezone.now())

    return heard


def go_to_stripe(page: Any, *, part: str = "") -> None:
    page.get_by_label("FA-2026-0002").uncheck()
    page.get_by_role("button", name="Régler la sélection").click()
    if part:
        page.get_by_text("Ne régler qu’une partie").click()
        page.get_by_label("Montant (EUR)").fill(part)
        page.get_by_role("button", name="Retenir ce montant").click()
    page.get_by_role("button", name="carte").click()
    page.wait_for_url("**/c/pay/**")


def pay(page: Any, number: str) -> None:
    page.get_by_label("Numéro de carte").fill(number)
    page.get_by_role("button", name="Payer").click()


def open_cents() -> list[int]:
    return list(Document.objects.order_by("number").values_list("open_cents", flat=True))


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_from_the_mail_to_paid_by_card(size: Any, link: str, open_page: OpenPage, hear: Callable[[], None]):
    opened = open_page(role="", size=size)
    page = opened.page
    page.goto(link)
    assert opened.complaints == []
    go_to_stripe(page)
    assert page.get_by_role("heading").inner_text() == "1200.00 EUR"
    pay(page, ACCEPTED)
    page.wait_for_url("**/p/**")
    assert page.get_by_role("heading", level=1).inner_text() == "Merci, votre paiement est reçu"
    assert look_at(page, "card-paid") == {}
    hear()  # what was seen on the way back is told again
    assert (open_cents(), Payment.objects.get().amount_cents) == ([0, 84_050], 120_000)
    page.goto(link)
    assert page.get_by_label("FA-2026-0001").count() == 0


def test_a_declined_card_then_another_while_the_event_is_faster(link: str, open_page: OpenPage, hear: Callable[[], None], stripe: FakeStripe):  # fmt: skip
    page = open_page(role="", size=PHONE).page
    page.goto(link)
    go_to_stripe(page, part="500")
    pay(page, DECLINED)
    assert page.get_by_role("status").inner_text() == "Votre carte a été refusée."
    hear()
    assert (open_cents(), Payment.objects.count()) == ([120_000, 84_050], 0)
    charge = Charge.objects.get()
    stripe.pay(charge.external_id)  # paid, and the browser is closed before it comes back
    hear()
    assert (open_cents(), Payment.objects.get().amount_cents) == ([70_000, 84_050], 50_000)
    page.goto(stripe.things[charge.external_id]["success_url"])
    assert page.get_by_role("heading", level=1).inner_text() == "Merci, votre paiement est reçu"
    assert Payment.objects.count() == 1


def test_who_goes_back_has_paid_nothing_and_may_try_again(link: str, open_page: OpenPage):
    page = open_page(role="", size=PHONE).page
    page.goto(link)
    go_to_stripe(page)
    page.get_by_role("link", name="Retour").click()
    page.wait_for_url("**/p/**")
    assert "n’est pas terminé" in page.get_by_role("heading", level=1).inner_text()
    assert look_at(page, "card-back") == {}
    assert not Payment.objects.exists()
    page.get_by_role("link", name="Continuer").click()
    page.wait_for_url("**/c/pay/**")
    pay(page, ACCEPTED)
    page.wait_for_url("**/p/**")
    assert open_cents() == [0, 84_050]
