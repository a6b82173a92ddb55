"""Which bank account of the books a file or a feed tells, under whatever name."""

from collections.abc import Iterable
from dataclasses import dataclass

from encours.actions.journal import record
from encours.actions.merge_accounts import UnableToMergeAccounts, merge_accounts, rename_books
from encours.core.bank_accounts import account_identifier, iban_of, is_iban, national_number
from encours.core.problems import Problem
from encours.store.models import BankAccount, Company


@dataclass(frozen=True)
class ToldAccount:
    """An account as a statement or a feed names it. `written` is what a file writes where its reader made an IBAN of it."""

    identifier: str
    currency: str
    bank: str = ""
    written: str = ""


def find_accounts(
    *, company: Company, told: Iterable[ToldAccount], actor: str
) -> tuple[dict[tuple[str, str], BankAccount], list[Problem]]:
    """Accounts by the identifier and currency they are told under; those never seen before are created. Under `lock_accounts`.

    One known by a RIB or by an OFX number is called by its IBAN from now on, and accounts that prove to be one are merged. The
    problems tell of those that cannot be merged before a person has undone a match.
    """
    known = list(BankAccount.objects.filter(company=company).order_by("pk"))
    found: dict[tuple[str, str], BankAccount] = {}
    problems: list[Problem] = []
    for each in told:
        if (each.identifier, each.currency) in found:
            continue
        same = [row for row in known if row.currency == each.currency and _is_same(row, each)]
        # the one that goes by its IBAN stays, else the oldest
        same.sort(key=lambda row: (not is_iban(row.identifier), row.pk))
        if not same:
            same = [_create(company, each)]
            known += same
        account, others = same[0], same[1:]
        for other in others:
            try:
                merge_accounts(company=company, kept_id=account.pk, other_id=other.pk, actor=actor)
            except UnableToMergeAccounts as error:
                problems.append(Problem(error.sentence, field="account", severity="warning"))
            else:
                known.remove(other)
                account.refresh_from_db()
        _name(company, account, each, actor)
        found[each.identifier, each.currency] = account
    return found, problems


def _is_same(row: BankAccount, told: ToldAccount) -> bool:
    names = {row.identifier, *row.also_called}
    wanted = _identifier(told)
    if wanted in names or _number(wanted) in {_number(name) for name in names}:
        return True
    # OFX once called an account by its number alone
    is_of_bank = not row.bank or not told.bank or row.bank == told.bank[:120]
    return bool(told.written) and told.written[:60] in names and is_of_bank


def _identifier(told: ToldAccount) -> str:
    return account_identifier(told.identifier)[:60]


def _number(name: str) -> str:
    return national_number(iban_of(name) or name)


def _create(company: Company, told: ToldAccount) -> BankAccount:
    return BankAccount.objects.create(
        company=company, identifier=_identifier(told), currency=told.currency, bank=told.bank[:120]
    )


def _name(company: Company, account: BankAccount, told: ToldAccount, actor: str) -> None:
    """An account that goes by its IBAN keeps it; the name told is kept beside it."""
    wanted = _identifier(told)
    if wanted in (account.identifier, *account.also_called):
        return
    if is_iban(wanted) and not is_iban(account.identifier):
        before, account.identifier = account.identifier, wanted
        account.also_called = [*account.also_called, before]
        rename_books(company=company, before=before, after=wanted)
        record(
            company=company, actor=actor, action="bank_account.renamed", subject_type="bank_account",
            subject_id=account.pk, data={"account": wanted, "before": before},
        )  # fmt: skip
    else:
        account.also_called = [*account.also_called, wanted]
    account.save(update_fields=["identifier", "also_called"])
