"""Text messages: to a mobile, in the hours of the day, once; STOP and numbers that do not exist are respected."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from encours.actions.ask_channels import ask_channels
from encours.actions.connect_channel import connect_channel
from encours.actions.open_channel import notices_at
from encours.actions.receive_report import UnableToTakeReport, receive_report
from encours.actions.run_dunning import plan_dunning
from encours.core.texting import may_text, parts_of, telephone_text
from encours.ports.channels import OutgoingMessage, UnableToReachProvider
from encours.ports.notices import Notice
from encours.ports.phone_numbers import e164, takes_texts
from encours.ports.registry import channels
from encours.store.models import (
    Attempt,
    ChannelConnection,
    Company,
    Contact,
    Customer,
    DeliveryReport,
    JournalEntry,
    Message,
)
from tests.channels.conftest import DAY
from tests.channels.fake_service import Asked, FakeService
from tests.channels.fake_twilio import SID, TOKEN, FakeTwilio
from tests.dunning.conftest import at, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def twilio(company):
    with FakeTwilio() as fake:
        connect(company, fake)
        yield fake


def connect(company: Company, fake: FakeTwilio) -> ChannelConnection:
    connection = connect_channel(
        company=company, provider="twilio", name="Twilio", notices_base="https://encours.example", actor="test",
        given={"account_sid": SID, "auth_token": TOKEN, "sender": "+33700000000"},
    )  # fmt: skip
    # the address of the real service is no setting of the form
    connection.settings |= {"base_url": fake.url}
    connection.save()
    return connection


def hear(company: Company, *, key: str = "", token: str = TOKEN, **form: str) -> int:
    """A request of Twilio at our address."""
    connection = ChannelConnection.objects.get(company=company)
    query = f"key={key}" if key else ""
    url = notices_at(connection) + (f"?{query}" if query else "")
    body, headers = FakeTwilio.notice(url, token, **form)
    return receive_report(
        company=company, hook_key=connection.hook_key, query=query, now=at(DAY, 12),
        notice=Notice("http://behind.a.proxy/", headers, body),
    )  # fmt: skip


def test_a_text_message_leaves_with_what_it_costs(company, planned, twilio):
    company.channel_costs = {"sms": 7}
    company.save()
    message = planned("sms")
    assert send(company, DAY).sent == 1
    message.refresh_from_db()
    assert (message.state, message.recipient) == ("sent", "+33612345678")
    assert message.text.startswith("Atelier Lumen SAS : sauf erreur, 1 200,00 € en attente")
    [sent] = twilio.messages.values()
    assert (sent["to"], sent["body"]) == ("+33612345678", message.text)
    attempt = message.attempts.get()
    assert (attempt.provider, attempt.provider_id, attempt.cost_cents) == ("twilio", sent["sid"], 14)
    assert sent["callback"].endswith(f"?key={attempt.idempotency_key}")


def test_credentials_are_sealed(company, twilio):
    connection = ChannelConnection.objects.get()
    assert TOKEN not in str(connection.settings) + connection.sealed
    assert TOKEN not in str(list(JournalEntry.objects.values()))


def test_what_twilio_reports_is_kept_once(company, planned, twilio):
    planned("sms")
    send(company, DAY)
    attempt = Attempt.objects.get()
    told = {"MessageSid": attempt.provider_id, "MessageStatus": "delivered", "To": "+33612345678"}
    assert [hear(company, **told) for _ in range(2)] == [1, 0]
    assert DeliveryReport.objects.get().kind == "delivered"
    attempt.refresh_from_db()
    assert attempt.closed_at is not None


def test_a_notice_with_a_wrong_signature_changes_nothing(company, planned, twilio):
    planned("sms")
    send(company, DAY)
    with pytest.raises(UnableToTakeReport):
        hear(company, token="wrong", MessageSid=Attempt.objects.get().provider_id, MessageStatus="delivered")
    assert not DeliveryReport.objects.exists()


def test_a_number_that_takes_nothing_hands_over_to_the_next_channel(company, planned, twilio):
    message = planned("sms", "email")
    twilio.errors["+33612345678"] = 21211
    assert send(company, DAY).sent == 1
    message.refresh_from_db()
    assert (message.channel, message.state) == ("email", "sent")
    assert Contact.objects.get().text_failed_at is not None
    assert [(each.provider, each.outcome) for each in message.attempts.order_by("number")] == [
        ("twilio", "refused"),
        ("email", "accepted"),
    ]


def test_what_comes_back_later_goes_by_the_next_channel_and_only_once(company, planned, twilio):
    message = planned("sms", "email")
    send(company, DAY)
    attempt = Attempt.objects.get()
    for _ in range(2):
        hear(company, MessageSid=attempt.provider_id, MessageStatus="undelivered", ErrorCode="30003")
    message.refresh_from_db()
    assert (message.channel, message.state, message.sent_date) == ("email", "approved", None)
    assert send(company, DAY).sent == 1
    assert Message.objects.count() == 1
    assert len(twilio.messages) == 1


def test_a_bounce_that_overtakes_the_answer_is_not_lost(company, planned, twilio):
    """Twilio reports before its answer to the hand-over is written down."""
    message = planned("sms")
    real = twilio.answer

    def answer(asked: Asked) -> tuple[int, Any]:
        status, told = real(asked)
        if asked.method == "POST":
            heard.append(told["sid"])
        return status, told

    heard: list[str] = []
    twilio.answer = answer

    from encours.actions import send_messages

    write = send_messages.write_outcome

    def slow_write(**told):
        key = Attempt.objects.get().idempotency_key
        hear(company, key=key, MessageSid=heard[0], MessageStatus="failed", ErrorCode="30006")
        return write(**told)

    send_messages.write_outcome = slow_write
    try:
        send(company, DAY)
    finally:
        send_messages.write_outcome = write
    message.refresh_from_db()
    assert message.state == "failed"
    assert Contact.objects.get().text_failed_at is not None


def test_stop_holds_for_the_number_whoever_has_it(company, planned, twilio, lefevre):
    planned("sms")
    send(company, DAY)
    hear(company, MessageSid="SM1", SmsStatus="received", Body=" Stop ", From="+33612345678")
    assert Contact.objects.get().text_stopped_at is not None
    assert JournalEntry.objects.filter(action="contact.texts_stopped").count() == 1
    found = plan_dunning(company=company, on=DAY + timedelta(30))
    assert found.actions.is_empty()


def test_an_ordinary_answer_is_no_stop(company, planned, twilio):
    planned("sms")
    hear(company, MessageSid="SM1", SmsStatus="received", Body="Arrêtez, j'ai payé hier", From="+33612345678")
    assert Contact.objects.get().text_stopped_at is None


def test_twilio_s_own_list_of_stops_is_respected(company, planned, twilio):
    message = planned("sms")
    twilio.errors["+33612345678"] = 21610
    send(company, DAY)
    message.refresh_from_db()
    assert message.state == "failed"
    assert Contact.objects.get().text_stopped_at is not None


@pytest.mark.parametrize(("trouble", "state"), [(429, "approved"), (503, "approved"), (500, "unknown"), ("cut", "unknown")])  # fmt: skip
def test_what_may_have_been_taken_is_never_sent_again_by_itself(company, planned, twilio, trouble, state):
    message = planned("sms")
    twilio.troubles = [None, trouble]  # the first call looks at the account
    send(company, DAY)
    message.refresh_from_db()
    assert message.state == state


def test_a_report_settles_what_was_unknown(company, planned, twilio):
    message = planned("sms")
    twilio.troubles = [None, "cut"]
    send(company, DAY)
    [sid] = twilio.messages
    hear(company, key=Attempt.objects.get().idempotency_key, MessageSid=sid, MessageStatus="delivered")
    message.refresh_from_db()
    assert message.state == "sent"


def test_wrong_credentials_are_told_and_nothing_is_tried(company, planned, twilio):
    message = planned("sms")
    ChannelConnection.objects.update(settings={"account_sid": "AC1", "sender": "x", "base_url": twilio.url})
    assert "message.channel_unreachable" in [problem.code for problem in send(company, DAY).problems]
    message.refresh_from_db()
    assert (message.state, message.attempts.count()) == ("approved", 0)


@pytest.mark.parametrize(
    ("hour_utc", "country", "postcode", "sent"),
    [
        (6, "FR", "35000", 0),  # 7:00 in Paris, in winter
        (7, "FR", "35000", 1),
        (19, "FR", "35000", 0),  # 20:00
        (9, "FR", "97110", 0),  # 5:00 in Guadeloupe
        (13, "FR", "97110", 1),
        (5, "RE", "97400", 1),  # 9:00 in La Réunion, 6:00 in Paris
        (17, "RE", "97400", 0),
    ],
)
def test_nobody_is_texted_at_night_by_their_own_clock(
    company, planned, twilio, lefevre, hour_utc, country, postcode, sent
):
    planned("sms")
    Customer.objects.filter(pk=lefevre.pk).update(country=country, postcode=postcode)
    sending = send(company, DAY, now=at(DAY, hour_utc))
    assert sending.sent == sent
    assert ("message.texts_wait" in [problem.code for problem in sending.problems]) is not bool(sent)


def test_nobody_is_texted_on_a_sunday():
    assert not may_text(now=datetime(2026, 3, 1, 12, tzinfo=UTC), time_zone="Europe/Paris")


def test_a_text_is_counted_as_operators_do():
    text = telephone_text("Reste dû\u00a0: 1\u202f200,00\u00a0€, l’échéance du 2 mars est passée…")
    assert text == "Reste du : 1 200,00 €, l'échéance du 2 mars est passée..."
    assert [parts_of("a" * 160), parts_of("a" * 161), parts_of("a" * 159 + "€"), parts_of("Ж" * 71)] == [
        1,
        2,
        2,
        2,
    ]


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "FR", "+33612345678"),
        ("0690 12 34 56", "FR", "+590690123456"),
        ("0696 12 34 56", "MQ", "+596696123456"),
        ("0692.12.34.56", "RE", "+262692123456"),
        ("+32 470 12 34 56", "FR", "+32470123456"),
        ("12", "FR", ""),
    ],
)
def test_numbers_are_read_as_the_french_write_them(written, country, number):
    assert e164(written, country=country) == number
    assert not number or takes_texts(number)


# -- OVHcloud


class FakeOvh(FakeService):
    """/sms of the OVHcloud API: signed requests, jobs, receipts asked for."""

    KEYS = ("app-key", "app-secret", "consumer")
    NOW = 1_772_530_000  # its clock is not ours

    def __init__(self) -> None:
        super().__init__()
        self.receipts: dict[str, int] = {}
        self.invalid: set[str] = set()

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "/1.0/auth/time":
            return 200, str(self.NOW).encode()
        application, secret, consumer = self.KEYS
        stamp = asked.headers["x-ovh-timestamp"]
        signed = "+".join([secret, consumer, asked.method, self.url + asked.path, asked.body.decode(), stamp])
        signature = "$1$" + hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324 (the service's scheme)
        given = (asked.headers["x-ovh-application"], asked.headers["x-ovh-signature"])
        if given != (application, signature) or abs(int(stamp) - self.NOW) > 60:
            return 400, {"message": "Invalid signature"}
        if asked.path == "/1.0/sms/sms-xx1-1":
            return 200, {"name": "sms-xx1-1", "creditsLeft": 12}
        if asked.path.endswith("/jobs"):
            [receiver] = asked.told["receivers"]
            if receiver in self.invalid:
                return 200, {
                    "ids": [],
                    "invalidReceivers": [receiver],
                    "validReceivers": [],
                    "totalCreditsRemoved": 0,
                }
            return 200, {
                "ids": [4711],
                "invalidReceivers": [],
                "validReceivers": [receiver],
                "totalCreditsRemoved": 1,
            }
        number = asked.path.rpartition("/")[2]
        return (
            (200, {"id": number, "deliveryReceipt": self.receipts[number]})
            if number in self.receipts
            else (404, {})
        )


@pytest.fixture
def ovh(company):
    with FakeOvh() as fake:
        connection = connect_channel(
            company=company, provider="ovh", name="OVH", notices_base="", actor="test",
            given={"service_name": "sms-xx1-1", "application_key": "app-key", "application_secret": "app-secret",
                   "consumer_key": "consumer", "sender": "Lumen"},
        )  # fmt: skip
        connection.settings |= {"base_url": f"{fake.url}/1.0"}
        connection.save()
        yield fake


def test_ovh_takes_a_signed_job_and_is_asked_what_became_of_it(company, planned, ovh):
    message = planned("sms")
    assert send(company, DAY).sent == 1
    job = next(each.told for each in ovh.asked if each.path.endswith("/jobs"))
    assert (job["receivers"], job["coding"], job["noStopClause"]) == (["+33612345678"], "7bit", True)
    assert Attempt.objects.get().provider_id == "4711"
    assert ask_channels(company=company, now=at(DAY, 11), actor="worker") == 0
    ovh.receipts["4711"] = 1
    assert [ask_channels(company=company, now=at(DAY, hour), actor="worker") for hour in (12, 13)] == [1, 0]
    assert DeliveryReport.objects.get().kind == "delivered"
    message.refresh_from_db()
    assert message.state == "sent"


def test_ovh_names_a_receiver_it_does_not_send_to(company, planned, ovh):
    message = planned("sms", "letter")
    ovh.invalid.add("+33612345678")
    send(company, DAY)
    message.refresh_from_db()
    assert (message.channel, message.state) == ("letter", "approved")


def test_a_service_that_does_not_answer_is_left_alone_for_a_while(company, planned, ovh):
    planned("sms")
    send(company, DAY)
    ovh.troubles = [500]
    assert ask_channels(company=company, now=at(DAY, 11), actor="worker") == 0
    connection = ChannelConnection.objects.get()
    assert connection.problem["code"] == "channel.not_answering"
    asked = len(ovh.asked)
    ask_channels(company=company, now=at(DAY, 11), actor="worker")
    assert len(ovh.asked) == asked


def test_a_service_that_is_not_there_is_said_before_anything_is_claimed():
    for name, given in (
        ("twilio", {"account_sid": "AC", "auth_token": "x", "sender": "x", "base_url": "http://127.0.0.1:1"}),
        ("ovh", {"service_name": "x", "application_key": "x", "application_secret": "x", "consumer_key": "x",
                 "sender": "x", "base_url": "http://127.0.0.1:1"}),
        ("ar24", {"token": "x", "private_key": "x", "user_id": "1", "base_url": "http://127.0.0.1:1"}),
    ):  # fmt: skip
        kind = channels()[name]
        with pytest.raises(UnableToReachProvider):
            kind(kind.Config(**given)).open()


def test_only_mobile_numbers_in_e164_are_accepted():
    for name in ("twilio", "ovh"):
        kind = channels()[name]
        made = object.__new__(kind)
        assert made.accepts("+33612345678")
        assert not made.accepts("+33240123456")
        assert not made.accepts("0612345678")


def test_what_a_service_is_given_names_no_secret_in_its_text():
    message = OutgoingMessage("k", "L", "a@l.example", "", "+33612345678", "fr", "", "Bonjour")
    assert message.mail_id == "k@l.example"
