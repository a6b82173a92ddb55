"""One bank account under several names is one account, and each of its lines counts once.

Lumen's account is FR76 3000 4000 0312 3456 7890 143: RIB 30004 00003 12345678901, key 43. MT940 calls it by the RIB, OFX by
its parts, CFONB and camt by the IBAN.
"""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encours.actions.import_file import receive_file, run_import
from encours.actions.import_statements import StatementsImported, import_statements
from encours.actions.match_by_hand import match_by_hand
from encours.actions.merge_accounts import AccountsMerged, UnableToMergeAccounts, merge_accounts
from encours.actions.set_aside import set_aside
from encours.actions.undo_match import undo_match
from encours.actions.update_accounting import update_accounting
from encours.core.bank_accounts import account_identifier
from encours.core.statements import Statement, Transaction, content_key
from encours.queries.accounting import accounts_of
from encours.queries.doctor import examine
from encours.store.models import (
    BankAccount,
    Company,
    CustomerBalance,
    ImportBatch,
    JournalEntry,
    Match,
    StoredFile,
)
from encours.store.models import Statement as StatementRow
from encours.store.models import Transaction as Row
from encours.store.tenancy import company_scope
from tests import cast

IBAN, RIB, NUMBER = "FR7630004000031234567890143", "30004000031234567890143", "12345678901"
DAY_1, DAY_2, DAY_3 = (date(2026, 3, day) for day in (1, 2, 3))
_numbers = count(1)


def line(cents: int, text: str = "", *, on: date = DAY_2, **details) -> Transaction:
    return Transaction(booked_date=on, amount_cents=cents, currency="EUR", remittance=text, **details)


def statement(
    account: str, *lines: Transaction, opening: int | None = 0, on: date = DAY_2, **details
) -> Statement:
    closing = None if opening is None else opening + sum(t.amount_cents for t in lines)
    return Statement(
        account=account_identifier(account), currency="EUR", transactions=tuple(replace(t) for t in lines),
        opening_cents=opening, closing_cents=closing, opening_date=None if opening is None else on - timedelta(days=1),
        closing_date=None if opening is None else on, **details,
    )  # fmt: skip


def bring(company: Company, *statements: Statement, kind: str) -> StatementsImported:
    number = next(_numbers)
    file = StoredFile.objects.create(company=company, sha256=f"{number:064d}", name="releve", size=1)
    batch = ImportBatch.objects.create(
        company=company, file=file, file_name=f"releve-{number}", kind=kind, imported_by="test"
    )
    return import_statements(company=company, batch=batch, statements=statements, actor="test")


def as_before(company: Company, name: str, *statements: Statement, kind: str) -> BankAccount:
    """An account that was told before names were understood."""
    bring(company, *(replace(each, account="TO RENAME") for each in statements), kind=kind)
    account = BankAccount.objects.get(identifier="TO RENAME")
    account.identifier = name
    account.save()
    for row in Row.objects.filter(account=account):
        told = line(row.amount_cents, row.remittance, on=row.booked_date)
        row.identity = f"{content_key(name, told)}.{row.identity.rpartition('.')[2]}"
        row.save()
    return account


def counted() -> list[tuple[int, str]]:
    rows = Row.objects.exclude(state="removed").order_by("amount_cents", "remittance")
    return list(rows.values_list("amount_cents", "remittance"))


def merge(company: Company, kept: BankAccount, other: BankAccount) -> AccountsMerged:
    return merge_accounts(company=company, kept_id=kept.pk, other_id=other.pk, actor="user:1")


def assert_sound(company: Company) -> None:
    # lines made here hold no file on disk
    assert [c.name for c in examine(company=company) if not c.ok and "file" not in c.name] == []


DUBOIS, MARTIN, FEE = line(10000, "VIR DUBOIS"), line(4000, "VIR MARTIN"), line(-500, "FRAIS")
DAY = (DUBOIS, MARTIN, FEE)


