"""Whatever is asked from another company's scope, nothing of Atelier Lumen comes back.

Every public function of `encours.queries` is called with the ids of Atelier Lumen's rows, three times: as Atelier
Lumen (it must answer, or the proof would be empty), as the other company, and with Atelier Lumen named inside the
other company's scope, where only row-level security stands between. What belongs to Atelier Lumen carries a mark:
its words hold `LUMENSECRET`, its ids and amounts are above 900 million.

A new query is called by the names of its parameters; one with a parameter that is not known here fails until
`ARGUMENTS` says what to ask.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

import polars as pl
import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models

from encours import queries
from encours.actions.accept_proposals import accept_proposals
from encours.actions.agree_plan import agree_plan
from encours.actions.allocate import allocate
from encours.actions.apply_returns import return_by_hand
from encours.actions.assign_policy import assign_policy
from encours.actions.change_webhook import add_webhook, try_webhook
from encours.actions.connect_bank import connect_bank
from encours.actions.connect_channel import connect_channel
from encours.actions.connect_mailbox import connect_mailbox
from encours.actions.create_token import create_token
from encours.actions.doubt_debt import doubt_debt
from encours.actions.export_entries import export_entries
from encours.actions.keep_file import keep_file
from encours.actions.link_document import link_document
from encours.actions.match_by_hand import match_by_hand
from encours.actions.open_dispute import open_dispute
from encours.actions.open_task import open_task
from encours.actions.preview_matching_rules import ask_for_preview, make_preview
from encours.actions.preview_policy_change import PolicyChange, ask_for_policy_preview
from encours.actions.reconcile import reconcile
from encours.actions.record_promise import record_promise
from encours.actions.reject_match import reject_match
from encours.actions.request_reconciliation import request_reconciliation
from encours.actions.revise_terms import revise_terms
from encours.actions.save_policy import save_policy
from encours.actions.switch_off_policy import switch_off_policy
from encours.actions.take_portal_message import take_question
from encours.actions.take_reply import take_reply
from encours.actions.update_accounting import update_accounting
from encours.core.accounting.accounts import Accounts
from encours.core.cases.plans import Part
from encours.core.dunning import DEFAULT_POLICY
from encours.core.dunning.gathering import ACTIONS
from encours.core.ledger import Portion
from encours.core.letters import LETTER_LINES
from encours.core.matching.texts import keys_of_lines
from encours.core.portal_codes import session_digest
from encours.ports.connections import ConnectionKind
from encours.providers.mailboxes.anymail import NOT_A_MAIL
from encours.queries.bank_lines import LineFilter
from encours.queries.charges import ChargeFilter
from encours.queries.mandates import MandateFilter
from encours.queries.matching import lines_frame
from encours.queries.orders import OrderFilter
from encours.queries.returns import receipts_frame, returned_lines_frame
from encours.store.models import (
    AccountingExport,
    Attempt,
    Call,
    Charge,
    ChargeDocument,
    ChargeNotice,
    Contact,
    ContactRequest,
    CourtFile,
    DirectDebitFile,
    Document,
    EndedReceivable,
    GatewayConnection,
    GatewayEvent,
    HeldOutReminder,
    Hold,
    HoldOut,
    ImportBatch,
    ImportProblem,
    InterestClaim,
    LetterBatch,
    LetterSettings,
    LetterTemplate,
    MailNotice,
    Match,
    Membership,
    Mention,
    Message,
    MessageAttachment,
    Note,
    OrderDocument,
    Paper,
    Payment,
    PaymentMandate,
    PaymentOption,
    Payout,
    PlanRequest,
    Policy,
    PolicyPreview,
    PolicyPreviewLine,
    PolicyStep,
    PortalCode,
    PortalLink,
    PortalSettings,
    PortalView,
    PortfolioCustomer,
    PortfolioRule,
    Promise,
    ReconciliationAnswer,
    ReferenceRate,
    Reminder,
    Reply,
    ReplySettings,
    Score,
    SimulatedMessage,
    Simulation,
    Transaction,
    User,
    VatLine,
)
from encours.store.tenancy import company_scope
from tests import cast
from tests.dunning.test_letters import a_letter
from tests.replies.mails import NOON, mail

WORD, FIRST_ID = "LUMENSECRET", 900_000_000
JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)

# Queries that are not about one company's rows, and why.
WITHOUT_COMPANY = {
    "business_days.days_off": "public holidays",
    "business_days.regional_days_off": "public holidays",
    "channels.available_services": "what is installed",
    "companies.companies": "the command line chooses among all companies",
    "companies.company_of_id": "an address names its company",
    "companies.company_named": "the command line chooses among all companies",
    "companies.company_with_id": "jobs name their company",
    "companies.memberships_of": "a person's own companies",
    "doctor.examine_database": "what concerns all companies at once",
    "files.file_on_disk": "tells where the row given lies",
    "import_tables.rows_of": "the table is the caller's",
    "connections.available_connectors": "what is installed",
    "connections.facts_of": "the row is the caller's",
    "connections.kept_connections": "rows not asked for yet: its callers stand here",
    "import_tables.sample_of": "the import is the caller's",
    "letters.letter_reference": "the message is the caller's",
    "letters.debtor_of": "the customer is the caller's",
    "letters.mandate_of": "the settings are the caller's",
    "jobs.companies_planned": "the scheduler plans every company",
    "jobs.digests_asked": "the scheduler asks for every company",
    "jobs.jobs_waiting": "the queue holds no business data",
    "paging.page_of": "rows are the caller's",
    "charges.row_of": "the row is the caller's",
    "charge_plan.announced_frame": "the notices are the caller's",
    "policies.policy_value": "the row is the caller's",
    "policies.policy_values": "rows are the caller's",
    "policies.step_condition": "the row is the caller's",
    "policies.step_window": "the row is the caller's",
    "treasury.totals": "positions are the caller's",
    "people.has_account": "sign-in is shared by all companies",
    "people.is_at_least": "a rule about roles",
    "replay.known_day": "a piece of SQL",
    "store_state.is_up_to_date": "about the tables, not their rows",
}
# Membership is what decides who may enter a company: it lies outside row-level security.
WITHOUT_ROW_SECURITY = {
    "people.people_of", "people.person_of", "people.digest_choice", "digests.digest_readers",
    "notes.callable_people", "portfolios.portfolio_rows", "portfolios.users_looked_after",
}  # fmt: skip
# Queries that say only yes, no or a number that carries no mark: they must answer nothing elsewhere.
WITHOUT_MARK = {
    "charge_plan.charge_rules", "charge_plan.has_mandates", "charge_plan.planned_charges", "charge_plan.planned_notices",
    "channels.open_channels", "channels.channel_costs", "letter_batches.letters_to_print", "tasks.late_tasks",
    "dunning.bank_known_until", "replay.first_invoice_date", "doctor.examine", "test_mode.in_test_mode", "portfolios.has_portfolios", "digests.digest_waits",
    "accounting.export_on_disk", "accounting.first_open_date", "accounting.foreign_movements",
    "import_tables.table_of", "matching.experience", "letters.creditor_of",
    "business_days.company_days_off", "business_days.regions_off", "policy_versions.last_version",
    "matching.number_masks", "receipts.waiting_counts", "rules_previews.answered_matches", "matching.own_identifiers", "replies.waiting_reply_count", "terms.terms_of", "orders.proposal_count", "terms.terms_on", "journal.head_of_chain",
    "mandates.ending_count", "portal_acts.last_promise_date", "portal_codes.code_sent_to", "plan_requests.broke_plan_lately",
    "portal_requests.waiting_request_count", "plan_requests.plan_proposal",
}  # fmt: skip


def public_queries() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in pkgutil.iter_modules(queries.__path__):
        loaded = importlib.import_module(f"encours.queries.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if not name.startswith("_") and function.__module__ == loaded.__name__:
                yield f"{module.name}.{name}", function


QUERIES = dict(public_queries())
SCOPED = sorted(QUERIES.keys() - WITHOUT_COMPANY.keys())


@pytest.fixture
def high_ids(company, other_company) -> Iterator[None]:
    """Ids made from here on are marks; afterwards the sequences go on where they were (no rollback does that)."""
    counters = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(counters + " AND sequencename LIKE 'store%'")
        before = cursor.fetchall()
        for name, _ in before:
            cursor.execute("SELECT setval(%s::regclass, %s)", [name, FIRST_ID])
        cursor.execute("SET LOCAL ROLE encours_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        for name, last in before:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, last or 1, last is not None])


def letters_of(company, customer, invoice) -> dict[str, Any]:
    """Letters in own words, a third party that collects, interest claimed, a rate added."""
    own = {"company": company, "template": "reminder_1", "tone": "neutral", "language": "fr"}
    LetterTemplate.objects.create(**own, version=1, text=f"{WORD}\n\n{WORD}", saved_by=WORD)
    settings = LetterSettings.objects.create(company=company, third_party_name=WORD)
    InterestClaim.objects.create(
        company=company, customer=customer, document=invoice, from_date=date(2026, 2, 5), to_date=date(2026, 3, 1),
        interest_cents=FIRST_ID, indemnity_cents=FIRST_ID, terms={}, state="claimed", decided_date=MARCH,
        decided_by=WORD, reason=WORD,
    )  # fmt: skip
    ReferenceRate.objects.create(
        company=company, year=2099, half=1, ecb_basis_points=FIRST_ID, source=WORD, added_by=WORD
    )
    return {
        "template": "reminder_1",
        "tone": "neutral",
        "code": f"C-{WORD}",
        "settings": settings,
        "first_letter": None,
        "covered_cents": None,
        "letters.letter": a_letter("reminder_1", "fr"),
        "noticed": pl.DataFrame(
            [(invoice.pk, invoice.number, 0, JAN, JAN, FIRST_ID, FIRST_ID, FIRST_ID, True)],
            schema=LETTER_LINES,
            orient="row",
        ),
    }


def portal_of(company, customer) -> dict[str, Any]:
    """What the portal shows: a logo, an invoice as it was sent, one that is paid."""
    picture, paper = (
        keep_file(
            company=company,
            name=f"{WORD}.{end}",
            media_type=f"image/{end}",
            content=WORD.encode() + end.encode(),
        )
        for end in ("png", "jpeg")
    )
    PortalSettings.objects.create(company=company, logo=picture, plan_max_cents=FIRST_ID)
    paid = cast.invoice(company, customer, f"FACT-{WORD}-0009", payable_cents=FIRST_ID, issue_date=JAN)
    money = cast.receipt(company, customer, amount_cents=FIRST_ID, received_date=JAN)
    allocate(
        company=company, payment_id=money.pk, on=JAN, actor="test",
        portions=[Portion(document_id=paid.pk, amount_cents=FIRST_ID)],
    )  # fmt: skip
    Paper.objects.create(
        company=company,
        customer=customer,
        document=paid,
        kind="invoice",
        file=paper,
        name=WORD,
        added_by=WORD,
    )
    link = PortalLink.objects.create(
        company=company, customer=customer, purpose="invitation", digest=WORD, salt=WORD, made_by=WORD,
        expires_at=datetime.fromisoformat("2026-05-07T10:00:00+00:00"),
    )  # fmt: skip
    PortalView.objects.create(
        company=company, link=link, seen_at=link.expires_at, what="owed", browser=WORD, object_id=FIRST_ID
    )
    written = take_question(
        company=company, link_id=link.pk, text=WORD, on=MARCH, now=link.expires_at, actor="test"
    )
    Reply.objects.filter(pk=written.pk).update(state="dismissed")  # those that wait are another test's
    session = PortalCode.objects.create(
        company=company, link=link, email=f"{WORD}@lumen.example", digest=WORD, sent_at=NOON,
        session_digest=session_digest(WORD, link_id=link.pk), used_at=NOON, expires_at=NOON,
    )  # fmt: skip
    Promise.objects.create(
        company=company, customer=customer, currency="EUR", amount_cents=FIRST_ID, promised_date=MARCH, grace_days=0,
        recorded_date=JAN, recorded_by=WORD,
    )  # fmt: skip
    asked = PlanRequest.objects.create(
        company=company, customer=customer, link=link, currency="EUR", document_ids=[], instalments=[], asked_name=WORD,
        asked_at=NOON,
    )  # fmt: skip
    ContactRequest.objects.create(
        company=company, customer=customer, link=link, about="moved", changes={"city": ["", WORD]}, asked_email=WORD,
        asked_at=NOON,
    )  # fmt: skip
    return {
        "plan_requests.request_id": asked.pk,
        "plan_requests.count": 2,
        "plan_requests.first_date": MARCH,
        "portal_messages.reply_id": written.pk,
        "portal_codes.now": NOON,
        "portal_codes.link_id": session.link_id,
        "portal_codes.session": WORD,
        "portal_charges.actor": WORD,
        "digest": picture.sha256,
        "portal.document_id": paid.pk,
        "letters.account_lines.currency": "EUR",
    }


def orders_of(company, customer) -> dict[str, Any]:
    """An order that is delivered, of which a deposit and an invoice that does not deduct it are here, and one proposed."""
    order = cast.order(company, customer, f"CMD-{WORD}", payable_cents=4 * FIRST_ID, ordered_date=JAN)
    cast.delivery(company, order, f"BL-{WORD}", amount_cents=9 * FIRST_ID, delivered_date=JAN)
    linked = [
        cast.invoice(company, customer, f"{name}-{WORD}", payable_cents=cents, issue_date=JAN, type=kind)
        for name, kind, cents in (("AC", "deposit", FIRST_ID), ("FF", "invoice", 4 * FIRST_ID))
    ]
    for document in linked:
        link_document(company=company, order_id=order.pk, document_id=document.pk, actor="test")
    free = cast.invoice(company, customer, f"LIBRE-{WORD}", payable_cents=FIRST_ID, issue_date=JAN)
    OrderDocument.objects.create(
        company=company,
        order=order,
        document=free,
        state="proposed",
        reason={"code": "link.amount", "params": {}},
    )
    revise_terms(
        company=company, customer_id=customer.pk, terms="120", from_date=JAN, reason=WORD, on=JAN, actor=WORD
    )
    return {
        "order_id": order.pk,
        "order_ids": [order.pk],
        "orders.wanted": OrderFilter(),
        "orders.flag": "unbilled",
        "orders.order_of_document.document_id": linked[0].pk,
        "orders.orders_after.number": order.number,
        "orders.after": None,
        "unbilled.customer_ids": [customer.pk],
        "unbilled.forgotten_after_days": 30,
        "unbilled.is_forgotten": True,
        "unbilled.balances": {"EUR": FIRST_ID},
        "terms.documents": pl.DataFrame({"customer_id": [customer.pk], "issue_date": [MARCH]}),
        "terms.to": "60",
        "terms.segment": "",
        "terms.financing_basis_points": 215,
    }


def payments_of(company, customer) -> dict[str, Any]:
    """A payment on its way and one that waits for the customer, through a service; a transfer is offered at a cost."""
    service = GatewayConnection.objects.create(
        company=company, provider="stripe", name=WORD, hook_key=WORD, settings={}
    )
    PaymentOption.objects.create(company=company, method="transfer", fixed_cost_cents=FIRST_ID)
    payout = Payout.objects.create(
        company=company, connection=service, external_id=WORD, currency="EUR", amount_cents=FIRST_ID, arrival_date=MARCH,
        state="paid", told_at=datetime.fromisoformat("2026-03-02T10:00:00+00:00"),
    )  # fmt: skip
    cast.bank_line(company, FIRST_ID, WORD, booked_date=MARCH)  # may be that payout
    arrived = cast.bank_line(company, FIRST_ID + 1, WORD, booked_date=MARCH)
    Transaction.objects.filter(pk=arrived.pk).update(state="set_aside")
    Payout.objects.create(
        company=company, connection=service, external_id=f"{WORD}2", currency="EUR", amount_cents=FIRST_ID + 1,
        arrival_date=MARCH, state="paid", told_at=payout.told_at, transaction=arrived,
    )  # fmt: skip
    charges = []
    for state in ("pending", "open"):
        invoice = cast.invoice(
            company, customer, f"FACT-{WORD}-{state}", payable_cents=FIRST_ID, issue_date=JAN
        )
        charge = Charge.objects.create(
            company=company, customer=customer, connection=service, origin="customer", method="card", state=state,
            reference=f"{WORD}{state}", idempotency_key=f"{WORD}{state}", currency="EUR", amount_cents=FIRST_ID,
            requested_date=MARCH, asked_by=WORD, payout=payout,
        )  # fmt: skip
        ChargeDocument.objects.create(company=company, charge=charge, document=invoice, amount_cents=FIRST_ID)
        charges.append(charge)
    failed = Charge.objects.create(
        company=company, customer=customer, connection=service, origin="customer", method="card", state="failed",
        reference=f"{WORD}failed", idempotency_key=f"{WORD}failed", currency="EUR", amount_cents=FIRST_ID,
        requested_date=MARCH, asked_by=WORD, failure_group="later", failure_code=WORD,
    )  # fmt: skip
    ChargeDocument.objects.create(
        company=company, charge=failed, document=invoice, amount_cents=FIRST_ID, is_open=False
    )
    mandate = PaymentMandate.objects.create(
        company=company, customer=customer, connection=service, kind="card", state="active", reference=WORD,
        external_id=WORD, pays_on_due_date=True, signed_at=datetime.fromisoformat("2025-01-02T10:00:00+00:00"),
        expires_date=MARCH,
    )  # fmt: skip
    notice = ChargeNotice.objects.create(
        company=company, customer=customer, mandate=mandate, document=charges[0].documents.get().document,
        origin="autopay", currency="EUR", amount_cents=FIRST_ID, announced_date=JAN, charge_date=MARCH,
        charge=charges[0],
    )  # fmt: skip
    quoted = cast.invoice(
        company, customer, f"CIT-{WORD}", payable_cents=FIRST_ID, issue_date=JAN, payment_reference=WORD
    )
    receipt = Message.objects.create(
        company=company, customer=customer, planned_date=JAN, channel="email", state="approved", template="receipt",
        step_code="", currency="EUR", amount_cents=FIRST_ID, reason={"code": "receipt.planned"},
    )  # fmt: skip
    failed.payment = cast.receipt(company, customer, amount_cents=FIRST_ID, received_date=JAN)
    failed.receipt_message = receipt
    failed.save()
    event = GatewayEvent.objects.create(
        company=company, connection=service, external_id=WORD, kind=WORD, occurred_at=payout.told_at,
        received_at=payout.told_at, body=WORD, charge=charges[0],
    )  # fmt: skip
    bank = GatewayConnection.objects.create(
        company=company, provider="sepa_file", name=WORD, hook_key=f"{WORD}bank",
        settings={"creditor_name": WORD, "creditor_identifier": WORD, "iban": WORD},
    )  # fmt: skip
    content = keep_file(
        company=company, name=WORD, media_type="application/xml", content=WORD.encode() + b"debits"
    )
    debits = DirectDebitFile.objects.create(
        company=company, connection=bank, file=content, scheme="sepa_core", message_id=WORD, collection_date=MARCH,
        charge_count=1, total_cents=FIRST_ID, made_by=WORD,
    )  # fmt: skip
    return {
        "direct_debits.file_id": debits.pk,
        "direct_debits.message_id": WORD,
        "letters.payment_reference.lines": pl.DataFrame({"document_id": [quoted.pk]}),
        "transfer_references.asked_reference.document_id": quoted.pk,
        "receipts_sent.message_id": receipt.pk,
        "mandates.provider": "",
        "mandate_id": mandate.pk,
        "charge_notices.notice_id": notice.pk,
        "event_id": event.pk,
        "mandates.wanted": MandateFilter(),
        "charge_failures.since": JAN,
        "charge_failures.until": date(2099, 12, 31),
        "charge_notices.state": "announced",
        "mandates.reference": WORD,
        "charge_plan.state": "",
        "mandates.language": "fr",
        "charge_id": charges[0].pk,
        "payout_id": payout.pk,
        "charges.wanted": ChargeFilter(),
        "charges.document_ids": None,
        "payment_options.amount_cents": FIRST_ID,
    }


@pytest.fixture
def arguments(company, high_ids) -> dict[str, Any]:
    """What is asked for, by parameter name; `module.function.parameter` and `module.parameter` come first."""
    customer = cast.customer(
        company, f"C-{WORD}", f"Boulangerie {WORD}", email=f"{WORD}@dubois.example", segment=WORD, city=WORD
    )
    invoice = cast.invoice(company, customer, f"FACT-{WORD}-0001", payable_cents=2 * FIRST_ID, issue_date=JAN)
    cast.invoice(
        company, customer, f"FACT-{WORD}-0002", payable_cents=2 * FIRST_ID, issue_date=JAN,
        instalments=[(JAN, FIRST_ID), (MARCH, FIRST_ID)],
    )  # fmt: skip
    note = cast.credit_note(company, customer, f"AV-{WORD}-0001", payable_cents=FIRST_ID, issue_date=JAN)
    statement = cast.statement(company, cast.bank_account(company, identifier=WORD), known_until_date=MARCH)
    lines = [
        cast.bank_line(company, FIRST_ID + number, f"FACT-{WORD}-0001 {number}", counterparty_name=WORD)
        for number in (1, 2, 3)
    ]
    reconcile(company=company, on=MARCH, actor="test")
    reject_match(company=company, match_id=lines[2].matches.get().pk, actor="test")
    match_by_hand(
        company=company, transaction_id=lines[1].pk, customer_id=customer.pk,
        portions=[Portion(invoice.pk, FIRST_ID)], actor="test",
    )  # fmt: skip
    cast.receipt(company, customer, amount_cents=FIRST_ID, received_date=MARCH, label=WORD)
    returns = returns_of(company, customer)
    step = PolicyStep.objects.first()
    message = Message.objects.create(
        company=company, customer=customer, contact=Contact.objects.get(), policy=step.policy if step else None,
        channel="email", template="first_contact", step_code=step.code if step else "R+1", currency="EUR",
        amount_cents=FIRST_ID, planned_date=MARCH, state=Message.State.SENT, sent_date=JAN,
        reason={"code": "match.own_key", "params": {"written": WORD, "numbers": WORD, "amount": WORD}},
        subject=WORD, text=WORD, html=WORD,
    )  # fmt: skip
    MessageAttachment.objects.create(company=company, message=message, file=statement.batch.file)
    Message.objects.create(
        company=company, customer=customer, channel="email", template="first_contact", step_code="R+1",
        currency="EUR", amount_cents=FIRST_ID, planned_date=MARCH, state=Message.State.WAITING, reason=message.reason,
    )  # fmt: skip
    Policy.objects.update(name=WORD)
    Attempt.objects.create(
        company=company, message=message, number=1, idempotency_key=WORD,
        claimed_at=datetime.fromisoformat("2026-03-02T10:00:00+00:00"),
    )  # fmt: skip
    Reminder.objects.create(
        company=company, customer=customer, message=message, document=invoice, due_date=JAN,
        step_code=message.step_code, amount_cents=FIRST_ID,
    )  # fmt: skip
    Hold.objects.create(company=company, customer=customer, reason=WORD, from_date=JAN, held_by="test")
    ImportProblem.objects.create(
        company=company,
        batch=statement.batch,
        line=FIRST_ID,
        raw=WORD,
        sentence={"code": "match.debit", "params": {}},
    )
    ImportBatch.objects.filter(pk=statement.batch_id).update(file_name=WORD)
    statement.batch.file.name = WORD
    statement.batch.file.save()
    person = User.objects.create_user(f"{WORD}@lumen.example", "x", name=WORD)
    membership = Membership.objects.create(user=person, company=company)
    bank_connection = connect_bank(
        company=company, provider="sftp", name=WORD, is_operator=True, actor="test",
        given={"host": WORD, "username": WORD, "password": WORD},
    )  # fmt: skip
    mailbox = connect_mailbox(
        company=company, provider="imap", name=WORD, actor="test",
        given={"host": WORD, "username": WORD, "password": WORD},
    )  # fmt: skip
    notice = MailNotice.objects.create(
        company=company, mailbox=mailbox, digest="0" * 64, content_type=WORD, size=2, state="refused",
        file=keep_file(company=company, name=WORD, media_type="", content=WORD.encode()),
        received_at=datetime.fromisoformat("2026-04-07T10:00:00+00:00"), problem=NOT_A_MAIL(service=WORD, reason=WORD).as_json(),
    )  # fmt: skip
    reply = reply_of(company, message)
    channel = connect_channel(
        company=company, provider="twilio", name=WORD, notices_base="", actor="test",
        given={"account_sid": WORD, "auth_token": WORD, "sender": WORD},
    )  # fmt: skip
    given = {"client_id": WORD, "client_secret": WORD, "organisation_id": WORD}
    connect_channel(company=company, provider="pingen", name=WORD, notices_base="", actor="test", given=given)
    Score.objects.create(company=company, customer=customer, source=WORD, value=50, given_date=JAN)
    task = open_task(company=company, customer_id=customer.pk, title=WORD, due_date=MARCH, actor="test")
    kept = keep_file(company=company, name=f"{WORD}.pdf", media_type="application/pdf", content=b"%PDF")
    letter_batch = LetterBatch.objects.create(
        company=company, pdf=kept, recipients=kept, letter_count=1, page_count=4, printed_by=WORD
    )
    Message.objects.create(
        company=company, customer=customer, channel="letter", template="reminder_1", step_code="R+1", currency="EUR",
        amount_cents=FIRST_ID, planned_date=MARCH, state=Message.State.ENTRUSTED, reason=message.reason,
        letter_batch=letter_batch, recipient=WORD,
    )  # fmt: skip
    january_in_the_books(company, invoice)
    compared = ask_for_preview(company=company, values={"discount_rates": [2_500]}, actor="test")
    cast.invoice(company, customer, f"FACT-{WORD}-0004", payable_cents=4 * FIRST_ID, issue_date=JAN)
    cast.bank_line(company, 3 * FIRST_ID, f"FACT-{WORD}-0004", counterparty_name=WORD)
    make_preview(company=company, preview_id=compared.pk, on=MARCH)
    now = datetime.fromisoformat("2026-04-07T10:00:00+00:00")
    token = create_token(
        company=company, name=WORD, scopes=["reconcile"], last_day=None, now=now, actor="test"
    )
    endpoint = add_webhook(
        company=company,
        url=f"https://erp.example/{WORD}",
        events=["receipt.allocated"],
        may_be_inside=False,
        actor="test",
    )
    try_webhook(company=company, endpoint_id=endpoint.endpoint_id, now=now)
    run_id = request_reconciliation(company=company, is_dry=True, on=MARCH, now=now, actor="test")
    ReconciliationAnswer.objects.create(
        company=company, run_id=run_id, position=1, outcome="matched", told={"fr": WORD, "en": WORD}
    )
    accepted = accept_proposals(
        company=company, wanted=LineFilter(), min_percent=100, last_match_id=0, actor=WORD,
        now=datetime.fromisoformat("2026-04-07T10:00:00+00:00"),
    )  # fmt: skip
    policy, wanted_policy = policies_of(company)
    PolicyPreviewLine.objects.create(
        company=company, preview=wanted_policy, customer=customer, change="gone", currency="EUR",
        before={"step_code": WORD, "channel": "email", "planned_date": "2026-04-07", "amount_cents": FIRST_ID,
                "document_count": 1},
    )  # fmt: skip
    frame = lines_frame(company=company, line_ids=[line.pk for line in lines])
    cases = cases_of(company, customer)
    return (
        cases
        | letters_of(company, customer, invoice)
        | portal_of(company, customer)
        | orders_of(company, customer)
        | payments_of(company, customer)
        | foresight_of(company, customer, invoice)
        | day_of(company, customer, invoice, membership)
        | court_papers_of(company, customer, invoice, statement.batch.file)
        | {
            "accounting.accounts": Accounts(sales_entries=True),
            "accounting.until": date(2026, 4, 7),
            "accounting.to_date": date(2026, 4, 7),
            "accounting.books": True,
            "accounting.nodes": pl.Series([f"d{invoice.pk}", f"p{Payment.objects.earliest('pk').pk}"]),
            "accounting.export_id": AccountingExport.objects.get().pk,
            "channels.connection_id": channel.pk,
            "connections.kind": ConnectionKind.BANK,
            "letter_batches.batch_id": letter_batch.pk,
            "letter_batches.is_list": True,
            "tasks.task_id": task.pk,
            "tasks.shown": "open",
            "tasks.assignee": WORD,
            "preview_id": compared.pk,
            "since": JAN,
            "rules_previews.change": "",
            "on": date(2026, 4, 7),
            "now": now,
            "connection_id": bank_connection.pk,
            "mailbox_id": mailbox.pk,
            "notice_id": notice.pk,
            "reply_id": reply.pk,
            "replies.replies_page.number": 1,
            "replies.number": 0,
            "claimed_payments.document_ids": [],
            "claimed_payments.amount_cents": FIRST_ID + 1,
            "claimed_payments.day": None,
            "reply_senders.answers": [f"{WORD}@lumen.example"],
            "reply_senders.recipients": [],
            "reply_senders.sender_address": f"{WORD}@{WORD}.example",
            "reply_senders.numbers": [invoice.number],
            "reply_senders.mail_id": f"{WORD}@lumen.example",
            "number": 1,
            "size": 50,
            "limit": 50,
            "weeks": 30,
            "currency": "EUR",
            "regions": ["FR-6AE"],
            "from_date": JAN,
            "until_date": date(2026, 4, 7),
            "after": (date.min, "", 0),
            "imports.after": None,
            "bank_lines.after": None,
            "payments.after": None,
            "reconciliation_runs.after": 0,
            "payments.line_id": lines[1].pk,
            "payment_id": Payment.objects.get(transaction=lines[1]).pk,
            "match_id": lines[1].matches.get(state="applied").pk,
            "run_id": run_id,
            "actors": [f"token:{token.token_id}"],
            "endpoint_id": endpoint.endpoint_id,
            "imports.problems_page.severity": "error",
            "imports.imports_page.state": "",
            "customer_id": customer.pk,
            "customer_ids": pl.Series([customer.pk]),
            "customer": customer,
            "slug": WORD.lower(),
            "policy_id": policy.pk,
            "policy_previews.preview_id": wanted_policy.pk,
            "policy_previews.change": "",
            "policy_previews.slug": "",
            "version": 1,
            "dunning.situation.policies": None,
            "document_id": invoice.pk,
            "document_ids": pl.Series([invoice.pk, note.pk]),
            "contact_id": Contact.objects.get().pk,
            "membership_id": membership.pk,
            "batch_id": statement.batch_id,
            "batch": statement.batch,
            "problem_id": ImportProblem.objects.get().pk,
            "message": message,
            "message_id": message.pk,
            "dunning.customer_situation.message_id": 0,
            "messages.asked_document_id.number": invoice.number,
            "language": "fr",
            "attachment_id": MessageAttachment.objects.get().pk,
            "state": "waiting",
            "min_percent": 0,
            "last_match_id": 2 * FIRST_ID,
            "acceptance_id": accepted,
            "step": "",
            "line_id": lines[0].pk,
            "bank_reference": lines[0].bank_reference,
            "line_ids": [line.pk for line in lines],
            "lines": pl.DataFrame(
                [
                    {
                        "document_id": invoice.pk,
                        "position": 0,
                        "due_date": JAN,
                        "step_code": "R+1",
                        "open_cents": FIRST_ID,
                        "remaining_cents": FIRST_ID,
                    }
                ]
            ),
            "keys": keys_of_lines(frame, own_identifiers=[]),
            "text": WORD,
            "returns.line_ids": returns["line_id"].to_list(),
            "returns.returns": returns,
            "returns.receipts": receipts_frame(company=company, returns=returns),
            "returns.payment_ids": list(
                Payment.objects.filter(reversed_at=None).values_list("pk", flat=True)
            ),
        }
    )


def cases_of(company: Any, customer: Any) -> dict[str, Any]:
    """An invoice in dispute, one in a payment plan, and a promise that was broken."""
    split = Document.objects.get(number=f"FACT-{WORD}-0002")
    contested = open_dispute(
        company=company, customer_id=customer.pk, document_id=Document.objects.get(number=f"FACT-{WORD}-0001").pk,
        reason_code="AUTRE", note=WORD, owner=WORD, on=JAN, actor="test",
    )  # fmt: skip
    plan = agree_plan(
        company=company, customer_id=customer.pk, document_ids=[split.pk], agreed_with=WORD, on=JAN, actor="test",
        instalments=[Part(MARCH, split.open_cents)],
    )  # fmt: skip
    promise = record_promise(
        company=company, customer_id=customer.pk, promised_date=MARCH, amount_cents=FIRST_ID, source=WORD,
        on=JAN, actor="test",
    )  # fmt: skip
    Promise.objects.filter(pk=promise.pk).update(state=Promise.State.BROKEN)
    return {
        "dispute_id": contested.pk,
        "promise_id": promise.pk,
        "plan_id": plan.pk,
        "bank_known_until": None,
        "free_amounts.plannable.document_ids": None,
        "code": customer.code,
        "numbers": [split.number],
    }


def court_papers_of(company: Any, customer: Any, invoice: Any, file: Any) -> dict[str, Any]:
    """A paper of an invoice, a reply, and a file for a court."""
    paper = Paper.objects.create(
        company=company,
        customer=customer,
        document=invoice,
        file=file,
        name=WORD,
        kind="order",
        added_by="test",
    )
    Reply.objects.create(
        company=company, customer=customer, file=file, digest=WORD, subject=WORD, text=WORD, nature="person",
        state="filed", received_at=datetime.fromisoformat("2026-03-02T10:00:00+00:00"), intent="other", confidence=1,
    )  # fmt: skip
    built = CourtFile.objects.create(
        company=company, customer=customer, procedure="injonction", on_date=MARCH, state="done", asked_by="test",
        pdf=file, archive=file, digest=WORD, principal_cents=FIRST_ID,
    )  # fmt: skip
    return {
        "paper_id": paper.pk,
        "court_file_id": built.pk,
        "court_evidence.document_ids": [invoice.pk],
        "transfer_references.document_ids": [invoice.pk],
        "court_files.numbers": [invoice.number],
    }


def day_of(company: Any, customer: Any, invoice: Any, membership: Membership) -> dict[str, Any]:
    """A portfolio by a rule, a call, a note that calls somebody, what had its last step, a hold since the plan."""
    rule = PortfolioRule.objects.create(company=company, user=membership.user, position=1, segment=WORD)
    PortfolioCustomer.objects.create(
        company=company, customer=customer, user=membership.user, rule=rule, assigned_by="test"
    )
    Call.objects.create(
        company=company, customer=customer, outcome="no_answer", note=WORD, called_date=JAN, called_by="test",
        called_at=datetime.fromisoformat("2026-01-05T10:00:00+00:00"),
    )  # fmt: skip
    note = Note.objects.create(company=company, customer=customer, text=WORD, author=membership.user)
    Mention.objects.create(company=company, note=note, user=membership.user)
    EndedReceivable.objects.create(
        company=company, document=invoice, customer=customer, currency="EUR", remaining_cents=FIRST_ID,
        step_code="R+30", planned_date=MARCH,
    )  # fmt: skip
    Membership.objects.filter(pk=membership.pk).update(salesperson_name=WORD)
    Message.objects.create(
        company=company, customer=customer, channel="email", template="reminder_1", step_code="R+22", currency="EUR",
        amount_cents=FIRST_ID, planned_date=MARCH, state="approved", reason={},
    )  # fmt: skip
    Hold.objects.update(created_at=datetime.fromisoformat("2030-01-05T10:00:00+00:00"))
    return {
        "approvals.message_ids": list(Message.objects.values_list("pk", flat=True)),
        "digests.reader": membership,
        "digests.business_day": date(2026, 4, 7),
        "digests.planned": pl.DataFrame(schema=ACTIONS),
        "digests.until": date(2026, 4, 7),
        "digests.customer_ids": [customer.pk],
        "portfolios.user_ids": [membership.user.pk],
        "user_id": membership.user.pk,
    }


def foresight_of(company: Any, customer: Any, invoice: Any) -> dict[str, Any]:
    """A habit of paying, a reminder that waits, a rule that holds some back, and one that was."""
    for rank in range(3):
        habit = cast.invoice(company, customer, f"HAB-{WORD}-{rank}", payable_cents=FIRST_ID, issue_date=JAN)
        receipt = cast.receipt(company, customer, amount_cents=FIRST_ID, received_date=MARCH)
        portion = Portion(habit.pk, FIRST_ID)
        allocate(company=company, portions=[portion], payment_id=receipt.pk, on=MARCH, actor="test")
    HoldOut.objects.create(company=company, percent=10, max_amount_cents=FIRST_ID, seed=FIRST_ID)
    held = HeldOutReminder.objects.create(
        company=company, customer=customer, document=invoice, policy=Policy.objects.get(is_default=True),
        step_code="R+8", template="reminder_2", channel="email", amount_cents=FIRST_ID, planned_date=MARCH,
        propensity_percent=90,
    )  # fmt: skip
    Reminder.objects.create(
        company=company, customer=customer, message=Message.objects.filter(state="waiting").first(), document=invoice,
        due_date=JAN, step_code="R+15", amount_cents=FIRST_ID,
    )  # fmt: skip
    run = Simulation.objects.create(
        company=company, kind="simulation", state="done", asked_by=WORD, from_date=JAN, until_date=MARCH,
        options={"policy": WORD}, results={"sides": [{"policy": WORD}]},
    )  # fmt: skip
    SimulatedMessage.objects.create(
        company=company, simulation=run, customer=customer, side=0, sent_date=MARCH, channel="email",
        template="reminder_1", step_code="R+1", currency="EUR", amount_cents=FIRST_ID, cost_cents=0, document_ids=[invoice.pk],
    )  # fmt: skip
    PolicyPreview.objects.create(
        company=company, kind="version", slug="wanted", document=WORD, asked_by=WORD, on_date=MARCH
    )
    return {
        "simulations.kind": "simulation",
        "simulations.simulation_id": run.pk,
        "simulations.day": None,
        "simulations.after": 0,
        "replay.until": date(2026, 4, 7),
        "simulations.receivables": pl.DataFrame(
            {
                "document_id": [held.document_id],
                "position": [0],
                "customer_id": [customer.pk],
                "due_date": [JAN],
            }
        ),
    }


def policies_of(company: Any) -> tuple[Policy, PolicyPreview]:
    """A policy of the segment that is the company's too, one switched off, and a change that waits."""
    value = replace(DEFAULT_POLICY, slug=WORD.lower(), name=WORD, min_amount_cents=0)
    off, _ = save_policy(company=company, policy=replace(value, slug=f"{WORD.lower()}-off"), actor="test")
    switch_off_policy(company=company, slug=off.slug, actor="test")
    saved, _ = save_policy(company=company, policy=value, is_default=True, actor="test")
    assign_policy(company=company, slug=saved.slug, segment=WORD, actor="test")
    fewer = replace(value, name=f"{WORD} 2", steps=value.steps[:1])
    change = PolicyChange("version", policy=fewer)
    return saved, ask_for_policy_preview(company=company, change=change, on=date(2026, 4, 7), actor="test")


