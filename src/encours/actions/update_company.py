"""Changes a company's own details: identity, address, bank details on reminders, default terms."""

from typing import Any

import schwifty
import stdnum.eu.vat
import stdnum.fr.siren
from django.db import transaction

from encours.actions.journal import record
from encours.core.problems import Problem
from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.wording import Wording
from encours.store.models import Company

FIELDS = frozenset(
    [
        "name",
        "legal_form",
        "siren",
        "vat_number",
        "street",
        "postcode",
        "city",
        "country",
        "language",
        "time_zone",
        "email",
        "phone",
        "iban",
        "account_holder",
        "payment_terms",
        "bank_data_max_age_days",
        "promise_grace_days",
    ]
)
BAD_SIREN = Wording(
    "company_bad_siren",
    fr="{siren} n'est pas un SIREN : neuf chiffres dont le dernier est une clé de contrôle.",
    en="{siren} is no SIREN: nine digits, the last one a check digit.",
)
BAD_IBAN = Wording(
    "company_bad_iban",
    fr="Cet IBAN est mal recopié : sa clé de contrôle ne correspond pas.",
    en="This IBAN is mistyped: its check digits do not match.",
)
BAD_VAT_NUMBER = Wording(
    "company_bad_vat_number",
    fr="{number} n'est pas un numéro de TVA intracommunautaire.",
    en="{number} is no EU VAT number.",
)
BAD_TERMS = Wording(
    "company_bad_terms",
    fr="Conditions « {terms} » non comprises. Exemples : 30 jours, 45 jours fin de mois, à réception.",
    en='Terms "{terms}" are not understood. Examples: 30 days, 45 days end of month, on receipt.',
)
NO_NAME = Wording("company_no_name", fr="La société a besoin d'un nom.", en="The company needs a name.")
NO_HOLDER = Wording(
    "company_no_account_holder",
    fr="Indiquez le titulaire du compte : la banque du payeur compare ce nom à l'IBAN.",
    en="Give the account holder: the payer's bank compares this name with the IBAN.",
)


class UnableToUpdateCompany(Exception):
    """Nothing was changed; `problems` say which fields are wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def update_company(*, company: Company, actor: str, **details: Any) -> bool:
    """Saves the fields of `FIELDS` that are given; whether anything changed. Raises `UnableToUpdateCompany`.

    The journal keeps which fields changed, from what to what (an IBAN by its last four characters).
    """
    assert details.keys() <= FIELDS, f"not fields of a company: {details.keys() - FIELDS}"
    details = {key: value.strip() if isinstance(value, str) else value for key, value in details.items()}
    for compact in ("siren", "iban", "vat_number"):
        if compact in details:
            details[compact] = "".join(details[compact].split()).upper()
    locked = Company.objects.select_for_update().get(pk=company.pk)
    problems = _problems({field: getattr(locked, field) for field in FIELDS} | details)
    if problems:
        raise UnableToUpdateCompany(problems)
    changes = {
        field: [_told(field, getattr(locked, field)), _told(field, value)]
        for field, value in details.items()
        if getattr(locked, field) != value
    }
    if not changes:
        return False
    for field, value in details.items():
        setattr(locked, field, value)
        setattr(company, field, value)
    locked.save(update_fields=list(changes))
    record(
        company=company, actor=actor, action="company.updated", subject_type="company",
        subject_id=company.pk, data={"changes": changes},
    )  # fmt: skip
    return True


def _problems(details: dict[str, Any]) -> tuple[Problem, ...]:
    found = []
    if not details["name"]:
        found.append(Problem(NO_NAME(), field="name"))
    if details["siren"] and not stdnum.fr.siren.is_valid(details["siren"]):
        found.append(Problem(BAD_SIREN(siren=details["siren"]), field="siren"))
    if details["vat_number"] and not stdnum.eu.vat.is_valid(details["vat_number"]):
        found.append(Problem(BAD_VAT_NUMBER(number=details["vat_number"]), field="vat_number"))
    if details["iban"] and not schwifty.IBAN(details["iban"], allow_invalid=True).is_valid:
        found.append(Problem(BAD_IBAN(), field="iban"))
    if details["iban"] and not details["account_holder"]:
        found.append(Problem(NO_HOLDER(), field="account_holder"))
    try:
        read_terms(details["payment_terms"])
    except UnableToReadTerms:
        found.append(Problem(BAD_TERMS(terms=details["payment_terms"]), field="payment_terms"))
    return tuple(found)


def _told(field: str, value: Any) -> Any:
    return f"…{value[-4:]}" if field == "iban" and value else value
