"""Letters through Pingen: created once whatever breaks, followed to the post office and back."""

from collections.abc import Iterator

import pytest

from encours.actions.ask_channels import ask_channels
from encours.actions.connect_channel import connect_channel, try_connection
from encours.actions.resolve_unknown import resolve_unknown
from encours.actions.take_reports import take_reports
from encours.ports.notices import Notice, UnableToTrustNotice
from encours.providers.channels.pingen import Pingen, PingenConfig
from encours.store.models import ChannelConnection, Customer, DeliveryReport, Message
from tests import cast
from tests.channels.conftest import DAY, DUE
from tests.channels.fake_pingen import ORGANISATION, SIGNING_KEY, FakePingen
from tests.dunning.conftest import at, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def pingen() -> Iterator[FakePingen]:
    with FakePingen() as running:
        yield running


@pytest.fixture
def connection(company, pingen) -> ChannelConnection:
    given = {
        "client_id": "client",
        "client_secret": "très secret",
        "organisation_id": ORGANISATION,
        "signing_key": SIGNING_KEY,
    }
    made = connect_channel(
        company=company,
        provider="pingen",
        name="Pingen",
        given=given,
        notices_base="https://encours.example",
        actor="test",
    )
    made.settings |= {"base_url": pingen.url}
    made.save()
    return made


def created(pingen: FakePingen) -> list[str]:
    """The keys under which letters were asked for."""
    asked = [each for each in pingen.asked if each.method == "POST" and each.path.endswith("/letters")]
    return [each.headers["idempotency-key"] for each in asked]


def asked(company) -> int:
    return ask_channels(company=company, now=at(DAY, 12), actor="test")


def test_a_letter_is_uploaded_and_created_to_be_sent(company, planned, pingen, connection):
    message = planned("letter")
    assert try_connection(company=company, connection_id=connection.pk, now=at(DAY)) is None
    assert send(company, DAY).sent == 1
    ((letter, kept),) = pingen.letters.items()
    told = kept["attributes"]
    assert (told["auto_send"], told["address_position"], told["delivery_product"], told["print_mode"]) == (
        True, "right", "cheap", "duplex",
    )  # fmt: skip
    (content,) = pingen.files.values()
    assert content.startswith(b"%PDF")
    assert told["file_url"].endswith("?signer=url")
    attempt = message.attempts.get()
    assert (attempt.outcome, attempt.provider, attempt.provider_id) == ("accepted", "pingen", letter)
    assert created(pingen) == [attempt.idempotency_key]
    # nothing of ours goes to the store of files
    assert not [
        each for each in pingen.asked if each.path.startswith("/store/") and "authorization" in each.headers
    ]


def test_its_states_are_asked_for_and_its_price_kept(company, planned, pingen, connection):
    message = planned("letter")
    send(company, DAY)
    assert asked(company) == 0  # validating says nothing yet
    for status in ("submitted", "processing", "printing", "sent", "sent"):
        pingen.becomes(status)
        asked(company)
    kinds = DeliveryReport.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["taken", "printed", "deposited"]
    assert message.attempts.get().cost_cents == 138
    pingen.becomes("delivered", price=1.41, currency="CHF")
    asked(company)
    assert message.attempts.get().cost_cents == 138  # another currency is no cost of ours


@pytest.mark.parametrize(
    ("status", "kind", "state", "is_returned"),
    [
        ("undeliverable", "bounced", "failed", True),
        ("invalid", "rejected", "failed", False),
        ("expired", "rejected", "failed", False),
        ("awaiting_credits", "deferred", "sent", False),
        ("action_required", "deferred", "sent", False),
    ],
)
def test_what_becomes_of_a_letter(
    company, lefevre, planned, pingen, connection, status, kind, state, is_returned
):
    message = planned("letter")
    send(company, DAY)
    pingen.becomes(status)
    assert asked(company) == 1
    message.refresh_from_db()
    assert (message.state, DeliveryReport.objects.get().kind) == (state, kind)
    assert (Customer.objects.get(pk=lefevre.pk).address_returned_at is not None) is is_returned


