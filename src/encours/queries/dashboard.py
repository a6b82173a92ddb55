"""What the dashboard shows besides metrics and cash: today's work, and how fresh the bank is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Sum

from encours.queries.paging import COUNT_LIMIT
from encours.store.models import BankAccount, Company, Message, Transaction

# failures older than this no longer ask for attention on the dashboard
FAILED_DAYS = 14


@dataclass(frozen=True)
class Desk:
    """What waits for somebody. Counts, with the amounts asked for."""

    waiting_count: int
    waiting_cents: int
    approved_count: int
    approved_cents: int
    sent_today_count: int
    sent_today_cents: int
    unknown_count: int
    failed_count: int
    proposed_count: int  # bank lines with a proposal to confirm
    unmatched_count: int  # bank lines nobody has explained
    proposed_is_capped: bool
    unmatched_is_capped: bool

    @property
    def trouble_count(self) -> int:
        return self.unknown_count + self.failed_count


@dataclass(frozen=True)
class KnownAccount:
    """A bank account and the day up to which it is known; None when no statement says."""

    id: int
    name: str
    identifier: str
    bank: str
    currency: str
    known_until_date: date | None
    age_days: int | None
    is_too_old: bool

    @property
    def short_identifier(self) -> str:
        """`FR76 … 0143`: enough to recognise it."""
        compact = self.identifier.replace(" ", "")
        return f"{compact[:4]} … {compact[-4:]}" if len(compact) > 12 else compact


def desk(*, company: Company, on: date) -> Desk:
    """Today's work. Reads the open end of each list, never its history."""
    state = Message.State
    rows = Message.objects.filter(company=company)
    pending = {
        row["state"]: row
        for row in rows.filter(state__in=[state.WAITING, state.APPROVED, state.CLAIMED, state.UNKNOWN])
        .values("state")
        .annotate(count=Count("pk"), cents=Sum("amount_cents"))
    }
    recent = on - timedelta(days=FAILED_DAYS)
    done = {
        row["state"]: row
        for row in (
            rows.filter(state=state.SENT, planned_date__gte=recent, sent_date=on)
            | rows.filter(state=state.FAILED, planned_date__gte=recent)
        )
        .values("state")
        .annotate(count=Count("pk"), cents=Sum("amount_cents"))
    }
    proposed = _lines(company, Transaction.State.PROPOSED)
    unmatched = _lines(company, Transaction.State.NEW)

    def of(found: dict[str, dict[str, int]], *states: str) -> tuple[int, int]:
        held = [found[s] for s in states if s in found]
        return sum(row["count"] for row in held), sum(row["cents"] for row in held)

    waiting, approved = of(pending, state.WAITING), of(pending, state.APPROVED, state.CLAIMED)
    sent = of(done, state.SENT)
    return Desk(
        waiting_count=waiting[0],
        waiting_cents=waiting[1],
        approved_count=approved[0],
        approved_cents=approved[1],
        sent_today_count=sent[0],
        sent_today_cents=sent[1],
        unknown_count=of(pending, state.UNKNOWN)[0],
        failed_count=of(done, state.FAILED)[0],
        proposed_count=min(proposed, COUNT_LIMIT),
        unmatched_count=min(unmatched, COUNT_LIMIT),
        proposed_is_capped=proposed > COUNT_LIMIT,
        unmatched_is_capped=unmatched > COUNT_LIMIT,
    )


def known_accounts(*, company: Company, on: date) -> Sequence[KnownAccount]:
    """Every bank account with the age of its data, the stalest first."""
    accounts = BankAccount.objects.filter(company=company).annotate(until=Max("statements__known_until_date"))
    found = []
    for account in accounts:
        age = max(0, (on - account.until).days) if account.until else None
        found.append(
            KnownAccount(
                id=account.pk,
                name=account.name,
                identifier=account.identifier,
                bank=account.bank,
                currency=account.currency,
                known_until_date=account.until,
                age_days=age,
                is_too_old=age is None or age > company.bank_data_max_age_days,
            )
        )
    return sorted(found, key=lambda account: -1 if account.age_days is None else -account.age_days)


def _lines(company: Company, state: str) -> int:
    found = Transaction.objects.filter(company=company, state=state, amount_cents__gt=0)
    return found.order_by()[: COUNT_LIMIT + 1].count()