@pytest.mark.parametrize("written", [RIB, "30004/00003/12345678901/43", f"BNPAFRPP/{IBAN}", f"{RIB}EUR"])
def test_a_rib_and_its_iban_are_one_account(company, written):
    bring(company, statement(written, *DAY), kind="mt940")
    outcome = bring(company, statement(IBAN, *DAY), kind="cfonb120")
    assert (outcome.created, outcome.unchanged) == (0, 3)
    assert BankAccount.objects.get().identifier == IBAN


def test_an_account_of_a_database_made_before_is_called_by_its_iban_from_the_next_file_on(company):
    update_accounting(
        company=company, actor="test", values={"banks": {RIB: {"account": "512100", "journal": "B1"}}}
    )
    as_before(company, RIB, statement(RIB, *DAY), kind="mt940")
    outcome = bring(company, statement(RIB, *DAY, line(77, "NOUVEAU")), kind="mt940")
    assert (outcome.created, outcome.unchanged) == (1, 3)
    account = BankAccount.objects.get()
    assert (account.identifier, account.also_called) == (IBAN, [RIB])
    assert [*accounts_of(company=company).banks] == [IBAN]
    assert JournalEntry.objects.get(action="bank_account.renamed").data == {"account": IBAN, "before": RIB}
    # statements without balances are known by their words alone
    assert bring(company, statement(RIB, DUBOIS, opening=None), kind="csv").created == 0


def test_an_account_known_by_its_ofx_number_is_found_by_what_the_file_writes(company):
    ofx = statement(IBAN, *DAY, opening=None, written_account=NUMBER, bank="CIC")
    as_before(company, NUMBER, replace(ofx, written_account=""), kind="ofx")
    assert bring(company, ofx, kind="ofx").created == 0
    assert BankAccount.objects.get().identifier == IBAN
    # the same number at another bank is another account
    elsewhere = replace(ofx, account="FR7610096000701234567890195", bank="Banque du Nord")
    assert bring(company, replace(elsewhere), kind="ofx").created == 3
    assert BankAccount.objects.count() == 2


def test_two_accounts_that_prove_to_be_one_are_merged_by_the_next_file(company):
    bring(company, statement(IBAN, *DAY), kind="cfonb120")
    as_before(company, RIB, statement(RIB, *DAY), kind="mt940")
    assert len(counted()) == 6
    outcome = bring(
        company, statement(RIB, line(77, "NOUVEAU", on=DAY_3), opening=13500, on=DAY_3), kind="mt940"
    )
    assert outcome.created == 1
    assert counted() == [(-500, "FRAIS"), (77, "NOUVEAU"), (4000, "VIR MARTIN"), (10000, "VIR DUBOIS")]
    assert BankAccount.objects.get().also_called == [RIB]
    assert JournalEntry.objects.get(action="bank_account.merged").data["told_twice"] == 3


def test_monaco_s_iban_and_its_rib_are_one_account(company):
    monaco = next(
        f"MC{key:02d}{RIB}"
        for key in range(2, 99)
        if account_identifier(f"MC{key:02d} {RIB}") == f"MC{key:02d}{RIB}"
    )
    bring(company, statement(RIB, *DAY), kind="mt940")
    assert bring(company, statement(monaco, *DAY), kind="camt053").created == 0
    account = BankAccount.objects.get()
    assert {account.identifier, *account.also_called} == {IBAN, monaco}


# --- a person says that two accounts are one


def two_accounts(company: Company) -> tuple[BankAccount, BankAccount]:
    """The IBAN's, told by CFONB; and one that a table calls by a word, told in other words with one line more."""
    bring(company, statement(IBAN, *DAY), kind="cfonb120")
    told = (line(10000, "VIREMENT DE DUBOIS FACT 12"), line(4000, "VIREMENT DE MARTIN"), line(-500, "COM"),
            line(900, "VIREMENT NOEL", on=DAY_3))  # fmt: skip
    bring(company, statement("Compte courant", *told, opening=None), kind="csv")
    return BankAccount.objects.get(identifier=IBAN), BankAccount.objects.get(identifier="Compte courant")