def reply_of(company: Any, message: Any) -> Reply:
    """An answer to a message that left, with a paper attached, and a reader of the company's own."""
    content = mail(
        f"{WORD}: nous paierons la facture.", sender=f"{WORD}@dubois.example", answers=f"{WORD}@lumen.example",
        subject=WORD, attachments=((f"{WORD}.pdf", "application/pdf", b"%PDF-1.7"),),
    )  # fmt: skip
    reply = take_reply(company=company, content=content, received_at=NOON, actor="test").reply
    assert reply.message == message
    reply.file.name = WORD
    reply.file.save()
    ReplySettings.objects.create(company=company, reader_model=WORD)
    return reply


def january_in_the_books(company: Any, invoice: Any) -> None:
    """Entries of January with a lettering and a doubtful debt; what came later is not booked yet."""
    update_accounting(
        company=company, actor="test",
        values={"sales_entries": True, "banks": {WORD: {"account": "512100", "journal": "CIC"}}},
    )  # fmt: skip
    later = cast.invoice(
        company, invoice.customer, f"FACT-{WORD}-0003", payable_cents=2 * FIRST_ID, issue_date=MARCH
    )
    for document in (invoice, later):
        VatLine.objects.create(
            company=company,
            document=document,
            rate_basis_points=2000,
            base_cents=FIRST_ID,
            tax_cents=FIRST_ID,
        )
    doubt_debt(
        company=company,
        number=invoice.number,
        allowance_basis_points=5_000,
        reason=WORD,
        on=JAN,
        actor="test",
    )
    export_entries(company=company, format="fec", from_date=JAN, to_date=JAN, on=MARCH, actor="test")


