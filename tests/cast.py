"""The cast of the stories: customers of Atelier Lumen with a character of their own, and what happens to them.

Everything is written as the product writes it: a document enters its customer's account by a movement, a
receipt too. Call inside the company's scope (the `company` fixture).

>>> dubois = good_payer(company)
>>> invoice(company, dubois, "FA-2026-0001", payable_cents=120_000, issue_date=date(2026, 1, 5))
"""

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from encours.actions.post_movements import post
from encours.core.ledger import issued, received
from encours.core.references import normalised_number
from encours.core.statements import Transaction as BankLine
from encours.core.statements import identities
from encours.store.models import (
    BankAccount,
    Company,
    Contact,
    Customer,
    Delivery,
    Document,
    ImportBatch,
    Instalment,
    Order,
    Payment,
    Statement,
    StoredFile,
    Transaction,
)

IBAN = "FR7630004000031234567890143"
_ranks = count(1)


def customer(company: Company, code: str, name: str, *, email: str = "", **details: Any) -> Customer:
    """A customer, with a primary contact when an address is given."""
    created = Customer.objects.create(company=company, code=code, name=name, **details)
    if email:
        Contact.objects.create(
            company=company, customer=created, name="Comptabilité", email=email, is_primary=True
        )
    return created


def good_payer(company: Company) -> Customer:
    """Pays on the day, with the invoice's number in the transfer."""
    return customer(
        company, "C0001", "Boulangerie Dubois SARL", email="compta@dubois.example", siren="443061841",
        city="Nantes", postcode="44000", segment="PME",
    )  # fmt: skip


def late_payer(company: Company) -> Customer:
    """Pays weeks late, in parts."""
    return customer(
        company, "C0002", "Menuiserie Lefèvre SAS", email="fournisseurs@lefevre.example", siren="552081317",
        city="Rennes", postcode="35000", segment="PME",
    )  # fmt: skip


def disputing(company: Company) -> Customer:
    """Contests what is delivered."""
    return customer(
        company, "C0003", "Hôtel des Voyageurs", email="direction@voyageurs.example", city="Vannes",
        postcode="56000", segment="PME",
    )  # fmt: skip


def public_buyer(company: Company) -> Customer:
    return customer(
        company, "C0004", "Commune de Saint-Herblain", email="finances@sainth.example",
        kind=Customer.Kind.PUBLIC_BUYER, city="Saint-Herblain", postcode="44800", segment="Public",
    )  # fmt: skip


def unreachable(company: Company) -> Customer:
    """Has no address to write to."""
    return customer(company, "C0005", "Garage Morel", city="Lorient", postcode="56100", segment="TPE")


@transaction.atomic
def invoice(
    company: Company,
    customer: Customer,
    number: str,
    *,
    payable_cents: int,
    issue_date: date,
    due_date: date | None = None,
    instalments: Sequence[tuple[date, int]] = (),
    type: str = "invoice",
    currency: str = "EUR",
    **details: Any,
) -> Document:
    """An issued document with its movement. Due 30 days after issue unless said; `instalments` are (due date, cents)."""
    if instalments:
        assert sum(cents for _, cents in instalments) == payable_cents
        due_date = max(day for day, _ in instalments)
    document = Document.objects.create(
        company=company,
        customer=customer,
        type=type,
        number=number,
        search_number=normalised_number(number),
        issue_date=issue_date,
        due_date=due_date or issue_date + timedelta(days=30),
        currency=currency,
        payable_cents=payable_cents,
        open_cents=0,
        instalment_count=len(instalments),
        **details,
    )
    Instalment.objects.bulk_create(
        Instalment(company=company, document=document, position=position, due_date=day, amount_cents=cents)
        for position, (day, cents) in enumerate(instalments, start=1)
    )
    movement = issued(
        document_id=document.pk, customer_id=customer.pk, type=type, payable_cents=payable_cents,
        currency=currency, issue_date=issue_date,
    )  # fmt: skip
    post(company=company, movements=[movement])
    document.refresh_from_db()
    return document