def test_lines_that_both_tell_count_once_and_say_what_both_said(company):
    kept, other = two_accounts(company)
    assert merge(company, kept, other) == AccountsMerged(IBAN, moved=1, told_twice=3)
    assert counted() == [
        (-500, "COM | FRAIS") if (-500, "COM | FRAIS") in counted() else (-500, "FRAIS | COM"),
        (900, "VIREMENT NOEL"),
        (4000, "VIREMENT DE MARTIN | VIR MARTIN"),
        (10000, "VIREMENT DE DUBOIS FACT 12 | VIR DUBOIS"),
    ]
    assert set(Row.objects.values_list("account", flat=True)) == {kept.pk}
    assert set(StatementRow.objects.values_list("account", flat=True)) == {kept.pk}
    assert not BankAccount.objects.filter(pk=other.pk).exists()
    # and every file that comes again is known, under both names
    again = (line(10000, "VIREMENT DE DUBOIS FACT 12"), line(900, "VIREMENT NOEL", on=DAY_3))
    assert bring(company, statement("Compte courant", *again, opening=None), kind="csv").created == 0
    assert bring(company, statement(IBAN, *DAY), kind="cfonb120").created == 0
    assert_sound(company)


@pytest.mark.parametrize("matched_in", ["kept", "other"])
def test_what_is_matched_stays_matched(company, matched_in):
    kept, other = two_accounts(company)
    dubois = cast.good_payer(company)
    invoice = cast.invoice(company, dubois, "FACT-12", payable_cents=10000, issue_date=DAY_1)
    row = Row.objects.get(amount_cents=10000, account=kept if matched_in == "kept" else other)
    match_by_hand(company=company, transaction_id=row.pk, customer_id=dubois.pk, portions=[], actor="user:1")
    merge(company, kept, other)
    (left,) = Row.objects.filter(amount_cents=10000)
    assert (left.pk, left.state, left.account_id) == (row.pk, "matched", kept.pk)
    assert left.remittance == "VIREMENT DE DUBOIS FACT 12 | VIR DUBOIS"
    assert CustomerBalance.objects.get().unallocated_cents == 10000
    invoice.refresh_from_db()
    assert invoice.open_cents == 10000
    assert_sound(company)


def test_money_matched_in_both_is_a_person_s_to_take_back_first(company):
    kept, other = two_accounts(company)
    dubois = cast.good_payer(company)
    for row in Row.objects.filter(amount_cents=10000):
        match_by_hand(
            company=company, transaction_id=row.pk, customer_id=dubois.pk, portions=[], actor="user:1"
        )
    before = counted()
    with pytest.raises(UnableToMergeAccounts) as refused:
        merge(company, kept, other)
    assert refused.value.sentence.code == "bank_account.matched_twice"
    assert "100,00" in refused.value.sentence.say("fr")
    assert counted() == before
    undone = Match.objects.get(transaction__account=other)
    undo_match(company=company, match_id=undone.pk, on=DAY_3, actor="user:1")
    merge(company, kept, other)
    assert [cents for cents, _ in counted()] == [-500, 900, 4000, 10000]
    # its history stays with the line that no longer counts
    gone = Row.objects.get(pk=undone.transaction_id)
    assert gone.reason
    assert (gone.state, gone.reason["code"], gone.account_id) == (
        "removed",
        "bank_account.told_twice",
        kept.pk,
    )
    assert CustomerBalance.objects.get().unallocated_cents == 10000
    assert_sound(company)


