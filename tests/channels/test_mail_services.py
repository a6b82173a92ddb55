"""E-mail: threads and copies by SMTP, and through a mail service with its bounces, complaints and opens."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from encours.actions.allocate import allocate
from encours.actions.connect_channel import connect_channel
from encours.actions.open_channel import notices_at
from encours.actions.receive_report import UnableToTakeReport, receive_report
from encours.actions.run_dunning import run_dunning
from encours.core.ledger import Portion
from encours.ports.notices import Notice
from encours.store.models import (
    Attempt,
    ChannelConnection,
    Contact,
    Customer,
    DeliveryReport,
    Membership,
    Message,
    Payment,
    Reminder,
    User,
)
from tests import cast
from tests.channels.conftest import DAY, DUE
from tests.channels.fake_service import Asked, FakeService
from tests.dunning.conftest import approve_all, at, bank_known, send
from tests.dunning.post_office import PostOffice

pytestmark = pytest.mark.django_db
HOOK = "brevo:hook-secret"


class FakeBrevo(FakeService):
    """POST /smtp/email of Brevo's API."""

    refused: str = ""

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("api-key") != "key":
            return 401, {"code": "unauthorized", "message": "Key not found"}
        if self.refused:
            return 400, {"code": "invalid_parameter", "message": self.refused}
        return 201, {"messageId": f"<{len(self.asked)}@smtp-relay.example>"}


@pytest.fixture
def brevo(company):
    with FakeBrevo() as fake:
        connection = connect_channel(
            company=company, provider="anymail", name="Brevo", notices_base="https://encours.example", actor="test",
            given={"service": "brevo", "api_key": "key", "hook_secret": HOOK},
        )  # fmt: skip
        connection.settings |= {"api_url": fake.url}
        connection.save()
        yield fake


def hear(company, secret: str = HOOK, **event: Any) -> int:
    connection = ChannelConnection.objects.get(company=company)
    headers = {
        "authorization": f"Basic {base64.b64encode(secret.encode()).decode()}",
        "content-type": "application/json",
    }
    told = {"date": "2026-03-03 10:00:00", "ts_event": 1_772_532_000, "id": 1, **event}
    return receive_report(
        company=company, hook_key=connection.hook_key, query="", now=at(DAY, 12),
        notice=Notice(notices_at(connection), headers, json.dumps(told).encode()),
    )  # fmt: skip


def sent_id() -> str:
    return Attempt.objects.latest("pk").provider_id


def test_a_reminder_leaves_through_a_mail_service(company, planned, brevo):
    message = planned("email")
    assert send(company, DAY).sent == 1
    told = brevo.asked[0].told
    attempt = message.attempts.get()
    assert told["to"] == [{"email": "fournisseurs@lefevre.example", "name": "Comptabilité"}]
    assert told["headers"]["Message-ID"] == f"<{attempt.mail_id}>"
    assert attempt.idempotency_key in attempt.mail_id
    assert len(told["attachment"]) == 1
    assert (attempt.provider, attempt.provider_id) == ("anymail", "<1@smtp-relay.example>")


@pytest.mark.parametrize(
    ("event", "kind"),
    [("delivered", "delivered"), ("soft_bounce", "deferred"), ("deferred", "deferred")],
)
def test_what_the_service_reports_is_kept_and_changes_no_state(company, planned, brevo, event, kind):
    message = planned("email")
    send(company, DAY)
    told = {"event": event, "message-id": sent_id(), "email": "fournisseurs@lefevre.example"}
    assert [hear(company, **told) for _ in range(2)] == [1, 0]
    assert DeliveryReport.objects.get().kind == kind
    message.refresh_from_db()
    assert message.state == "sent"
    assert Contact.objects.get().bounced_at is None


def test_a_hard_bounce_marks_the_address_and_the_step_goes_by_the_next_channel(company, planned, brevo):
    message = planned("email", "letter")
    send(company, DAY)
    hear(company, event="hard_bounce", **{"message-id": sent_id()}, email="fournisseurs@lefevre.example")
    message.refresh_from_db()
    assert (message.channel, message.state, message.sent_date) == ("letter", "approved", None)
    assert Contact.objects.get().bounced_at is not None


def test_without_another_channel_a_bounce_frees_the_step(company, planned, brevo):
    message = planned("email")
    send(company, DAY)
    hear(company, event="hard_bounce", **{"message-id": sent_id()}, email="fournisseurs@lefevre.example")
    message.refresh_from_db()
    assert message.state == "failed"
    assert not Reminder.objects.filter(counts=True).exists()