@pytest.mark.parametrize("trouble", [("after", 500), ("after", 503), "lost", 502])
def test_an_answer_that_is_lost_creates_no_second_letter(company, planned, pingen, connection, trouble):
    message = planned("letter")
    pingen.posting = [trouble]
    assert send(company, DAY).sent == 1
    assert len(pingen.letters) == 1
    assert len(set(created(pingen))) == 1
    assert message.attempts.get().provider_id in pingen.letters


@pytest.mark.parametrize("second", [("after", 500), "lost", 422, 429])
def test_a_fate_that_stays_unknown_is_never_posted_again_by_itself(
    company, planned, pingen, connection, second
):
    message = planned("letter")
    pingen.posting = ["lost", second]
    assert send(company, DAY).unknown == 1
    send(company, DAY, now=at(DAY, 16))
    message.refresh_from_db()
    assert (message.state, len(pingen.letters), len(created(pingen))) == ("unknown", 1, 2)
    # a person says it was not: the key is the same, so Pingen answers with the letter it has
    resolve_unknown(company=company, message_id=message.pk, was_sent=False, now=at(DAY, 17), actor="user:1")
    assert send(company, DAY, now=at(DAY, 18)).sent == 1
    assert len(pingen.letters) == 1


def test_too_many_calls_stop_the_round_and_the_other_letters_wait(company, planned, pingen, connection):
    other = cast.customer(company, "C2", "Client 2", street="2 quai", postcode="44000", city="Nantes")
    cast.invoice(company, other, "FB-2", payable_cents=50_000, issue_date=DUE, due_date=DUE)
    planned("letter", only=False)
    pingen.posting = [429]
    sending = send(company, DAY)
    assert (sending.sent, sending.failed) == (0, 1)
    assert [each.code for each in sending.problems] == ["message.channel_unreachable"]
    assert set(Message.objects.values_list("state", flat=True)) == {"approved"}
    assert send(company, DAY, now=at(DAY, 16)).sent == 2


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_refusal_is_tried_again_later(company, planned, pingen, connection, status):
    message = planned("letter")
    pingen.posting = [status]
    assert send(company, DAY).failed == 1
    message.refresh_from_db()
    assert (message.state, len(pingen.letters)) == ("approved", 0)
    assert f"HTTP {status}" in message.attempts.get().detail


def test_wrong_credentials_are_said_and_no_letter_is_tried(company, planned, pingen, connection):
    message = planned("letter")
    connection.settings |= {"client_id": "somebody"}
    connection.save()
    assert try_connection(company=company, connection_id=connection.pk, now=at(DAY)) is not None
    assert send(company, DAY).sent == 0
    message.refresh_from_db()
    assert (message.state, message.attempts.count()) == ("approved", 0)


def service(pingen: FakePingen, key: str = SIGNING_KEY) -> Pingen:
    return Pingen(PingenConfig("client", "très secret", ORGANISATION, key, base_url=pingen.url))


def test_a_signed_notice_of_a_returned_letter(company, lefevre, planned, pingen, connection):
    message = planned("letter")
    send(company, DAY)
    body, signature = pingen.notice("webhook_undeliverable")
    notice = Notice("https://encours.example/", {"signature": signature}, body)
    reports = service(pingen).read_notice(notice=notice, now=at(DAY))
    for _ in range(2):
        take_reports(company=company, provider="pingen", reports=reports, now=at(DAY), actor="test")
    message.refresh_from_db()
    assert (message.state, DeliveryReport.objects.get().detail) == ("failed", "Recipient moved")
    body, signature = pingen.notice("webhook_issues")
    assert service(pingen).read_notice(notice=Notice("", {"signature": signature}, body), now=at(DAY)) == ()


@pytest.mark.parametrize(("key", "change"), [(SIGNING_KEY, b" "), ("another", b""), ("", b"")])
def test_a_notice_without_its_signature_is_not_believed(company, planned, pingen, connection, key, change):
    planned("letter")
    send(company, DAY)
    body, signature = pingen.notice("webhook_sent")
    with pytest.raises(UnableToTrustNotice):
        service(pingen, key).read_notice(
            notice=Notice("", {"signature": signature}, body + change), now=at(DAY)
        )
