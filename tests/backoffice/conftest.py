"""People of every role, and a company with something on every page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.test import Client

from encours.actions.accept_proposals import accept_proposals
from encours.actions.agree_plan import agree_plan
from encours.actions.allocate import allocate
from encours.actions.change_webhook import add_webhook, try_webhook
from encours.actions.connect_bank import connect_bank
from encours.actions.connect_mailbox import connect_mailbox
from encours.actions.create_token import create_token
from encours.actions.hold_receivable import hold_receivable
from encours.actions.import_file import receive_file, run_import
from encours.actions.invite_user import invite_user
from encours.actions.keep_file import keep_file
from encours.actions.link_document import link_document
from encours.actions.open_dispute import open_dispute
from encours.actions.preview_matching_rules import ask_for_preview, make_preview
from encours.actions.reconcile import reconcile
from encours.actions.record_promise import record_promise
from encours.actions.run_dunning import run_dunning
from encours.actions.take_reply import take_reply
from encours.actions.update_reply_settings import update_reply_settings
from encours.core.cases.plans import even_instalments
from encours.core.ledger import Portion
from encours.providers.mailboxes.anymail import NOT_A_MAIL
from encours.queries.bank_lines import LineFilter
from encours.store.models import (
    ApiToken,
    BankConnection,
    ChannelConnection,
    Company,
    Contact,
    Dispute,
    Document,
    GatewayConnection,
    Hold,
    ImportBatch,
    LetterBatch,
    Mailbox,
    MailNotice,
    Match,
    Membership,
    Message,
    Order,
    OrderDocument,
    PaymentPlan,
    Policy,
    PolicyPreview,
    Promise,
    Reply,
    RulesPreview,
    RulesPreviewLine,
    Task,
    Transaction,
    User,
    WebhookDelivery,
    WebhookEndpoint,
)
from encours.store.tenancy import company_scope
from tests import cast
from tests.backoffice.channels import printed, texting, to_call
from tests.backoffice.foretold import foretold
from tests.backoffice.gateways import taking_cards
from tests.backoffice.payments import Paid, charged_by_card
from tests.backoffice.policies import policy_with_everything
from tests.replies.mails import mail

PASSWORD = "a-long-enough-password"

SignIn = Callable[..., Client]


def person(company: Company, role: str, *, language: str = "fr", password: str | None = None) -> User:
    """A member of the company, the same when asked for again."""
    email = f"{role}.{language}@{company.slug}.example"
    found = User.objects.filter(email=email).first()
    if found:
        return found
    with company_scope(company.pk):
        invited = invite_user(
            company=company, email=email, role=role, name=f"{role} {language}", language=language,
            password=password, actor="test",
        )  # fmt: skip
    return User.objects.get(pk=invited.user_id)


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """`sign_in(company, role, language="fr")`: a client of a signed-in member."""

    def signed_in(company: Company, role: str, language: str = "fr") -> Client:
        client = Client()
        client.force_login(person(company, role, language=language))
        return client

    return signed_in


@dataclass(frozen=True)
class House:
    """Atelier Lumen with customers, documents, money, a hold: something on every page."""

    company: Company
    customer: Any
    invoice: Document
    credit_note: Document
    contact: Contact
    membership: Membership
    message: Message
    hold: Hold
    line: Transaction
    match: Match
    acceptance_id: int  # of proposals accepted together, of which there was none
    import_batch: ImportBatch  # one line refused
    unknown_columns: ImportBatch  # refused whole
    connection: BankConnection
    mailbox: Mailbox
    mail_notice: MailNotice  # that could not be read
    reply: Reply
    token: ApiToken
    endpoint: WebhookEndpoint
    delivery: WebhookDelivery
    dispute: Dispute
    promise: Promise
    plan: PaymentPlan
    policy: Policy  # with a condition, a window and several channels, given to a segment
    policy_preview: PolicyPreview  # of a change of it
    channel: ChannelConnection
    gateway: GatewayConnection
    task: Task
    letter_batch: LetterBatch
    letter: Message
    order: Order  # delivered long ago, invoiced in part, one more document proposed for it

    @cached_property
    def paid(self) -> Paid:
        """Only in a house that somebody looks for payments in: its invoice and bank line are in no other list."""
        on = self.credit_note.issue_date
        with company_scope(self.company.pk):
            return charged_by_card(self.company, self.customer, self.hold.document, self.gateway, on)


# words that must never appear on another company's page
SECRETS = (
    "Lumen",
    "Lefèvre",
    "Dubois",
    "Voyageurs",
    "FA-2026-",
    "AV-2026-",
    "CMD-2026-",
    "BL-2026-",
    "lefevre.example",
    "avoirs.csv",
    "ventes.csv",
)


@pytest.fixture
def house(company: Company) -> House:
    return furnish(company)


def _answered_otherwise(preview: RulesPreview, line: Transaction) -> None:
    """As a job leaves a line that the wanted rules would match by themselves."""
    proposed = line.matches.get()
    told = {
        "numbers": [settled["number"] for settled in proposed.lines],
        "document_count": len(proposed.lines),
        "reason": proposed.reason,
        "confidence": proposed.confidence,
    }
    RulesPreviewLine.objects.create(
        company=preview.company, preview=preview, transaction=line, change="matched_more",
        before={"outcome": "proposed", **told}, after={"outcome": "automatic", **told},
    )  # fmt: skip
    RulesPreview.objects.filter(pk=preview.pk).update(change_counts={"matched_more": 1})


REFUSED_LINE = "N° facture;Date facture;Client;TTC\nFA-2026-0009;31/02/2026;Dubois SARL;10,00\n"
UNKNOWN_COLUMNS = "Colonne A;Colonne B;Colonne C;Colonne D\nX-1;02/03/2026;Dubois SARL;12,50\n"


def imported(company: Company, name: str, text: str) -> ImportBatch:
    """A file through the front door."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text)
        batch = receive_file(company=company, source=path, actor="test")
    run_import(company=company, batch_id=batch.pk)
    batch.refresh_from_db()
    return batch