def returns_of(company: Any, customer: Any) -> pl.DataFrame:
    """A returned line that may take back the receipt in force, refused before; one that brings earlier money again."""
    paid, back = (cast.bank_line(company, sign * (FIRST_ID + 4), WORD) for sign in (1, -1))
    match_by_hand(company=company, transaction_id=paid.pk, customer_id=customer.pk, portions=[], actor="test")
    payment = Payment.objects.get(transaction=paid)
    return_by_hand(company=company, transaction_id=back.pk, payment_ids=[payment.pk], actor="test")
    debit = cast.bank_line(company, -(FIRST_ID + 2), WORD)
    Match.objects.create(
        company=company, transaction=debit, customer=customer, state=Match.State.REJECTED, rule="returned",
        confidence=0.5, reason={"code": "return.uncertain", "params": {"payment_ids": [payment.pk]}}, decided_by="test",
    )  # fmt: skip
    again = cast.bank_line(company, FIRST_ID + 4, WORD)
    return returned_lines_frame(company=company, line_ids=[debit.pk, again.pk])


def call(name: str, arguments: dict[str, Any], company: Any) -> Any:
    module = name.split(".")[0]
    asked = {}
    for parameter in inspect.signature(QUERIES[name]).parameters.values():
        if parameter.name == "company":
            asked["company"] = company
            continue
        for key in (f"{name}.{parameter.name}", f"{module}.{parameter.name}", parameter.name):
            if key in arguments:
                asked[parameter.name] = arguments[key]
                break
        else:
            if parameter.name == "wanted":  # every list has a filter that by itself asks for anything
                asked["wanted"] = parameter.annotation()
                continue
            assert parameter.default is not parameter.empty, (
                f"say what to ask {name} for as {parameter.name!r}"
            )
    try:
        found = QUERIES[name](**asked)
        return list(found) if inspect.isgenerator(found) else found
    except ObjectDoesNotExist:
        return None


