"""Brings SEPA mandates signed on paper into the books: one that a person enters, or a file of them.

A mandate is known by its reference (RUM), which the customer and its bank know too. Given again as it is known, it is
unchanged; given otherwise it is refused: a change needs a new signature, or an amendment this program does not write.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import transaction

from encours.actions.journal import Event, record_all
from encours.actions.seal_mandate import account_of, seal_account
from encours.core.payments.direct_debits import GATEWAY, MandateGiven, last_day, wrong_with
from encours.core.payments.mandates import ACTIVE
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Customer, GatewayConnection, PaymentMandate
from encours.store.secrets import UnableToUnseal

NOT_CONNECTED = Wording(
    "direct_debit.not_connected",
    fr="Donnez d’abord l’identifiant créancier et le compte crédité (Réglages, Paiement en ligne, « Prélèvement SEPA par"
    " fichier »).",
    en='Give the creditor identifier and the account to be credited first (Settings, Online payment, "SEPA direct debit by'
    ' file").',
)
KNOWN_OTHERWISE = Wording(
    "direct_debit_mandate.known_otherwise",
    fr="Le mandat {reference} est déjà là, avec un autre client, un autre compte ou une autre date de signature.",
    en="Mandate {reference} is here already, with another customer, another account or another date of signature.",
)
GIVEN_TWICE = Wording(
    "direct_debit_mandate.given_twice",
    fr="Le mandat {reference} est donné deux fois.",
    en="Mandate {reference} is given twice.",
)
NO_CUSTOMER = Wording(
    "direct_debit_mandate.no_customer", fr="Ce client n’existe pas.", en="There is no such customer."
)
SIGNED_ON_PAPER = Wording(
    "direct_debit_mandate.signed_on_paper",
    fr="Mandat de prélèvement SEPA {reference}, signé le {date}",
    en="SEPA direct-debit mandate {reference}, signed on {date}",
)


class UnableToGiveMandates(Exception):
    """Nothing was kept; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class MandateEntry:
    """A mandate and whose it is; `line` is its place in a file."""

    customer_id: int
    given: MandateGiven
    line: int | None = None


@dataclass(frozen=True)
class MandatesGiven:
    """References of those that are in force now and were not, how many were known, and why others were not taken."""

    references: tuple[str, ...]
    unchanged: int
    problems: tuple[Problem, ...]


def connection_for_files(*, company: Company) -> GatewayConnection:
    """What stands for the company's own bank. Raises `UnableToGiveMandates` before it was set up."""
    found = GatewayConnection.objects.filter(company=company, provider=GATEWAY)
    connection = found.exclude(state=GatewayConnection.State.REVOKED).first()
    if connection is None:
        raise UnableToGiveMandates(NOT_CONNECTED())
    return connection


@transaction.atomic
def give_mandates(
    *, company: Company, entries: Sequence[MandateEntry], on: date, now: datetime, actor: str
) -> MandatesGiven:
    """Takes what is in order; what is not is told, with its field. Raises `UnableToGiveMandates`. Four queries for any number."""
    connection = connection_for_files(company=company)
    customers = Customer.objects.filter(company=company).in_bulk({each.customer_id for each in entries})
    known = _known(company, entries)
    fresh: list[PaymentMandate] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    unchanged = 0
    for entry in entries:
        customer, given = customers.get(entry.customer_id), entry.given
        key = given.reference.upper()
        wrong = [("customer", NO_CUSTOMER())] if customer is None else []
        if customer is not None:
            is_person = customer.kind == Customer.Kind.PERSON
            wrong = list(wrong_with(given, is_person=is_person, on=on))
        if not wrong and key in seen:
            wrong = [("reference", GIVEN_TWICE(reference=given.reference))]
        if not wrong and key in known:
            if _is_same(known[key], entry):
                unchanged += 1
                continue
            wrong = [("reference", KNOWN_OTHERWISE(reference=given.reference))]
        if wrong:
            problems += [Problem(sentence, line=entry.line, field=field) for field, sentence in wrong]
            continue
        seen |= {key} - {""}
        fresh.append(_mandate(company, connection, entry, now, actor))
    PaymentMandate.objects.bulk_create(fresh, batch_size=1_000)
    _tell(company, fresh, actor)
    return MandatesGiven(tuple(each.reference for each in fresh), unchanged, tuple(problems))


def _known(company: Company, entries: Sequence[MandateEntry]) -> dict[str, PaymentMandate]:
    """By reference in capitals: banks do not tell small letters from large ones."""
    wanted = {each.given.reference.upper() for each in entries} - {""}
    rows = PaymentMandate.objects.filter(company=company).exclude(sealed_iban="") if wanted else []
    return {each.reference.upper(): each for each in rows if each.reference.upper() in wanted}


def _is_same(known: PaymentMandate, entry: MandateEntry) -> bool:
    try:
        iban = account_of(known)
    except UnableToUnseal:
        return False
    signed = known.signed_at.date() if known.signed_at else None
    return (known.customer_id, iban, signed) == (entry.customer_id, entry.given.iban, entry.given.signed_date)


def _mandate(
    company: Company, connection: GatewayConnection, entry: MandateEntry, now: datetime, actor: str
) -> PaymentMandate:
    given = entry.given
    assert given.signed_date is not None, "checked before"
    reference = given.reference or f"EM{secrets.token_hex(8).upper()}"
    words = SIGNED_ON_PAPER(reference=reference, date=given.signed_date)
    mandate = PaymentMandate(
        company=company,
        customer_id=entry.customer_id,
        connection=connection,
        kind=given.kind,
        state=ACTIVE,
        reference=reference,
        pays_on_due_date=given.pays_on_due_date,
        pays_overdue=given.pays_overdue,
        max_cents=given.max_cents,
        holder_name=given.holder_name.strip()[:140],
        bic=given.bic,
        is_one_off=given.is_one_off,
        bank_confirmed_date=given.bank_confirmed_date,
        expires_date=last_day(given.signed_date, given.last_used_date),
        # noon: the same day in every time zone of France's part of the world
        signed_at=datetime.combine(given.signed_date, time(12), UTC),
        first_used_date=given.last_used_date,
        last_used_date=given.last_used_date,
        told_at=now,
        evidence={
            "words": words.as_json(), "said": words.say(company.language), "language": company.language, "actor": actor,
            "agreed_at": given.signed_date.isoformat(), "on_paper": True,
        },
    )  # fmt: skip
    seal_account(mandate, iban=given.iban)
    return mandate


def _tell(company: Company, mandates: Sequence[PaymentMandate], actor: str) -> None:
    events = [
        Event(
            each.pk,
            each.customer_id,
            {
                "reference": each.reference, "kind": each.kind, "last_digits": each.last_digits,
                "pays_on_due_date": each.pays_on_due_date, "pays_overdue": each.pays_overdue,
            },
        )
        for each in mandates
    ]  # fmt: skip
    if events:
        record_all(
            company=company, actor=actor, action="mandate.active", subject_type="mandate", events=events
        )