def test_accounts_matched_in_both_stay_two_and_the_file_says_why(company):
    bring(company, statement(IBAN, DUBOIS), kind="cfonb120")
    as_before(company, RIB, statement(RIB, DUBOIS), kind="mt940")
    dubois = cast.good_payer(company)
    for row in Row.objects.all():
        match_by_hand(
            company=company, transaction_id=row.pk, customer_id=dubois.pk, portions=[], actor="user:1"
        )
    outcome = bring(company, statement(RIB, line(77, on=DAY_3), opening=10000, on=DAY_3), kind="mt940")
    assert [problem.code for problem in outcome.problems] == ["bank_account.matched_twice"]
    assert outcome.created == 1
    assert BankAccount.objects.count() == 2


def test_what_a_person_set_aside_stays_so(company):
    kept, other = two_accounts(company)
    row = Row.objects.get(account=other, amount_cents=4000)
    set_aside(company=company, transaction_id=row.pk, reason="caution", actor="user:1")
    merge(company, kept, other)
    (left,) = Row.objects.filter(amount_cents=4000)
    assert (left.pk, left.state) == (row.pk, "set_aside")


def test_equal_lines_of_one_account_are_not_taken_for_each_other(company):
    """The other account tells 100.00 twice, in two files; the kept one once, on a day it knows in part."""
    bring(company, statement(IBAN, DUBOIS, opening=None), kind="ofx")
    other_lines = [line(10000, "A"), line(10000, "B")]
    bring(company, statement("Compte", other_lines[0], opening=None), kind="csv")
    bring(company, statement("Compte", *other_lines, opening=None), kind="csv")
    kept, other = (BankAccount.objects.get(identifier=name) for name in (IBAN, "Compte"))
    merge(company, kept, other)
    assert [cents for cents, _ in counted()] == [10000, 10000]


def test_details_and_their_sum_in_two_accounts(company):
    batch = {"batch": "1", "batch_cents": "30000", "batch_reference": "B"}
    bring(company, statement(IBAN, line(30000, "REMISE", bank_reference="B")), kind="camt053")
    details = [line(cents, text, extra=batch) for cents, text in ((10000, "A"), (20000, "B"))]
    bring(company, statement("Compte", *details, opening=None), kind="camt054")
    kept, other = (BankAccount.objects.get(identifier=name) for name in (IBAN, "Compte"))
    merge(company, kept, other)
    assert counted() == [(10000, "A"), (20000, "B")]


def test_accounts_of_two_currencies_are_two(company):
    bring(company, statement(IBAN, DUBOIS), kind="cfonb120")
    dollars = replace(DUBOIS, currency="USD")
    bring(company, replace(statement("X", opening=None), transactions=(dollars,), currency="USD"), kind="csv")
    with pytest.raises(UnableToMergeAccounts) as refused:
        merge(company, *BankAccount.objects.order_by("currency"))
    assert refused.value.sentence.code == "bank_account.two_currencies"


def test_accounts_of_another_company_are_out_of_reach(company, other_company):
    bring(company, statement(IBAN, DUBOIS), kind="cfonb120")
    with company_scope(other_company.pk):
        bring(other_company, statement("X", DUBOIS), kind="csv")
        theirs = BankAccount.objects.get()
    with pytest.raises(UnableToMergeAccounts) as refused:
        merge(company, BankAccount.objects.get(), theirs)
    assert refused.value.sentence.code == "bank_account.unknown"


FAMILIES = {
    "cfonb120": lambda lines: statement(
        IBAN, *(replace(t, remittance=f"{t.remittance} SEPA") for t in lines)
    ),
    "camt053": lambda lines: statement(IBAN, *lines),
    "mt940": lambda lines: statement("30004/00003/12345678901", *(replace(t, remittance="") for t in lines)),
    "ofx": lambda lines: statement(IBAN, *lines, opening=None, written_account=NUMBER, bank="CIC"),
}
LINES = st.lists(
    st.builds(line, st.sampled_from([10000, 20000, -500]), st.sampled_from(["VIR A", "VIR B"])),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, order=st.permutations(list(FAMILIES)), again=st.sampled_from(list(FAMILIES)))