def credit_note(
    company: Company, customer: Customer, number: str, *, payable_cents: int, issue_date: date, **details: Any
) -> Document:
    """A credit note (avoir); `payable_cents` is positive, as printed. `corrects` names the invoice it corrects."""
    return invoice(
        company, customer, number, payable_cents=payable_cents, issue_date=issue_date, type="credit_note",
        **({"due_date": issue_date} | details),
    )  # fmt: skip


@transaction.atomic
def receipt(
    company: Company,
    customer: Customer,
    *,
    amount_cents: int,
    received_date: date,
    currency: str = "EUR",
    **details: Any,
) -> Payment:
    """Money received, allocated to nothing yet."""
    payment = Payment.objects.create(
        company=company, customer=customer, received_date=received_date, currency=currency,
        amount_cents=amount_cents, unallocated_cents=0, **details,
    )  # fmt: skip
    movement = received(
        payment_id=payment.pk, customer_id=customer.pk, amount_cents=amount_cents, currency=currency,
        received_date=received_date,
    )  # fmt: skip
    post(company=company, movements=[movement])
    payment.refresh_from_db()
    return payment


def order(
    company: Company,
    customer: Customer,
    number: str,
    *,
    payable_cents: int,
    ordered_date: date,
    **details: Any,
) -> Order:
    """An order as an import leaves it, in euros unless said."""
    named = {"purchase_order": "search_purchase_order", "quote_number": "search_quote"}
    searched = {
        into: normalised_number(details.get(name, "")) if details.get(name) else ""
        for name, into in named.items()
    }
    return Order.objects.create(
        company=company, customer=customer, number=number, search_number=normalised_number(number),
        payable_cents=payable_cents, ordered_date=ordered_date, **({"currency": "EUR"} | searched | details),
    )  # fmt: skip


def delivery(
    company: Company, order: Order, reference: str, *, amount_cents: int, delivered_date: date, **details: Any
) -> Delivery:
    """Something delivered of an order."""
    return Delivery.objects.create(
        company=company, order=order, reference=reference, amount_cents=amount_cents, delivered_date=delivered_date,
        **details,
    )  # fmt: skip


def bank_account(company: Company, *, identifier: str = IBAN, currency: str = "EUR") -> BankAccount:
    """The company's account; the same one when asked for again."""
    account, _ = BankAccount.objects.get_or_create(
        company=company, identifier=identifier, currency=currency,
        defaults={"name": "Compte courant", "bank": "Crédit de l'Ouest"},
    )  # fmt: skip
    return account


def statement(company: Company, account: BankAccount, **details: Any) -> Statement:
    """A statement brought in by a file."""
    rank = next(_ranks)
    content = f"relevé {rank}".encode()
    digest = sha256(content).hexdigest()
    path = Path(settings.FILES_FOLDER) / digest[:2] / digest[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    file = StoredFile.objects.create(
        company=company, sha256=digest, name=f"releve-{rank}.txt", size=len(content)
    )
    batch = ImportBatch.objects.create(
        company=company, file=file, file_name=file.name, kind="cfonb120", state=ImportBatch.State.DONE,
        imported_by="test",
    )  # fmt: skip
    return Statement.objects.create(company=company, account=account, batch=batch, **details)


def bank_line(
    company: Company,
    amount_cents: int,
    remittance: str = "",
    *,
    booked_date: date = date(2026, 3, 2),
    currency: str = "EUR",
    **details: Any,
) -> Transaction:
    """A line of the company's bank account (credits positive), on the account's last statement."""
    account = bank_account(company, currency=currency)
    on = account.statements.order_by("-pk").first() or statement(company, account)
    rank = next(_ranks)
    details = {"bank_reference": f"BK{rank:06d}"} | details
    identity = identities(
        account.identifier,
        [BankLine(booked_date=booked_date, amount_cents=amount_cents, currency=currency, remittance=remittance,
                  bank_reference=details["bank_reference"])],
    )[0]  # fmt: skip
    return Transaction.objects.create(
        company=company, account=account, statement=on, identity=identity, booked_date=booked_date,
        amount_cents=amount_cents, currency=currency, remittance=remittance, **details,
    )  # fmt: skip
