"""A mail that came in is kept once, read, and put into the thread of the right customer or of none."""

from datetime import timedelta

import pytest

from encours.actions.run_dunning import run_dunning
from encours.actions.take_reply import take_reply
from encours.core.replies.arriving import attachment_content, take_apart
from encours.queries.files import file_on_disk
from encours.store.models import Attempt, Company, Contact, Customer, JournalEntry, Message, Reply
from encours.store.tenancy import company_scope
from tests import cast
from tests.replies.mails import NOON, bounce, mail

KEY = "7d0a5b51-7f43-4a86-9c3f-3f1f5a1d2b6e"
TODAY = NOON.date()


@pytest.fixture
def late(company: Company) -> Customer:
    """Two invoices long due, and the reminder that asked for them left under `KEY`."""
    customer = cast.late_payer(company)
    for number, cents in (("FA-2026-0001", 120_000), ("FA-2026-0002", 80_000)):
        cast.invoice(
            company, customer, number, payable_cents=cents, issue_date=TODAY - timedelta(days=60),
            due_date=TODAY - timedelta(days=30),
        )  # fmt: skip
    return customer


@pytest.fixture
def reminder(company: Company, late: Customer) -> Message:
    run_dunning(company=company, on=TODAY, actor="test")
    message = Message.objects.get(company=company, customer=late)
    contact = late.contacts.get()
    message.state, message.contact, message.recipient = Message.State.SENT, contact, contact.email
    message.sent_date, message.sent_at = TODAY, NOON
    message.save()
    Attempt.objects.create(
        company=company, message=message, number=1, idempotency_key=KEY, claimed_at=NOON, outcome="accepted",
        provider_id="250 2.0.0 Ok: queued as 4F1",
    )  # fmt: skip
    return message


def taken(company: Company, content: bytes) -> Reply:
    return take_reply(company=company, content=content, received_at=NOON, actor="test").reply


def test_the_same_mail_counts_once_by_whatever_way_it_comes(company: Company) -> None:
    sent = mail("Je paie vendredi.", mail_id="a1")
    first = take_reply(company=company, content=sent, received_at=NOON, actor="test")
    by_another_server = b"Received: from mx2.example\r\nX-Spam-Score: 0\r\n" + sent.replace(b"\r\n", b"\n")
    again = take_reply(company=company, content=by_another_server, received_at=NOON, actor="test")
    assert (first.is_new, again.is_new, again.reply.pk) == (True, False, first.reply.pk)
    same_id_other_words = take_reply(
        company=company, content=mail("Autre chose.", mail_id="a1"), received_at=NOON, actor="test"
    )
    assert same_id_other_words.is_new
    assert JournalEntry.objects.filter(company=company, action="reply.received").count() == 2


def test_an_answer_to_our_message_is_its_customers_whoever_writes(
    company: Company, late: Customer, reminder: Message
) -> None:
    for answers, references in (
        (f"{KEY}@lumen.example", ""),
        ("x@y.example", f"{KEY}@lumen.example x@y.example"),
    ):
        reply = taken(
            company,
            mail("ok vendredi", sender="moi@gmail.com", answers=answers, references=references),
        )
        assert (reply.customer, reply.message, reply.matched_by) == (late, reminder, "thread")
        assert (reply.intent, reply.day) == ("promise", NOON.date() + timedelta(days=3))


def test_an_answer_by_the_id_a_mail_service_gave_is_known_too(
    company: Company, late: Customer, reminder: Message
) -> None:
    Attempt.objects.filter(message=reminder).update(provider_id="<0102-aa@eu-west-3.amazonses.com>")
    reply = taken(company, mail("ok", answers="0102-aa@eu-west-3.amazonses.com"))
    assert (reply.customer, reply.message) == (late, reminder)


def test_a_plus_address_names_the_message(company: Company, reminder: Message) -> None:
    reply = taken(company, mail("ok", sender="moi@gmail.com", to=f"relances+{KEY}@lumen.example"))
    assert (reply.message, reply.matched_by) == (reminder, "plus")