def test_a_complaint_stops_e_mails_and_the_reminder_counts(company, planned, brevo):
    message = planned("email")
    send(company, DAY)
    hear(company, event="spam", **{"message-id": sent_id()}, email="fournisseurs@lefevre.example")
    message.refresh_from_db()
    assert message.state == "sent"
    assert Contact.objects.get().bounced_at is not None


def test_opens_are_taken_only_where_the_company_wants_them(company, planned, brevo):
    planned("email")
    send(company, DAY)
    told = {"event": "unique_opened", "message-id": sent_id(), "email": "fournisseurs@lefevre.example"}
    assert hear(company, **told) == 0
    company.tracks_opens = True
    company.save()
    assert hear(company, **told) == 1


def test_a_notice_without_the_secret_is_refused(company, planned, brevo):
    planned("email")
    send(company, DAY)
    with pytest.raises(UnableToTakeReport):
        hear(company, secret="brevo:wrong", event="hard_bounce", **{"message-id": sent_id()})
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize(("trouble", "state"), [(400, "approved"), (503, "approved"), (500, "unknown"), ("cut", "unknown")])  # fmt: skip
def test_what_may_have_been_taken_is_never_sent_again_by_itself(company, planned, brevo, trouble, state):
    message = planned("email")
    brevo.troubles = [trouble]
    send(company, DAY)
    message.refresh_from_db()
    assert message.state == state


def test_a_new_service_takes_over_and_the_one_before_rests(company, brevo):
    connect_channel(
        company=company, provider="anymail", name="Postmark", notices_base="", actor="test",
        given={"service": "postmark", "api_key": "token"},
    )  # fmt: skip
    assert dict(ChannelConnection.objects.values_list("name", "state")) == {
        "Brevo": "paused",
        "Postmark": "active",
    }


# -- threads and copies


@pytest.fixture
def office(settings):
    with PostOffice() as opened:
        settings.CHANNELS = {"email": {"smtp_url": opened.url}}
        yield opened


def remind(company, on):
    bank_known(company, on)
    run_dunning(company=company, on=on, actor="test")
    approve_all(company)
    assert send(company, on).sent == 1


def test_reminders_of_the_same_debts_are_one_thread(company, fa1, lefevre, office):
    for days in (1, 8):
        remind(company, DUE + timedelta(days))
    first, second = office.taken
    assert first["In-Reply-To"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"] == first["Message-ID"]
    assert [message.thread_id for message in Message.objects.order_by("pk")] == [
        None,
        Message.objects.earliest("pk").pk,
    ]


def test_a_new_cycle_begins_a_new_thread(company, fa1, lefevre, office):
    remind(company, DUE + timedelta(1))
    cast.receipt(company, lefevre, amount_cents=120_000, received_date=DUE + timedelta(2))
    payment = Payment.objects.get()
    allocate(
        company=company, payment_id=payment.pk, portions=[Portion(fa1.pk, 120_000)], on=DUE, actor="test"
    )
    cast.invoice(company, lefevre, "FA-2", payable_cents=90_000, issue_date=DUE, due_date=DUE + timedelta(30))
    remind(company, DUE + timedelta(31))
    assert office.taken[-1]["In-Reply-To"] is None


@pytest.mark.parametrize(("setting", "cc", "count"), [("never", None, 1), ("copy", "zoe@lumen.example", 2), ("blind", None, 2)])  # fmt: skip
def test_who_looks_after_the_customer_gets_a_copy(company, fa1, lefevre, office, setting, cc, count):
    zoe = User.objects.create_user("zoe@lumen.example", "x", name="Zoé Perrin")
    Membership.objects.create(user=zoe, company=company)
    Customer.objects.filter(pk=lefevre.pk).update(salesperson="Zoé Perrin")
    company.account_manager_copy = setting
    company.save()
    heard: list[str] = []
    office.when_asked["RCPT"] = lambda: heard.append("rcpt")
    remind(company, DUE + timedelta(1))
    assert office.taken[0]["Cc"] == cc
    assert "zoe" not in str(office.taken[0]["Bcc"])
    assert len(heard) == count
    assert Attempt.objects.get().copied_to == ("" if setting == "never" else "zoe@lumen.example")