def answer(company: Company, customer: Any) -> Reply:
    """A customer says when it pays, with a paper attached."""
    update_reply_settings(
        company=company,
        thresholds={"promise": 95},
        holds_while_waiting=True,
        payment_wait_days=5,
        actor="test",
    )
    content = mail(
        f"Bonjour,\nnous réglerons la facture {customer.documents.get().number} sous 8 jours.", sender=customer.contacts.get().email,
        at=datetime.now(UTC), attachments=(("bordereau.pdf", "application/pdf", b"%PDF-1.7"),),
    )  # fmt: skip
    taken = take_reply(company=company, content=content, received_at=datetime.now(UTC), actor="test")
    return taken.reply


def contested_promised_planned(company: Company, on: date) -> tuple[Dispute, Promise, PaymentPlan]:
    """One customer's invoices: a part of one in dispute, one promised, one in a payment plan."""
    contesting = cast.disputing(company)
    invoices = [
        cast.invoice(
            company, contesting, f"FA-2026-001{n}", payable_cents=90_000, issue_date=on - timedelta(days=60)
        )
        for n in range(3)
    ]
    dispute = open_dispute(
        company=company, customer_id=contesting.pk, document_id=invoices[0].pk, reason_code="QTE_ERR",
        note="Hôtel des Voyageurs : 3 chambres de trop", disputed_cents=30_000, owner="Camille", on=on, actor="test",
        deadline=on + timedelta(days=10),
    )  # fmt: skip
    promise = record_promise(
        company=company, customer_id=contesting.pk, document_ids=[invoices[1].pk], on=on, actor="test",
        promised_date=on + timedelta(days=6), source="M. Voyageurs, au téléphone",
    )  # fmt: skip
    plan = agree_plan(
        company=company, customer_id=contesting.pk, document_ids=[invoices[2].pk], on=on, actor="test",
        instalments=even_instalments(total_cents=90_000, count=3, first_date=on + timedelta(days=5)),
    )  # fmt: skip
    return dispute, promise, plan


def unreadable(company: Company) -> MailNotice:
    """What a mail service posted that holds no mail."""
    mailbox = connect_mailbox(
        company=company, provider="postmark", name="Réponses de Lumen", given={}, actor="test"
    )
    return MailNotice.objects.create(
        company=company, mailbox=mailbox, digest="0" * 64, content_type="application/json", size=2,
        file=keep_file(company=company, name="notification", media_type="application/json", content=b"{}"),
        received_at=datetime.now(UTC), state="refused",
        problem=NOT_A_MAIL(service="Postmark", reason="KeyError").as_json(),
    )  # fmt: skip


def ordered(company: Company, customer: Any, linked: Document, proposed: Document, on: date) -> Order:
    """An order of Atelier Lumen with a delivery, a document and a proposal."""
    order = cast.order(
        company, customer, "CMD-2026-0001", payable_cents=400_000, ordered_date=on - timedelta(days=120),
        deposit_basis_points=3_000, label="Escalier de Lumen",
    )  # fmt: skip
    cast.delivery(
        company, order, "BL-2026-0001", amount_cents=400_000, delivered_date=on - timedelta(days=85)
    )
    link_document(company=company, order_id=order.pk, document_id=linked.pk, actor="test")
    OrderDocument.objects.create(
        company=company,
        order=order,
        document=proposed,
        state="proposed",
        reason={"code": "link.several", "params": {}},
    )
    return order