def test_whoever_has_the_address_is_the_customer(company: Company, late: Customer) -> None:
    address = late.contacts.get().email
    reply = taken(company, mail("ok", sender=f"X <{address.upper()}>"))
    assert (reply.customer, reply.contact, reply.matched_by) == (late, late.contacts.get(), "address")


def test_an_address_two_customers_share_says_nothing_until_a_document_decides(
    company: Company, late: Customer
) -> None:
    address = late.contacts.get().email
    cast.customer(company, "C0900", "Même comptable SAS", email=address)
    assert taken(company, mail("Bien reçu.", sender=address)).customer is None
    reply = taken(company, mail("La facture FA-2026-0002 sera payée vendredi.", sender=address))
    assert (reply.customer, reply.matched_by) == (late, "address")


def test_a_number_of_ours_in_the_subject_names_the_customer(company: Company, late: Customer) -> None:
    reply = taken(company, mail("Voir objet.", sender="moi@gmail.com", subject="TR: facture fa-2026 / 1"))
    assert reply.customer is None
    reply = taken(company, mail("Voir objet.", sender="moi@gmail.com", subject="facture FA-2026-0001"))
    assert (reply.customer, reply.matched_by) == (late, "number")
    assert len(reply.document_ids) == 1


def test_a_domain_is_a_customers_unless_anybody_may_have_it(company: Company, late: Customer) -> None:
    domain = late.contacts.get().email.rpartition("@")[2]
    reply = taken(company, mail("ok", sender=f"direction@{domain}"))
    assert (reply.customer, reply.matched_by, reply.contact) == (late, "domain", None)
    cast.customer(company, "C0901", "Particulier", email="quelqu.un@gmail.com")
    assert taken(company, mail("ok", sender="autre@gmail.com")).customer is None
    cast.customer(company, "C0902", "Filiale", email=f"filiale@{domain}")
    assert taken(company, mail("Bonjour", sender=f"siege@{domain}")).customer is None


def test_documents_are_known_by_the_companys_own_numbers(company: Company, late: Customer) -> None:
    address = late.contacts.get().email
    by_number = dict(late.documents.values_list("number", "pk"))
    for words, numbers in (
        ("Je conteste FA 2026 / 0002.", ["FA-2026-0002"]),
        ("La facture 0001 est payée, la FA-2026-0002 aussi", ["FA-2026-0002"]),
        ("Nous sommes le 10/03/2026, tout va bien.", []),
    ):
        reply = taken(company, mail(words, sender=address))
        assert set(reply.document_ids) >= {by_number[number] for number in numbers}, words
    assert reply.document_ids == []


def test_a_bounce_marks_the_address_the_message_went_to_and_no_other(
    company: Company, late: Customer, reminder: Message
) -> None:
    contact = late.contacts.get()
    reply = taken(company, bounce(original_id=f"{KEY}@lumen.example", recipient=contact.email))
    contact.refresh_from_db()
    assert contact.bounced_at == NOON
    assert (reply.nature, reply.state, reply.message, reply.customer) == ("bounce", "filed", reminder, late)
    assert reply.outcome[0]["code"] == "reply.address_bounced"
    assert JournalEntry.objects.filter(company=company, action="contact.bounced").count() == 1


@pytest.mark.parametrize(("status", "action"), [("4.2.2", "delayed"), ("4.4.1", "failed")])
def test_a_message_that_is_only_late_marks_nobody(
    company: Company, late: Customer, reminder: Message, status: str, action: str
) -> None:
    assert reminder.state == "sent"
    contact = late.contacts.get()
    taken(
        company,
        bounce(original_id=f"{KEY}@lumen.example", recipient=contact.email, status=status, action=action),
    )
    contact.refresh_from_db()
    assert contact.bounced_at is None


def test_a_bounce_of_nothing_of_ours_marks_nobody(company: Company, late: Customer) -> None:
    contact = late.contacts.get()
    reply = taken(company, bounce(original_id="guessed@lumen.example", recipient=contact.email))
    contact.refresh_from_db()
    assert (contact.bounced_at, reply.customer, reply.nature) == (None, None, "bounce")


