"""Electronic registered mail by AR24: consent, signed and encrypted calls, states asked for, proofs filed with the case."""

import base64
import hashlib
import json
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from encours.actions.ask_channels import ask_channels
from encours.actions.connect_channel import connect_channel
from encours.actions.open_channel import notices_at
from encours.actions.receive_report import receive_report
from encours.actions.run_dunning import plan_dunning
from encours.core.dunning.reasons import held_sentence
from encours.ports.notices import Notice
from encours.queries.files import file_on_disk
from encours.store.models import (
    Attempt,
    ChannelConnection,
    Customer,
    DeliveryReport,
    JournalEntry,
    MessageAttachment,
    Reminder,
)
from tests.channels.conftest import DAY, policy_of
from tests.channels.fake_service import Asked, FakeService
from tests.dunning.conftest import at, send

pytestmark = pytest.mark.django_db
TOKEN, KEY, USER = "token", "private-key", "4711"


class FakeAr24(FakeService):
    """AR24's API: always status 200, success encrypted, errors in clear."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[bytes] = []
        self.mail: dict[str, Any] = {}
        self.error = ""

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/api/proofs/"):
            return 200, b"%PDF-1.7 " + asked.path.encode()
        given = asked.query if asked.method == "GET" else asked.form
        moment = given.get("date", "")
        key = hashlib.sha256((moment + KEY).encode()).digest()
        vector = hashlib.sha256(hashlib.sha256(KEY.encode()).hexdigest().encode()).hexdigest()[:16].encode()
        if given.get("token") != TOKEN:
            return 200, {"status": "ERROR", "slug": "invalid_token"}
        if asked.headers.get("signature") != crypted(moment.encode(), key, vector):
            return 200, {"status": "ERROR", "slug": "invalid_signature"}
        if self.error and asked.path == "/api/mail/":
            return 200, {"status": "ERROR", "slug": self.error}
        told = {"status": "SUCCESS", "result": self.work(asked, given)}
        return 200, crypted(json.dumps(told).encode(), key, vector).encode()

    def work(self, asked: Asked, given: dict[str, Any]) -> dict[str, Any]:
        if asked.path == "/api/attachment/":
            self.files.append(given["file"])
            return {"file_id": f"f{len(self.files)}"}
        if asked.path == "/api/mail/" and asked.method == "POST":
            self.mail = {"id": 99, **{name: given[name] for name in given if name not in ("token", "date")}}
        return self.mail if asked.path == "/api/mail/" else {"id": USER}


def crypted(text: bytes, key: bytes, vector: bytes) -> str:
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return base64.b64encode(
        encryptor.update(padder.update(text) + padder.finalize()) + encryptor.finalize()
    ).decode()


@pytest.fixture
def ar24(company):
    with FakeAr24() as fake:
        connection = connect_channel(
            company=company, provider="ar24", name="AR24", notices_base="https://encours.example", actor="test",
            given={"token": TOKEN, "private_key": KEY, "user_id": USER},
        )  # fmt: skip
        connection.settings |= {"base_url": f"{fake.url}/api"}
        connection.save()
        yield fake


def happened(fake: FakeAr24, field: str, proof: str = "") -> None:
    fake.mail[field] = "2026-03-04 10:00:00"
    if proof:
        fake.mail[proof] = f"{fake.url}/api/proofs/{proof}.pdf"


def ask(company, hour: int = 12) -> int:
    return ask_channels(company=company, now=at(DAY, hour), actor="worker")


def test_a_reminder_leaves_as_registered_mail_with_its_letter(company, planned, ar24):
    message = planned("registered")
    assert send(company, DAY).sent == 1
    assert len(ar24.files) == 2
    assert all(content.startswith(b"%PDF") for content in ar24.files)
    assert (ar24.mail["dest_statut"], ar24.mail["to_email"]) == (
        "professionnel",
        "fournisseurs@lefevre.example",
    )
    assert ar24.mail["to_company"] == "Menuiserie Lefèvre SAS"
    assert ar24.mail["attachment[1]"] == "f2"
    assert "/notifications/envois/" in ar24.mail["webhook"]
    message.refresh_from_db()
    assert (message.state, message.attempts.get().provider_id) == ("sent", "99")


def test_states_and_proofs_are_pulled_and_filed(company, planned, ar24):
    planned("registered")
    send(company, DAY)
    happened(ar24, "ts_ev_date", "proof_dp_url")
    assert ask(company) == 1
    happened(ar24, "view_date", "proof_ar_url")
    assert ask(company, 13) == 1
    assert [report.kind for report in DeliveryReport.objects.order_by("pk")] == ["deposited", "accepted"]
    proofs = MessageAttachment.objects.filter(kind="proof").order_by("pk")
    assert [proof.title for proof in proofs] == ["deposit", "receipt"]
    assert file_on_disk(proofs[1].file).path.read_bytes().endswith(b"proof_ar_url.pdf")
    assert JournalEntry.objects.filter(action="message.proof_filed").count() == 2
    assert Attempt.objects.get().closed_at is not None
    asked = len(ar24.asked)
    assert ask(company, 14) == 0
    assert len(ar24.asked) == asked, "nothing more is asked about what is settled"


@pytest.mark.parametrize(("field", "kind"), [("refused_date", "refused"), ("negligence_date", "unclaimed")])
def test_refused_or_left_unclaimed_it_was_served_and_the_step_is_done(company, planned, ar24, field, kind):
    message = planned("registered")
    send(company, DAY)
    happened(ar24, field)
    ask(company)
    assert DeliveryReport.objects.get().kind == kind
    message.refresh_from_db()
    assert message.state == "sent"
    assert Reminder.objects.filter(counts=True).count() == 1


def test_somebody_who_is_no_professional_must_have_consented(company, fa1, lefevre, ar24):
    Customer.objects.filter(pk=lefevre.pk).update(kind="person")
    policy_of(company, "registered")
    held = plan_dunning(company=company, on=DAY).held.row(0, named=True)
    assert "n’a pas accepté le recommandé électronique" in held_sentence(held).say("fr")
    Customer.objects.filter(pk=lefevre.pk).update(registered_consent_date=date(2026, 1, 1))
    assert plan_dunning(company=company, on=DAY).actions["channel"].to_list() == ["registered"]


def test_a_consent_withdrawn_meanwhile_is_respected_at_sending(company, planned, lefevre, ar24):
    Customer.objects.filter(pk=lefevre.pk).update(kind="person", registered_consent_date=date(2026, 1, 1))
    message = planned("registered", "email")
    Customer.objects.filter(pk=lefevre.pk).update(registered_consent_date=None)
    send(company, DAY)
    message.refresh_from_db()
    assert (message.channel, message.state) == ("email", "sent")
    assert ar24.mail == {}


def test_a_notice_without_signature_is_only_a_hint_to_ask(company, planned, ar24, monkeypatch):
    planned("registered")
    send(company, DAY)
    asked: list[str] = []
    monkeypatch.setattr("encours.actions.receive_report.defer", lambda name, **_: asked.append(name))
    connection = ChannelConnection.objects.get()
    taken = receive_report(
        company=company, hook_key=connection.hook_key, query="", now=at(DAY, 12),
        notice=Notice(notices_at(connection), {}, b"id_mail=99&new_state=AR"),
    )  # fmt: skip
    assert (taken, asked, DeliveryReport.objects.count()) == (0, ["ask_channels"], 0)


@pytest.mark.parametrize(("slug", "state"), [("invalid_email", "failed"), ("not_enough_credits", "approved")])
def test_errors_come_with_status_200(company, planned, ar24, slug, state):
    message = planned("registered")
    ar24.error = slug
    send(company, DAY)
    message.refresh_from_db()
    assert message.state == state


def test_a_hand_over_cut_off_is_unknown(company, planned, ar24):
    message = planned("registered")
    ar24.troubles = [None, None, None, "cut"]  # the user, two attachments, then the mail itself
    send(company, DAY)
    message.refresh_from_db()
    assert message.state == "unknown"


def test_wrong_keys_are_told_before_anything_is_claimed(company, planned, ar24):
    message = planned("registered")
    ChannelConnection.objects.update(sealed="")
    problems = [problem.code for problem in send(company, DAY).problems]
    assert "bank_connection.missing_setting" in problems
    message.refresh_from_db()
    assert (message.state, message.attempts.count()) == ("approved", 0)


def test_an_ordinary_e_mail_is_never_called_registered(company, planned):
    message = planned("email")
    send(company, DAY)
    message.refresh_from_db()
    for said in (message.subject, message.text, message.html):
        assert "recommandé" not in said.lower()
