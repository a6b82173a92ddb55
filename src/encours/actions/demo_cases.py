"""What the demo company's customers say: they contest, promise and agree on instalments, and are given a pause.

Each goes through the action a collector would use. Whether a promise is kept is nobody's invention: it follows from the
receipts of the demo's bank.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Min, Sum

from encours.actions.agree_plan import agree_plan
from encours.actions.hold_receivable import hold_receivable
from encours.actions.open_dispute import open_dispute
from encours.actions.record_promise import record_promise
from encours.actions.resolve_dispute import resolve_dispute
from encours.core.cases.plans import even_instalments
from encours.queries.free_amounts import FreeDocument, free_documents
from encours.store.models import Company, Dispute, Document, PaymentPlan, Promise, Receivable

CONTESTED = (
    ("QTE_ERR", "Le client conteste la quantité facturée."),
    ("QUALITE_ERR", "Prestation non conforme selon le client : réponse technique en cours."),
    ("CMD_ERR", "Bon de commande manquant : le client refuse la facture."),
)
OWNERS = ("Malik Darnay", "Emma Kerlaz", "Service technique")
DAYS_TO_ANSWER = 15
# a dispute of two is answered after so many days
ANSWERED_AFTER_DAYS = 9
SAID = ("Comptabilité, au téléphone", "Gérante, par e-mail", "Au téléphone, après la deuxième relance")


def contest(*, company: Company, document: Document, on: date, actor: str) -> None:
    """A customer contests an invoice, one of three in part only."""
    code, note = CONTESTED[document.pk % len(CONTESTED)]
    open_dispute(
        company=company,
        customer_id=document.customer_id,
        document_id=document.pk,
        reason_code=code,
        note=note,
        disputed_cents=document.open_cents * 2 // 5
        if code == "QTE_ERR" and document.open_cents > 5
        else None,
        owner=OWNERS[document.pk % len(OWNERS)],
        deadline=on + timedelta(days=DAYS_TO_ANSWER),
        on=on,
        actor=actor,
    )


def answer_disputes(*, company: Company, on: date, now: datetime, actor: str) -> None:
    """Every second dispute is answered some days after it was opened: the invoice was right."""
    old = Dispute.objects.filter(
        company=company, resolved_date=None, opened_date__lte=on - timedelta(days=ANSWERED_AFTER_DAYS)
    )
    for dispute in old.order_by("document__number"):
        if dispute.document_id % 2 == 0:
            resolve_dispute(
                company=company,
                dispute_id=dispute.pk,
                outcome="rejected",
                note="Bon de livraison signé envoyé au client.",
                on=on,
                now=now,
                actor=actor,
            )


def promise_one(*, company: Company, on: date, days: int, actor: str) -> None:
    """The next of those who owe something that fell due lately promises it for a day soon."""
    for customer_id, late in _late_customers(company, on, since=on - timedelta(days=25)):
        if not Promise.objects.filter(company=company, customer_id=customer_id).exists():
            record_promise(
                company=company,
                customer_id=customer_id,
                document_ids=[each.id for each in late],
                promised_date=on + timedelta(days=days),
                source=SAID[customer_id % len(SAID)],
                on=on,
                actor=actor,
            )
            return


def agree_on_one(*, company: Company, on: date, actor: str) -> None:
    """The next of those who owe most for long pays what is overdue in four monthly instalments."""
    for customer_id, late in _late_customers(company, on, since=date.min):
        spoken = {"company": company, "customer_id": customer_id}
        if PaymentPlan.objects.filter(**spoken).exists() or Promise.objects.filter(**spoken).exists():
            continue
        total_cents = sum(each.uncontested_cents for each in late)
        agree_plan(
            company=company,
            customer_id=customer_id,
            document_ids=[each.id for each in late],
            instalments=even_instalments(total_cents=total_cents, count=4, first_date=on + timedelta(days=7)),
            agreed_with="Gérant",
            note="Trésorerie tendue, échéancier demandé par le client.",
            on=on,
            actor=actor,
        )
        return


def pause_one(*, company: Company, on: date, actor: str) -> None:
    """One customer nobody spoke with is left alone until the end of its stocktaking."""
    for customer_id, _late in _late_customers(company, on, since=date.min):
        spoken = {"company": company, "customer_id": customer_id}
        if (
            not PaymentPlan.objects.filter(**spoken).exists()
            and not Promise.objects.filter(**spoken).exists()
        ):
            hold_receivable(
                company=company,
                customer_id=customer_id,
                kind="pause",
                reason="Inventaire annuel : le client a demandé d'attendre.",
                from_date=on,
                until_date=on + timedelta(days=10),
                actor=actor,
            )
            return


def _late_customers(company: Company, on: date, *, since: date) -> Iterator[tuple[int, list[FreeDocument]]]:
    """Customers whose first overdue document fell due since a day, those who owe most first, with what is free of it."""
    owing = (
        Receivable.objects.filter(
            company_id=company.pk, currency=company.currency, open_cents__gt=0, due_date__lt=on
        )
        .values("customer_id")
        .annotate(first=Min("due_date"), cents=Sum("open_cents"))
        .filter(first__gte=since)
        .order_by("-cents", "customer__code")
    )
    for row in owing[:40]:
        late = [
            each
            for each in free_documents(company=company, customer_id=row["customer_id"])
            if each.due_date < on and each.currency == company.currency and each.free_cents == each.open_cents
        ]
        if late:
            yield row["customer_id"], late
