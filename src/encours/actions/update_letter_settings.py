"""Changes in whose name letters are written, how long they leave, how interest is computed, and whether thanks are said."""

from datetime import date
from typing import Any

import stdnum.fr.siren
from django.db import transaction

from encours.actions.journal import record
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.queries.letter_settings import letter_settings
from encours.store.models import Company, LetterSettings

FIELDS = (
    "collector", "third_party_name", "third_party_siren", "third_party_street", "third_party_postcode",
    "third_party_city", "third_party_email", "third_party_phone", "mandate_date", "days_to_pay", "agreed_basis_points",
    "day_count", "imputation", "says_thanks", "thanks_min_cents",
)  # fmt: skip
SHORTEST, LONGEST = 8, 60
# beyond 100 % a year a decimal sign is missing
MAX_BASIS_POINTS = 10_000

MANDATE_NEEDS = Wording(
    "letter_settings.mandate_needs",
    fr="Un tiers qui recouvre dit qui il est et où il est : nom, adresse et date du mandat écrit (CPCE, art. R124-3 et R124-4).",
    en="A third party that collects says who and where it is: name, address and date of the written mandate (CPCE, art. R124-3 and R124-4).",
)
MANDATE_IN_FUTURE = Wording(
    "letter_settings.mandate_in_future",
    fr="Le mandat est daté du {date} : un tiers ne recouvre pas avant de l’avoir reçu.",
    en="The mandate is dated {date}: a third party does not collect before it has one.",
)
BAD_SIREN = Wording(
    "letter_settings.bad_siren",
    fr="{siren} n’est pas un SIREN : neuf chiffres dont le dernier est une clé de contrôle.",
    en="{siren} is no SIREN: nine digits, the last one a check digit.",
)
BAD_DAYS = Wording(
    "letter_settings.bad_days",
    fr="De {low} à {high} jours : moins n’est pas un délai raisonnable",
    en="From {low} to {high} days: less is no reasonable time",
)
BAD_RATE = Wording(
    "letter_settings.bad_rate", fr="Un taux annuel va de 0 à 100 %", en="A yearly rate is between 0 and 100%"
)


class UnableToUpdateLetterSettings(Exception):
    """Nothing was changed; `problems` say which fields are wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def update_letter_settings(*, company: Company, on: date, actor: str, **changed: Any) -> bool:
    """Saves the fields of `FIELDS` that are given; whether anything changed. What was computed and claimed stays.

    Raises `UnableToUpdateLetterSettings`.
    """
    assert changed.keys() <= set(FIELDS), f"not letter settings: {changed.keys() - set(FIELDS)}"
    changed = {key: value.strip() if isinstance(value, str) else value for key, value in changed.items()}
    if "third_party_siren" in changed:
        changed["third_party_siren"] = "".join(changed["third_party_siren"].split())
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    settings = letter_settings(company=company)
    before = {field: getattr(settings, field) for field in FIELDS}
    problems = _problems(before | changed, on)
    if problems:
        raise UnableToUpdateLetterSettings(problems)
    changes = {
        field: [_plain(before[field]), _plain(value)]
        for field, value in changed.items()
        if before[field] != value
    }
    if not changes:
        return False
    for field in changes:
        setattr(settings, field, changed[field])
    settings.save()
    record(
        company=company, actor=actor, action="letter_settings.updated", subject_type="company",
        subject_id=company.pk, data={"changes": changes},
    )  # fmt: skip
    return True


def _problems(given: dict[str, Any], on: date) -> tuple[Problem, ...]:
    found = []
    if given["collector"] == LetterSettings.Collector.THIRD_PARTY:
        needed = (
            "third_party_name",
            "third_party_street",
            "third_party_postcode",
            "third_party_city",
            "mandate_date",
        )
        found += [Problem(MANDATE_NEEDS(), field=field) for field in needed if not given[field]][:1]
        if given["mandate_date"] and given["mandate_date"] > on:
            found.append(Problem(MANDATE_IN_FUTURE(date=given["mandate_date"]), field="mandate_date"))
    siren = given["third_party_siren"]
    if siren and not stdnum.fr.siren.is_valid(siren):
        found.append(Problem(BAD_SIREN(siren=siren), field="third_party_siren"))
    if not SHORTEST <= given["days_to_pay"] <= LONGEST:
        found.append(Problem(BAD_DAYS(low=SHORTEST, high=LONGEST), field="days_to_pay"))
    rate = given["agreed_basis_points"]
    if rate is not None and not 0 <= rate <= MAX_BASIS_POINTS:
        found.append(Problem(BAD_RATE(), field="agreed_basis_points"))
    return tuple(found)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