def test_any_order_of_the_families_gives_one_account_and_each_line_once(company, lines, order, again):
    savepoint = transaction.savepoint()
    stores = []
    for kinds in ([*order, again], sorted(order)):
        inner = transaction.savepoint()
        for kind in kinds:
            bring(company, FAMILIES[kind](lines), kind=kind)
        assert BankAccount.objects.get().identifier == IBAN
        assert [cents for cents, _ in counted()] == sorted(t.amount_cents for t in lines)
        stores.append(counted())
        transaction.savepoint_rollback(inner)
    assert stores[0] == stores[1]
    transaction.savepoint_rollback(savepoint)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.builds(line, st.sampled_from([10000, 20000]), st.sampled_from(["A", "B"])), max_size=5),
    ours=st.sets(st.integers(0, 4)),
    matched=st.sets(st.integers(0, 9)),
)
def test_merging_loses_no_line_and_doubles_none(company, lines, ours, matched):
    """One account tells all, the other some of it; people have worked on lines of either."""
    savepoint = transaction.savepoint()
    some = [t for place, t in enumerate(lines) if place in ours]
    bring(company, statement(IBAN, *lines), kind="cfonb120")
    bring(company, statement("Compte", *some, opening=None), kind="csv")
    dubois = cast.good_payer(company)
    for place, row in enumerate(Row.objects.order_by("pk")):
        if place in matched:
            match_by_hand(
                company=company, transaction_id=row.pk, customer_id=dubois.pk, portions=[], actor="user:1"
            )
    decided = set(Match.objects.values_list("transaction", flat=True))
    kept, other = (BankAccount.objects.get(identifier=name) for name in (IBAN, "Compte"))
    try:
        merge(company, kept, other)
    except UnableToMergeAccounts:
        assert len(decided) > 1
    else:
        assert [cents for cents, _ in counted()] == sorted(t.amount_cents for t in lines)
        assert decided <= set(Row.objects.filter(state="matched").values_list("pk", flat=True))
        assert_sound(company)
    transaction.savepoint_rollback(savepoint)


# --- the files themselves

OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102

<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>30004<BRANCHID>00003<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260302<DTEND>20260302
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302<TRNAMT>+100.00<FITID>F1<NAME>DUBOIS</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302<TRNAMT>+40.00<FITID>F2<NAME>MARTIN</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>140.00<DTASOF>20260302</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
MT940 = """:20:A
:25:30004/00003/12345678901/43
:28C:1
:60F:C260301EUR0,00
:61:2603020302C100,00NTRFNONREF//B1
:86:VIREMENT DUBOIS
:61:2603020302C40,00NTRFNONREF//B2
:86:VIREMENT MARTIN
:62F:C260302EUR140,00
"""
TABLE = """Compte n° 30004 00003 12345678901 43
Date;Libellé;Montant
02/03/2026;VIR DUBOIS;100,00
02/03/2026;VIR MARTIN;40,00
"""
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S1</Id>
<Acct><Id><Othr><Id>30004000031234567890143</Id></Othr></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">140.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">40.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


def write_all(folder: Path) -> dict[str, Path]:
    """The same day of the same account as four kinds of files tell it."""
    texts = {"a.ofx": OFX, "a.sta": MT940, "a.csv": TABLE, "a.xml": CAMT}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / name for name in texts}


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_files_of_every_family_tell_one_account(company, tmp_path, first):
    paths = list(write_all(tmp_path).values())
    for path in [*paths[first:], *paths[:first]]:
        batch = receive_file(company=company, source=path, actor="test")
        outcome = run_import(company=company, batch_id=batch.pk)
        assert outcome.refused == 0, outcome
    assert BankAccount.objects.get().identifier == IBAN
    assert sorted(Row.objects.values_list("amount_cents", flat=True)) == [4000, 10000]
    assert all(
        "DUBOIS" in text
        for text in Row.objects.filter(amount_cents=10000).values_list("remittance", flat=True)
    )