def furnish(company: Company) -> House:
    """Fills a company in scope."""
    on = date.today()  # noqa: DTZ011 (the pages show today)
    person(company, "collector")
    late, good = cast.late_payer(company), cast.good_payer(company)
    invoice = cast.invoice(
        company, late, "FA-2026-0001", payable_cents=300_000, issue_date=on - timedelta(days=90),
        instalments=[(on - timedelta(days=60), 100_000), (on + timedelta(days=5), 200_000)],
        net_cents=250_000, tax_cents=50_000,
    )  # fmt: skip
    cast.invoice(company, good, "FA-2026-0002", payable_cents=120_000, issue_date=on - timedelta(days=10))
    late_one = cast.invoice(
        company, late, "FA-2026-0003", payable_cents=84_000, issue_date=on - timedelta(days=80)
    )
    note = cast.credit_note(company, late, "AV-2026-0001", payable_cents=10_000, issue_date=on)
    money = cast.receipt(
        company, late, amount_cents=50_000, received_date=on, label="VIR LEFEVRE FA-2026-0001"
    )
    allocate(
        company=company, payment_id=money.pk, on=on, actor="test",
        portions=[Portion(document_id=invoice.pk, amount_cents=40_000)],
    )  # fmt: skip
    line = cast.bank_line(company, 50_000, "VIR LEFEVRE FA-2026-0001", booked_date=on)
    reconcile(company=company, on=on, actor="test")  # less than any instalment: proposed, not settled
    hold = hold_receivable(
        company=company, customer_id=late.pk, document_id=late_one.pk, kind="dispute", reason="Livraison incomplète",
        from_date=on, until_date=None, actor="test",
    )  # fmt: skip
    run_dunning(company=company, on=on, actor="test")
    policy, policy_preview = policy_with_everything(company, on)
    foretold(company, late, invoice, on=on)
    compared = ask_for_preview(
        company=company, values={"probability": 0.9, "difference_cents": 1_000}, actor="test"
    )
    make_preview(company=company, preview_id=compared.pk, on=on)
    _answered_otherwise(compared, line)
    moment = datetime.now(UTC)
    token = create_token(
        company=company, name="ERP de Lumen", scopes=["receipts:read"], last_day=None, now=moment, actor="cli"
    )
    webhook = add_webhook(
        company=company, url="https://lumen.example/hook", events=["receipt.allocated"], may_be_inside=False,
        actor="test",
    )  # fmt: skip
    try_webhook(company=company, endpoint_id=webhook.endpoint_id, now=moment)
    dispute, promise, plan = contested_promised_planned(company, on)
    message = Message.objects.filter(company=company, customer=late).order_by("pk")[0]
    letter_batch, letter = printed(company, good, on)
    return House(
        order=ordered(company, late, late_one, invoice, on),
        channel=texting(company),
        gateway=taking_cards(company),
        task=to_call(company, late, on),
        letter_batch=letter_batch,
        letter=letter,
        company=company,
        dispute=dispute,
        promise=promise,
        plan=plan,
        customer=late,
        invoice=invoice,
        credit_note=note,
        contact=late.contacts.get(),
        membership=Membership.objects.filter(company=company).order_by("pk")[0],
        message=message,
        hold=hold,
        line=line,
        match=Match.objects.get(company=company, transaction=line),
        acceptance_id=accept_proposals(
            company=company,
            wanted=LineFilter(),
            min_percent=95,
            last_match_id=0,
            actor="test",
            now=datetime.now(UTC),
        ),
        import_batch=imported(company, "avoirs.csv", REFUSED_LINE),
        unknown_columns=imported(company, "ventes.csv", UNKNOWN_COLUMNS),
        connection=connect_bank(
            company=company,
            provider="sftp",
            name="Banque de Lumen",
            is_operator=True,
            actor="test",
            given={"host": "lumen.example", "username": "Lumen", "password": "x"},
        ),
        mailbox=connect_mailbox(
            company=company,
            provider="imap",
            name="Relances de Lumen",
            given={"host": "lumen.example", "username": "Lumen", "password": "x"},
            actor="test",
        ),
        mail_notice=unreadable(company),
        reply=answer(company, good),
        token=ApiToken.objects.get(pk=token.token_id),
        endpoint=WebhookEndpoint.objects.get(pk=webhook.endpoint_id),
        delivery=WebhookDelivery.objects.get(endpoint=webhook.endpoint_id),
        policy=policy,
        policy_preview=policy_preview,
    )