def test_a_machines_absence_is_an_absence(company: Company, late: Customer) -> None:
    address = late.contacts.get().email
    reply = taken(
        company,
        mail(
            "Bonjour, je serai de retour le 16 mars.",
            sender=address,
            subject="Réponse automatique : Rappel",
            headers={"Auto-Submitted": "auto-replied"},
        ),
    )
    assert (reply.nature, reply.intent, reply.state) == ("automatic", "out_of_office", "waiting")
    assert str(reply.day) == "2026-03-16"


def test_what_we_wrote_ourselves_is_filed_in_the_thread(
    company: Company, late: Customer, reminder: Message
) -> None:
    Company.objects.filter(pk=company.pk).update(email="relances@lumen.example")
    company.refresh_from_db()
    reply = taken(
        company,
        mail("Merci de votre réponse.", sender="relances@lumen.example", answers=f"{KEY}@lumen.example"),
    )
    assert (reply.nature, reply.state, reply.customer, reply.message) == ("ours", "filed", late, reminder)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02 not a mail",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--y",
        b"From: a@b.example\r\nSubject: =?utf-99?Q?=FF?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe caf\xe9",
        b"From: \"=?utf-8?B?w4k=?=\" <a@b.example>\r\nDate: never\r\nMessage-ID: <<>>\r\n\r\n\r\n",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    ],
)  # fmt: skip
def test_whatever_the_bytes_are_they_are_kept_for_a_person(company: Company, content: bytes) -> None:
    reply = taken(company, content)
    assert (reply.state, reply.customer) == ("waiting", None)
    assert file_on_disk(reply.file).path.read_bytes() == content
    assert taken(company, content).pk == reply.pk


def test_attachments_are_listed_and_come_back_as_they_were(company: Company) -> None:
    content = mail(
        "Ci-joint la preuve.",
        attachments=(("../../preuve.pdf", "application/pdf", b"%PDF-1.7 x"), ("a.html", "text/html", b"<script>")),
    )  # fmt: skip
    reply = taken(company, content)
    assert [each["name"] for each in reply.attachments] == ["preuve.pdf", "a.html"]
    found = attachment_content(content, number=0)
    assert found is not None
    assert (found[0].media_type, found[1]) == ("application/pdf", b"%PDF-1.7 x")
    assert attachment_content(content, number=7) is None


def test_a_clock_that_cannot_be_believed_is_not(company: Company, late: Customer) -> None:
    address = late.contacts.get().email
    reply = taken(company, mail("ok demain", sender=address, at=NOON - timedelta(days=4000)))
    assert reply.day == NOON.date() + timedelta(days=1)


def test_control_characters_of_headers_stay_out(company: Company) -> None:
    raw = b"From: =?utf-8?Q?Anne=0D=0ABcc_x?= <a@b.example>\r\nSubject: =?utf-8?Q?Re=00=0A:_x?=\r\n\r\nok"
    arrived = take_apart(raw)
    assert (arrived.sender_name, arrived.sender_address) == ("Anne Bcc x", "a@b.example")
    assert arrived.subject == "Re : x"


def test_an_amount_in_a_subject_stays_in_one_piece(company: Company) -> None:
    assert (
        taken(company, mail("ok", subject="Re: Rappel : 1\u202f672,80\xa0€")).subject
        == "Re: Rappel : 1\u202f672,80\xa0€"
    )


def test_a_name_that_holds_another_address_is_a_name(company: Company, late: Customer) -> None:
    known = late.contacts.get().email.replace("@", "=40")
    raw = f"From: =?utf-8?Q?{known}=2C?= <voleur@example.net>\r\nSubject: Re\r\n\r\nok vendredi".encode()
    reply = taken(company, raw)
    assert (reply.sender_address, reply.customer) == ("voleur@example.net", None)


def test_another_company_knows_nobody_of_it(
    company: Company, other_company: Company, late: Customer, reminder: Message
) -> None:
    assert reminder.customer == late
    content = mail("ok", sender=late.contacts.get().email, answers=f"{KEY}@lumen.example")
    with company_scope(other_company.pk):
        reply = taken(other_company, content)
        assert (reply.customer, reply.message) == (None, None)
        assert Contact.objects.filter(company=other_company).count() == 0
