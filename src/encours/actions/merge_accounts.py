"""Two bank accounts of the books prove to be one: their lines are told apart from those told twice.

What was matched or decided stays. A line that both accounts tell is kept once: the one somebody has worked on, else that of
the account that stays; it says what both said.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import connection, transaction
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from encours.actions.account_books import account_books, frames_of
from encours.actions.complete_lines import complete_lines
from encours.actions.journal import record
from encours.core.deliveries import AccountBook, BookedLine
from encours.core.money import Money
from encours.core.statements import Statement
from encours.core.tellings import Telling
from encours.core.wording import Sentence, Wording
from encours.store.models import (
    AccountingSettings,
    BankAccount,
    Company,
    FeedAccount,
    FeedLine,
    Match,
)
from encours.store.models import Statement as StatementRow
from encours.store.models import Transaction as TransactionRow

NO_ACCOUNT = Wording(
    "bank_account.unknown",
    fr="Ce compte bancaire n'existe pas ou plus.",
    en="This bank account does not exist, or no longer.",
)
SAME_ACCOUNT = Wording(
    "bank_account.same",
    fr="C'est déjà le même compte : choisissez-en deux.",
    en="This is one account already: choose two.",
)
TWO_CURRENCIES = Wording(
    "bank_account.two_currencies",
    fr="{kept} est tenu en {kept_currency} et {other} en {other_currency} : ce sont deux comptes.",
    en="{kept} is kept in {kept_currency} and {other} in {other_currency}: these are two accounts.",
)
MATCHED_TWICE = Wording(
    "bank_account.matched_twice",
    fr="{other} et {kept} sont le même compte, mais {count} ligne(s) sont rapprochées dans les deux, dont {amount} du {date} :"
    " le même argent y est compté deux fois. Annulez l'un des deux rapprochements, puis fusionnez les comptes.",
    en="{other} and {kept} are one account, but {count} line(s) are matched in both, among them {amount} of {date}: the same"
    " money counts twice. Undo one of the two matches, then merge the accounts.",
)
TOLD_TWICE = Wording(
    "bank_account.told_twice",
    fr="Cette ligne était aussi sous {account}, qui est le même compte : elle ne compte qu'une fois.",
    en="This line stood under {account} too, which is the same account: it counts once.",
)


_LOCK_CLASS = 7004  # advisory lock: one import of statements, or merge of accounts, per company at a time


def lock_accounts(company: Company) -> None:
    """Whoever brings lines or merges accounts goes after the other. Held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])


