"""Changes what is known of a customer: identity, address, terms, how it would rather be reached."""

import re
from collections.abc import Mapping

import stdnum.eu.vat
import stdnum.fr.siren
import stdnum.fr.siret
from django.db import transaction

from encours.actions.journal import record
from encours.core.dunning.policy import CUSTOMER_CHANNELS
from encours.core.fields import field_name
from encours.core.parties import bank_name
from encours.core.problems import Problem
from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.wording import Wording
from encours.store.models import Company, Customer

FIELDS = (
    "name", "kind", "siren", "siret", "vat_number", "street", "postcode", "city", "country", "language", "segment",
    "sector", "salesperson", "payment_terms", "preferred_channel",
)  # fmt: skip
NO_NAME = Wording("customer.no_name", fr="Le client a besoin d’un nom.", en="The customer needs a name.")
BAD_IDENTIFIER = Wording(
    "customer.bad_identifier",
    fr="« {value} » n’est pas valable : la clé de contrôle ou la forme ne convient pas ({identifier}).",
    en='"{value}" is not valid: its check digit or its form is wrong ({identifier}).',
)
OTHER_SIREN = Wording(
    "customer.other_siren",
    fr="« {value} » n’est pas de ce SIREN, {siren} ({identifier}).",
    en='"{value}" does not belong to this SIREN, {siren} ({identifier}).',
)
BAD_TERMS = Wording(
    "customer.bad_terms",
    fr="Conditions « {terms} » non comprises. Exemples : 30 jours, 45 jours fin de mois, à réception.",
    en='Terms "{terms}" are not understood. Examples: 30 days, 45 days end of month, on receipt.',
)
CHANGED_MEANWHILE = Wording(
    "customer.changed_meanwhile",
    fr="Changé entre-temps par quelqu’un d’autre, qui a mis « {value} ». Enregistrez de nouveau pour mettre ce que vous avez écrit.",
    en='Changed meanwhile by somebody else, to "{value}". Save again to put what you wrote.',
)
_ELSEWHERE = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")  # other countries' numbers, as the import takes them
# another one of these is another address: a letter may reach it
_PLACE = frozenset({"street", "postcode", "city", "country"})
_COMPACT = ("siren", "siret", "vat_number")


class UnableToUpdateCustomer(Exception):
    """Nothing was changed; `problems` say which fields are wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def update_customer(
    *, company: Company, customer_id: int, seen: Mapping[str, str], details: Mapping[str, str], actor: str
) -> Mapping[str, tuple[str, str]]:
    """What changed, from what to what. `seen` and `details` have all of FIELDS: as they were shown, as they are to be.

    Only what differs from `seen` is written, so that two people may work on different fields; a field that
    somebody else changed since is refused. The journal keeps the changes. Raises `Customer.DoesNotExist` for
    another company's, `UnableToUpdateCustomer`.
    """
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    wanted = {name: _clean(name, details[name]) for name in FIELDS}
    wanted = {name: value for name, value in wanted.items() if value != seen[name]}
    before = {name: getattr(customer, name) for name in FIELDS}
    problems = _problems(before | wanted, set(wanted)) + tuple(
        Problem(CHANGED_MEANWHILE(value=before[name]), field=name)
        for name, value in wanted.items()
        if before[name] not in (seen[name], value)
    )
    if problems:
        raise UnableToUpdateCustomer(problems)
    changes = {name: (before[name], value) for name, value in wanted.items() if before[name] != value}
    if not changes:
        return {}
    for name, (_, value) in changes.items():
        setattr(customer, name, value)
    customer.search_name = bank_name(customer.name)[:200]
    if not _PLACE.isdisjoint(changes):
        customer.address_returned_at = None
    customer.save(update_fields=[*changes, "search_name", "address_returned_at"])
    record(
        company=company, actor=actor, action="customer.updated", subject_type="customer", subject_id=customer.pk,
        customer_id=customer.pk, data={"changes": {name: list(change) for name, change in changes.items()}},
    )  # fmt: skip
    return changes


def _clean(name: str, value: str) -> str:
    """As the import keeps it: identifiers without spaces and dots, terms in their notation."""
    value = value.strip()
    if name in _COMPACT:
        return re.sub(r"[\s.\-_/]", "", value).upper()
    if name == "payment_terms" and value:
        try:
            return read_terms(value).notation
        except UnableToReadTerms:
            return value
    return value.upper() if name == "country" else value


def _problems(customer: Mapping[str, str], changed: set[str]) -> tuple[Problem, ...]:
    """What is wrong with what was changed; what was wrong before and is left alone stays."""
    assert not customer["preferred_channel"] or customer["preferred_channel"] in CUSTOMER_CHANNELS
    assert customer["kind"] in Customer.Kind.values
    found = []
    if not customer["name"]:
        found.append(Problem(NO_NAME(), field="name"))
    siren = customer["siren"]
    for name, is_right, theirs in (
        ("siren", stdnum.fr.siren.is_valid, siren),
        ("siret", stdnum.fr.siret.is_valid, customer["siret"][:9]),
        ("vat_number", _is_vat_number, customer["vat_number"][4:]),
    ):
        value = customer[name]
        is_french = name != "vat_number" or value.startswith("FR")
        if not value or not {name, "siren"} & changed:
            continue
        if name in changed and not is_right(value):
            found.append(Problem(BAD_IDENTIFIER(value=value, identifier=field_name(name)), field=name))
        elif siren and is_french and theirs != siren:
            found.append(
                Problem(OTHER_SIREN(value=value, siren=siren, identifier=field_name(name)), field=name)
            )
    if "payment_terms" in changed and customer["payment_terms"]:
        try:
            read_terms(customer["payment_terms"])
        except UnableToReadTerms:
            found.append(Problem(BAD_TERMS(terms=customer["payment_terms"]), field="payment_terms"))
    return tuple(found)


def _is_vat_number(number: str) -> bool:
    if number[:2].lower() in stdnum.eu.vat.MEMBER_STATES or number.startswith("EL"):
        return stdnum.eu.vat.is_valid(number)
    return _ELSEWHERE.fullmatch(number) is not None
