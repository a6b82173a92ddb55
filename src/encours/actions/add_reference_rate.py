"""Adds the rates of a half-year to the table, as the company found them published, with the source."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.money import Rate
from encours.core.problems import Problem
from encours.core.reference_rates import ECB_RATES, Half, half_name
from encours.core.wording import Wording
from encours.store.models import Company, ReferenceRate

# The ECB has never asked for more than 4.75 %; beyond this a decimal sign is missing.
HIGHEST_ECB, HIGHEST_LEGAL = 2_000, 3_000

IN_TABLE = Wording(
    "reference_rate.in_table",
    fr="Le taux du {half} est déjà dans la table du produit : {rate}",
    en="The rate of the {half} is in the product's table already: {rate}",
)
NO_SOURCE = Wording(
    "reference_rate.no_source",
    fr="Dites où le taux est publié : celui qui conteste la lettre voudra le vérifier",
    en="Say where the rate is published: whoever disputes the letter will want to check it",
)
NOT_A_HALF = Wording(
    "reference_rate.not_a_half",
    fr="Un semestre est 1 ou 2, d’une année de 2019 à 2100",
    en="A half-year is 1 or 2, of a year from 2019 to 2100",
)
TOO_HIGH = Wording(
    "reference_rate.too_high",
    fr="{rate} est trop haut pour ce taux : vérifiez la virgule",
    en="{rate} is too high for this rate: check the decimal sign",
)


class UnableToAddRate(Exception):
    """Nothing was added; `problems` say which fields are wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def add_reference_rate(
    *,
    company: Company,
    half: Half,
    ecb_basis_points: int,
    legal_basis_points: int | None,
    source: str,
    actor: str,
) -> ReferenceRate:
    """The rates of a half-year; given again they are corrected, and what was claimed under the former ones stays as it
    was claimed. Raises `UnableToAddRate`."""
    problems = _problems(half, ecb_basis_points, legal_basis_points, source)
    if problems:
        raise UnableToAddRate(problems)
    row, _ = ReferenceRate.objects.update_or_create(
        company=company,
        year=half[0],
        half=half[1],
        defaults={
            "ecb_basis_points": ecb_basis_points,
            "legal_basis_points": legal_basis_points,
            "source": source.strip(),
            "added_by": actor,
        },
    )
    record(
        company=company,
        actor=actor,
        action="reference_rate.added",
        subject_type="company",
        subject_id=company.pk,
        data={
            "half": f"{half[0]}-{half[1]}", "ecb_basis_points": ecb_basis_points,
            "legal_basis_points": legal_basis_points, "source": source.strip(),
        },
    )  # fmt: skip
    return row


def _problems(half: Half, ecb: int, legal: int | None, source: str) -> tuple[Problem, ...]:
    found = []
    if not (2019 <= half[0] <= 2100 and half[1] in (1, 2)):
        return (Problem(NOT_A_HALF(), field="half"),)
    if half in ECB_RATES:
        found.append(Problem(IN_TABLE(half=half_name(half), rate=Rate(ECB_RATES[half])), field="half"))
    if not 0 <= ecb <= HIGHEST_ECB:
        found.append(Problem(TOO_HIGH(rate=Rate(ecb)), field="ecb_basis_points"))
    if legal is not None and not 0 <= legal <= HIGHEST_LEGAL:
        found.append(Problem(TOO_HIGH(rate=Rate(legal)), field="legal_basis_points"))
    if not source.strip():
        found.append(Problem(NO_SOURCE(), field="source"))
    return tuple(found)