class UnableToMergeAccounts(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class AccountsMerged:
    """`moved` lines belong to the account that stays, `told_twice` were there already."""

    identifier: str
    moved: int
    told_twice: int


@transaction.atomic
def merge_accounts(*, company: Company, kept_id: int, other_id: int, actor: str) -> AccountsMerged:
    """All that is the other account's is the kept one's, which answers to the other's names too.

    Raises `UnableToMergeAccounts`: an account is unknown, their currencies differ, or money is matched in both.
    """
    lock_accounts(company)
    kept, other = _accounts(company, kept_id, other_id)
    twins = _Twins(company, kept, other)
    twins.find()
    twins.refuse_matched_twice()
    retold = twins.keep_once()
    for table in (StatementRow, TransactionRow, FeedAccount):
        table.objects.filter(company=company, account=other).update(account=kept)
    names = (*kept.also_called, other.identifier, *other.also_called)
    kept.also_called = [name for name in dict.fromkeys(names) if name != kept.identifier]
    kept.bank, kept.name = kept.bank or other.bank, kept.name or other.name
    kept.save(update_fields=["also_called", "bank", "name"])
    _complete(company, kept, retold)
    rename_books(company=company, before=other.identifier, after=kept.identifier)
    other.delete()
    merged = AccountsMerged(kept.identifier, moved=twins.moved_count, told_twice=len(twins.gone))
    record(
        company=company, actor=actor, action="bank_account.merged", subject_type="bank_account", subject_id=kept.pk,
        data={"account": kept.identifier, "before": other.identifier, "moved": merged.moved,
              "told_twice": merged.told_twice},
    )  # fmt: skip
    return merged


def rename_books(*, company: Company, before: str, after: str) -> None:
    """The account and the journal that accounting gave a bank account follow it to its new name."""
    for settings in AccountingSettings.objects.select_for_update().filter(company=company):
        banks = settings.values.get("banks", {})
        if before in banks:
            books = banks.pop(before)
            banks.setdefault(after, books)
            settings.save(update_fields=["values"])


def _accounts(company: Company, kept_id: int, other_id: int) -> tuple[BankAccount, BankAccount]:
    rows = {
        row.pk: row
        for row in BankAccount.objects.select_for_update().filter(company=company, pk__in=[kept_id, other_id])
    }
    if kept_id not in rows or other_id not in rows:
        raise UnableToMergeAccounts(NO_ACCOUNT())
    if kept_id == other_id:
        raise UnableToMergeAccounts(SAME_ACCOUNT())
    kept, other = rows[kept_id], rows[other_id]
    if kept.currency != other.currency:
        raise UnableToMergeAccounts(
            TWO_CURRENCIES(
                kept=kept.identifier, kept_currency=kept.currency, other=other.identifier, other_currency=other.currency
            )
        )  # fmt: skip
    return kept, other


@dataclass
class _Twins:
    """Lines of the other account held against those of the kept one, statement by statement, as an import would."""

    company: Company
    kept: BankAccount
    other: BankAccount
    pairs: list[tuple[BookedLine, BookedLine]] = field(default_factory=list)
    """(of the kept account, of the other): the same line."""
    absorbed: list[BookedLine] = field(default_factory=list)
    """Lines of one account whose money the other tells as a sum, or as its details."""
    gone: list[BookedLine] = field(default_factory=list)
    moved_count: int = 0
    _ours: dict[int, BookedLine] = field(default_factory=dict)
    _states: dict[int, str] = field(default_factory=dict)

    def find(self) -> None:
        company, kept, other = self.company, self.kept, self.other
        both = TransactionRow.objects.filter(company=company, account__in=[kept, other])
        # nobody works on a line meanwhile; in the order in which reconciliation locks them
        list(both.select_for_update().order_by("pk").values_list("pk"))
        theirs = both.filter(account=other).exclude(state="removed")
        rows = list(theirs.order_by("pk").values_list("pk", "statement", "booked_date"))
        days = {day for *_, day in rows}
        books = account_books(
            company=company, accounts=[kept, other], days={kept.pk: days, other.pk: days},
            frames=frames_of(company=company, accounts=[kept.pk, other.pk]),
        )  # fmt: skip
        ours, lines = books[kept.pk], _by_row(books[other.pk])
        self._ours = _by_row(ours)
        ours.provisional.clear()  # nothing is withdrawn: what is missing may stand under another statement
        of_statement: dict[int, list[BookedLine]] = defaultdict(list)
        for row, statement, _ in rows:
            of_statement[statement].append(lines[row])
        told = StatementRow.objects.filter(company=company, pk__in=of_statement).select_related("batch")
        for statement in told.order_by("pk"):
            self._take(ours, statement, of_statement[statement.pk])
        concerned = [line.row for pair in self.pairs for line in pair] + [line.row for line in self.absorbed]
        known = TransactionRow.objects.filter(company=company, pk__in=concerned)
        self._states = dict(known.values_list("pk", "state"))

    def _take(self, ours: AccountBook, row: StatementRow, lines: list[BookedLine]) -> None:
        """Each line of the kept account answers to one of the other's, and lines of the other to none of their own."""
        told = [replace(line.said, line=None) for line in lines]
        line_of = dict(zip(map(id, told), lines, strict=True))
        feeds = {feed for line in lines for feed in line.feeds}
        is_feeds = len(feeds) == 1 and row.opening_cents is None
        taken = ours.take(
            Statement(
                account=self.kept.identifier, currency=self.kept.currency, transactions=tuple(told),
                opening_cents=row.opening_cents, closing_cents=row.closing_cents, opening_date=row.opening_date,
                closing_date=row.closing_date, reference=row.reference, provisional=lines[0].provisional,
            ),
            kind=row.batch.kind,
            feed=feeds.pop() if is_feeds else "",
        )  # fmt: skip
        for words, known in taken.recognised:
            self.pairs.append((known, line_of.pop(id(words))))
            ours.forget(known)
        for (words, _), booked in zip(taken.new, taken.booked, strict=True):
            line_of.pop(id(words))
            ours.forget(booked)
            self.moved_count += 1
        self.absorbed += [*line_of.values(), *(self._ours[each] for each in taken.replaced_rows)]
        confirmed = TransactionRow.objects.filter(company=self.company, pk__in=taken.confirmed_rows)
        confirmed.update(statement=row)

    def refuse_matched_twice(self) -> None:
        """Money of one line counted as two receipts is a person's to take back."""
        twice = [
            pair
            for pair in self.pairs
            if all(self._states[line.row] == "matched" for line in pair if line.row)
        ]
        twice += [(line, line) for line in self.absorbed if line.row and self._states[line.row] == "matched"]
        if twice:
            line = twice[0][0]
            raise UnableToMergeAccounts(
                MATCHED_TWICE(
                    kept=self.kept.identifier, other=self.other.identifier, count=len(twice),
                    amount=Money(line.amount_cents, self.kept.currency), date=line.booked_date,
                )
            )  # fmt: skip

    def keep_once(self) -> list[tuple[int, list[Telling]]]:
        """Of each pair the line that was worked on stays, the other leaves; what that one said, by the line that stays."""
        retold, follow = [], {}
        for ours, theirs in self.pairs:
            stays, leaves = (theirs, ours) if self._weight(theirs) > self._weight(ours) else (ours, theirs)
            assert stays.row is not None
            retold.append((stays.row, leaves.tellings or [Telling(leaves.said, leaves.is_final)]))
            follow[leaves.row] = stays.row
            self.gone.append(leaves)
        self.gone += self.absorbed
        self._let_go(follow)
        return retold

    def _weight(self, line: BookedLine) -> tuple[int, bool]:
        assert line.row is not None
        return ("new", "proposed", "set_aside", "matched").index(self._states[line.row]), line.settled

    def _let_go(self, follow: Mapping[int | None, int]) -> None:
        """Lines with a history stay with it and count nowhere; the others are deleted."""
        company, gone = self.company, [line.row for line in self.gone]
        feed_lines = list(FeedLine.objects.filter(company=company, transaction__in=gone))
        for each in feed_lines:
            each.transaction_id = follow.get(each.transaction_id)
        FeedLine.objects.bulk_update(feed_lines, ["transaction"], batch_size=200)
        Match.objects.filter(company=company, transaction__in=gone, state=Match.State.PROPOSED).delete()
        rows = TransactionRow.objects.filter(company=company, pk__in=gone)
        with_history = rows.filter(Q(matches__isnull=False) | Q(payments__isnull=False)).values_list(
            "pk", flat=True
        )
        kept_rows = set(with_history)
        rows.exclude(pk__in=kept_rows).delete()
        TransactionRow.objects.filter(company=company, pk__in=kept_rows).update(
            state="removed", reason=TOLD_TWICE(account=self.other.identifier).as_json(),
            identity=Concat(Value("removed."), Cast("pk", CharField())),
        )  # fmt: skip


def _by_row(book: AccountBook) -> dict[int, BookedLine]:
    return {line.row: line for group in book.by_amount.values() for line in group if line.row is not None}


def _complete(company: Company, account: BankAccount, retold: list[tuple[int, list[Telling]]]) -> None:
    """Lines that stayed say what both said."""
    told = dict(
        TransactionRow.objects.filter(company=company, pk__in=[row for row, _ in retold]).values_list(
            "pk", "booked_date"
        )
    )
    frames = frames_of(company=company, accounts=[account.pk])
    days = {account.pk: set(told.values())}
    book = account_books(company=company, accounts=[account], days=days, frames=frames)[account.pk]
    lines = _by_row(book)
    for row, tellings in retold:
        for telling in tellings:
            book.tell(lines[row], telling.words, is_final=telling.is_final)
    complete_lines(company=company, completed=list(book.completed()))