def marks(value: Any, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """Everything of Atelier Lumen inside a value, wherever it lies."""
    if id(value) in seen:
        return
    seen |= {id(value)}
    if isinstance(value, str):
        if WORD.lower() in value.lower():
            yield value
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        if abs(value) >= FIRST_ID:
            yield str(value)
    elif isinstance(value, pl.DataFrame):
        yield from marks(value.rows(), seen)
    elif is_dataclass(value):
        for field in fields(value):
            yield from marks(getattr(value, field.name), seen)
    elif isinstance(value, models.Model):
        yield from marks({k: v for k, v in vars(value).items() if k not in ("_state", "company_id")}, seen)
    elif isinstance(value, dict):
        yield from marks(list(value.items()), seen)
    elif isinstance(value, Iterable) and not isinstance(value, bytes | Enum):
        for each in value:
            yield from marks(each, seen)


def test_every_query_is_about_one_company_or_says_why_not():
    unscoped = {name for name, q in QUERIES.items() if "company" not in inspect.signature(q).parameters}
    assert unscoped - WITHOUT_COMPANY.keys() == set()


def test_nothing_of_another_company_comes_back(company, other_company, arguments):
    silent, leaks = [], {}
    for name in SCOPED:
        own = call(name, arguments, company)
        if name not in WITHOUT_MARK and not list(marks(own)):
            silent.append(name)
        with company_scope(other_company.pk):
            found = [call(name, arguments, other_company)]
            if name not in WITHOUT_ROW_SECURITY:
                found.append(call(name, arguments, company))
        if list(marks(found)):
            leaks[name] = list(marks(found))
    assert leaks == {}
    assert silent == [], f"{silent}: asked by their own company they should answer"


def test_counts_and_dates_of_another_company_are_nothing(company, other_company, arguments):
    with company_scope(other_company.pk):
        for name in ("matching.waiting_lines", "dunning.bank_known_until"):
            for asked in (company, other_company):
                found = call(name, arguments, asked)
                assert not (any(found.values()) if isinstance(found, dict) else found), name
        for asked in (company, other_company):
            learned = call("matching.experience", arguments, asked)
            assert (dict(learned.trust), dict(learned.habits)) == ({}, {})
            assert not call("matching.number_masks", arguments, asked).may_begin("FACT")
    own = call("matching.number_masks", arguments, company)
    assert own.may_begin("F") or own.may_begin("1")
