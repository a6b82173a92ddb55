"""What is charged by mandate: who agreed to it, what was announced, and what would be announced on a day."""

from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db.models import QuerySet

from encours.core.dunning import Situation
from encours.core.dunning.assessing import assess
from encours.core.payments.automatic import AGREED, ANNOUNCED, BEGUN, LEFT_OUT, NOTICES, Rules, plan_notices
from encours.core.payments.mandates import ACTIVE, method_of
from encours.core.wording import Wording
from encours.ports import registry
from encours.queries.dunning import situation
from encours.queries.portal_settings import portal_settings
from encours.store.frames import read_frame
from encours.store.models import ChargeNotice, Company, Document, GatewayConnection, PaymentMandate

NOT_SENT = Wording(
    "charge_notice.not_sent",
    fr="L’annonce au client n’est pas partie : rien n’est prélevé.",
    en="The notice to the customer did not leave: nothing is charged.",
)
STOPPED = Wording(
    "charge_notice.stopped",
    fr="Arrêté par une personne : {reason}",
    en="Stopped by a person: {reason}",
)
# somebody stopped the message, or it cannot reach the customer: not announced again any sooner
_REST_DAYS = 30
_BEGUN = """
SELECT document_id FROM store_chargenotice
WHERE company_id = %s AND (state = 'announced' OR (reason->>'code' = %s AND announced_date > %s) OR reason->>'code' = %s)
UNION
SELECT d.document_id FROM store_charge c JOIN store_chargedocument d ON d.charge_id = c.id
WHERE c.company_id = %s AND d.company_id = %s AND c.origin IN ('autopay', 'overdue')
  AND NOT (c.state = 'canceled' AND c.file_id IS NOT NULL)  -- a file that was never collected
"""


def charge_rules(*, company: Company) -> Rules:
    """What the company wants to be charged, and when."""
    settings = portal_settings(company=company)
    return Rules(
        autopay=settings.allows_autopay,
        overdue=settings.charges_overdue,
        overdue_days=settings.overdue_days,
        notice_days=settings.charge_notice_days,
    )


def planned_notices(*, company: Company, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is to be announced on a day, and what is not though a mandate was given for it: `core.payments.automatic.NOTICES`
    and `LEFT_OUT`. Customers whom no e-mail reaches are left out: what nobody was told of is not charged."""
    rules, agreed = charge_rules(company=company), agreed_mandates(company=company)
    if agreed.is_empty() or not (rules.autopay or rules.overdue):
        return pl.DataFrame(schema=NOTICES), pl.DataFrame(schema=LEFT_OUT)
    found = situation(company=company, on=on)
    begun = read_frame(
        _BEGUN,
        [company.pk, NOT_SENT.code, on - timedelta(days=_REST_DAYS), STOPPED.code, company.pk, company.pk],
        dict(BEGUN),
    )
    return plan_notices(
        assessed=assess(situation=found, on=on, is_for_charge=True),
        agreed=agreed.join(_reached(found), on="customer_id", how="semi"),
        begun=begun,
        rules=rules,
        on=on,
    )


def planned_charges(*, company: Company, on: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The same for people: with the numbers of documents and the names of customers."""
    frames = planned_notices(company=company, on=on)
    ids = {key for frame in frames for key in frame["document_id"].to_list()}
    named = Document.objects.filter(company=company, pk__in=ids).values_list("pk", "number", "customer__name")
    names = {key: (number, name) for key, number, name in named}
    notices, left_out = (
        [
            {**row, "document": names[row["document_id"]][0], "customer": names[row["document_id"]][1]}
            for row in frame.iter_rows(named=True)
        ]
        for frame in frames
    )
    return notices, left_out


def _reached(found: Situation) -> pl.DataFrame:
    return found.customers.filter(pl.col("email").fill_null("") != "", ~pl.col("bounced")).select(
        "customer_id"
    )


def agreed_mandates(*, company: Company) -> pl.DataFrame:
    """Mandates in force at services in use, with the least of all limits: schema `core.payments.automatic.AGREED`."""
    settings = portal_settings(company=company)
    rows = PaymentMandate.objects.select_related("connection").filter(
        company=company, state=ACTIVE, connection__state=GatewayConnection.State.ACTIVE
    )
    known = registry.gateways()
    agreed = []
    for each in rows.exclude(external_id="", sealed_iban="").order_by("pk"):
        gateway = known.get(each.connection.provider)
        if gateway is None or each.signed_at is None:
            continue
        method = method_of(each.kind, methods=gateway.methods)
        limits = (each.max_cents, settings.charge_max_cents, gateway.limits_cents.get(method))
        agreed.append(
            {
                "mandate_id": each.pk,
                "customer_id": each.customer_id,
                "currency": None if each.kind == PaymentMandate.Kind.CARD else "EUR",
                "pays_on_due_date": each.pays_on_due_date,
                "pays_overdue": each.pays_overdue,
                "max_cents": min((limit for limit in limits if limit is not None), default=None),
                "min_cents": settings.charge_min_cents,
                "expires_date": each.expires_date,
                "signed_date": each.signed_at.date(),
            }
        )
    return pl.DataFrame(agreed, schema=AGREED)


def has_mandates(*, company: Company) -> bool:
    """Whether anything may ever be charged by mandate: one was given."""
    return PaymentMandate.objects.filter(company=company).exclude(external_id="", sealed_iban="").exists()


def announced_frame(notices: "QuerySet[ChargeNotice]") -> pl.DataFrame:
    """Notices as they are looked at once more: schema `core.payments.automatic.ANNOUNCED`."""
    rows = notices.values_list("document_id", "origin", "announced_date", "amount_cents")
    return pl.DataFrame(list(rows), schema=ANNOUNCED, orient="row")


def charge_notices(*, company: Company, state: str = "") -> list[dict[str, Any]]:
    """What was announced, the next first: for people."""
    rows = ChargeNotice.objects.filter(company=company).select_related("customer", "document", "mandate")
    if state:
        rows = rows.filter(state=state)
    return [
        {
            "id": each.pk,
            "customer": each.customer.name,
            "document": each.document.number,
            "currency": each.currency,
            "amount_cents": each.amount_cents,
            "origin": each.origin,
            "announced_date": each.announced_date,
            "charge_date": each.charge_date,
            "state": each.state,
            "reason": each.reason,
            "mandate": each.mandate.reference,
        }
        for each in rows.order_by("charge_date", "pk")
    ]
