"""Says who looks after which customers: by hand, by rules, and who stands in for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Max

from encours.actions.journal import record
from encours.core.parties import bank_name
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Customer, Membership, PortfolioCustomer, PortfolioRule

NOT_A_MEMBER = Wording(
    "portfolio.not_a_member",
    fr="Un portefeuille est à une personne de la société.",
    en="A portfolio is somebody's of the company.",
)
NO_CONDITION = Wording(
    "portfolio.no_condition",
    fr="Une règle dit au moins pour quels clients : un segment, un commercial, des lettres ou un montant.",
    en="A rule says for which customers at least: a segment, a salesperson, letters or an amount.",
)
UNKNOWN_CODES = Wording(
    "portfolio.unknown_codes", fr="Aucun client n’a le code {codes}.", en="No customer has the code {codes}."
)
BAD_LEAVE = Wording(
    "portfolio.bad_leave",
    fr="Une absence a un dernier jour, pas avant le premier, et quelqu’un d’autre prend le relais.",
    en="A leave has a last day, not before its first, and somebody else stands in.",
)

# The first rule that fits decides. The amount is what is owed in the company's currency, overdue or not.
_FITTING = """
SELECT DISTINCT ON (c.id) c.id AS customer_id, r.id AS rule_id, r.user_id
FROM store_customer c JOIN store_portfoliorule r ON r.company_id = c.company_id
LEFT JOIN (SELECT customer_id, sum(open_cents)::bigint AS cents FROM store_document
           WHERE company_id = %(company)s AND open_cents > 0 AND currency = %(currency)s GROUP BY 1) o
  ON o.customer_id = c.id
WHERE c.company_id = %(company)s AND (r.segment = '' OR r.segment = c.segment)
  AND (r.salesperson = '' OR r.salesperson = c.salesperson)
  AND (r.from_letters = '' OR c.search_name COLLATE "C" >= r.from_letters)
  AND (r.until_letters = '' OR left(c.search_name, length(r.until_letters)) COLLATE "C" <= r.until_letters)
  AND (r.min_owed_cents IS NULL OR coalesce(o.cents, 0) >= r.min_owed_cents)
ORDER BY c.id, r.position
"""
_FORGET = f"""
DELETE FROM store_portfoliocustomer p WHERE p.company_id = %(company)s AND p.rule_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM ({_FITTING}) f WHERE f.customer_id = p.customer_id)
"""
_ASSIGN = f"""
INSERT INTO store_portfoliocustomer AS p (company_id, customer_id, user_id, rule_id, assigned_by, created_at)
SELECT %(company)s, customer_id, user_id, rule_id, %(actor)s, now() FROM ({_FITTING}) f
ON CONFLICT (customer_id) DO UPDATE
SET user_id = excluded.user_id, rule_id = excluded.rule_id, assigned_by = excluded.assigned_by
WHERE p.rule_id IS NOT NULL AND (p.user_id, p.rule_id) IS DISTINCT FROM (excluded.user_id, excluded.rule_id)
"""


class UnableToAssign(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class WhichCustomers:
    """What a rule asks of a customer; empty fields ask for nothing. Letters are those a name begins with, both included."""

    segment: str = ""
    salesperson: str = ""
    from_letters: str = ""
    until_letters: str = ""
    min_owed_cents: int | None = None


@transaction.atomic
def assign_by_hand(*, company: Company, codes: Sequence[str], user_id: int | None, actor: str) -> int:
    """How many customers are now in this person's portfolio; without a person, in nobody's until a rule says so.

    No rule changes it any more. All of the codes or, with `UnableToAssign`, none.
    """
    if user_id is not None:
        _member(company, user_id)
    wanted = {code.strip() for code in codes if code.strip()}
    found = dict(Customer.objects.filter(company=company, code__in=wanted).values_list("code", "pk"))
    if len(found) < len(wanted):
        raise UnableToAssign(UNKNOWN_CODES(codes=", ".join(sorted(wanted - found.keys())[:5])))
    PortfolioCustomer.objects.filter(company=company, customer_id__in=found.values()).delete()
    if user_id is not None:
        PortfolioCustomer.objects.bulk_create(
            PortfolioCustomer(company=company, customer_id=pk, user_id=user_id, assigned_by=actor)
            for pk in sorted(found.values())
        )
    else:
        apply_rules(company=company, actor=actor)
    _tell(company, actor, "portfolio.assigned", {"user": user_id, "customers": len(found)})
    return len(found)


@transaction.atomic
def add_rule(*, company: Company, user_id: int, which: WhichCustomers, actor: str) -> PortfolioRule:
    """The rule, after those there are, applied at once. Raises `UnableToAssign`."""
    _member(company, user_id)
    if which == WhichCustomers():
        raise UnableToAssign(NO_CONDITION())
    last = PortfolioRule.objects.filter(company=company).aggregate(last=Max("position"))["last"]
    rule = PortfolioRule.objects.create(
        company=company,
        user_id=user_id,
        position=(last or 0) + 1,
        segment=which.segment.strip(),
        salesperson=which.salesperson.strip(),
        from_letters=bank_name(which.from_letters)[:10],
        until_letters=bank_name(which.until_letters)[:10],
        min_owed_cents=which.min_owed_cents,
    )
    apply_rules(company=company, actor=actor)
    _tell(company, actor, "portfolio.rule_added", {"rule": rule.pk, "user": user_id})
    return rule


@transaction.atomic
def remove_rule(*, company: Company, rule_id: int, actor: str) -> None:
    """The rule is gone, and what it assigned follows the others. Raises `PortfolioRule.DoesNotExist`."""
    PortfolioRule.objects.get(company=company, pk=rule_id).delete()
    apply_rules(company=company, actor=actor)
    _tell(company, actor, "portfolio.rule_removed", {"rule": rule_id})


@transaction.atomic
def apply_rules(*, company: Company, actor: str) -> None:
    """Portfolios as the rules say today; what was assigned by hand stays. Two statements, however many customers."""
    params = {"company": company.pk, "currency": company.currency, "actor": actor}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, params)
        cursor.execute(_ASSIGN, params)


@transaction.atomic
def set_leave(
    *, company: Company, user_id: int, from_date: date | None, until_date: date | None,
    replaced_by_id: int | None, actor: str,
) -> None:  # fmt: skip
    """Until a day (included) somebody else looks after a person's portfolio too. Without any of the three the person is back.

    Raises `UnableToAssign`.
    """
    membership = _member(company, user_id)
    if any((from_date, until_date, replaced_by_id)):
        if until_date is None or replaced_by_id in (None, user_id) or (from_date and from_date > until_date):
            raise UnableToAssign(BAD_LEAVE())
        assert replaced_by_id is not None
        _member(company, replaced_by_id)
    membership.away_from_date, membership.away_until_date = from_date, until_date
    membership.replaced_by_id = replaced_by_id
    membership.save(update_fields=["away_from_date", "away_until_date", "replaced_by"])
    told = {
        "user": user_id,
        "until": until_date.isoformat() if until_date else None,
        "replaced_by": replaced_by_id,
    }
    _tell(company, actor, "portfolio.leave", told)


def _member(company: Company, user_id: int) -> Membership:
    found = Membership.objects.filter(company=company, user_id=user_id).first()
    if found is None:
        raise UnableToAssign(NOT_A_MEMBER())
    return found


def _tell(company: Company, actor: str, action: str, data: dict[str, object]) -> None:
    record(
        company=company, actor=actor, action=action, subject_type="company", subject_id=company.pk, data=data
    )
