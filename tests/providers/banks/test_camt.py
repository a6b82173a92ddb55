"""camt.052, camt.053 and camt.054: every real file, what hostile and damaged ones get, parse of write is identity."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encours.core.matching.return_ties import original_cents
from encours.core.statements import Statement, Transaction, accepted
from encours.providers.banks.camt import CamtFeed
from tests.providers.banks.reading import file_at, read_bytes, refusal, summary
from tests.providers.banks.written import IBAN, camt

FEED = CamtFeed()

# Worked out by reading each file: account, currency, lines, credits, debits, opening, closing; codes of problems.
# The closing balances of the 053 files below are in SEK on an account in EUR: they prove nothing and are left out.
NL, CH = "NL26VAYB8060476890", "CH2801234000123456789"
REAL_FILES = {
    "camt052.v2.xml": ("camt052", [(CH, "SEK", 1, 0, 20000000, None, None)], set()),
    "camt052.v8.xml": ("camt052", [(CH, "SEK", 1, 0, 20000000, None, None)], set()),
    # 18.150 + 8.850 = 27.000, and the file says 27.050
    "camt053.v2.five.decimals.xml": (
        "camt053",
        [(NL, "EUR", 1, 885, 0, 1815, 2705)],
        {"statement_does_not_add_up"},
    ),
    "camt053.v2.minimal.ultimate.xml": (
        "camt053",
        [(NL, "EUR", 1, 885, 0, 1815, None)],
        {"balance_in_another_currency"},
    ),
    # 18.15 + 8.85 = 27.00; 27.00 - 7.00 = 20.00
    "camt053.v2.multi.statement.xml": ("camt053", [(NL, "EUR", 2, 885, 700, 1815, 2000)], set()),
    "camt053.v2.with-party-ids.xml": (
        "camt053",
        [(NL, "EUR", 1, 885, 0, 1815, None)],
        {"balance_in_another_currency"},
    ),
    "camt053.v4.xml": ("camt053", [(NL, "EUR", 1, 885, 0, 1815, None)], {"balance_in_another_currency"}),
    "camt053.v8.xml": ("camt053", [(NL, "EUR", 1, 885, 0, 1815, None)], {"balance_in_another_currency"}),
    # three details without amounts, and three of 9.50 CHF together: the entry stays one line
    "camt054.v2.xml": ("camt054", [(CH, "SEK", 1, 0, 20000000, None, None)], set()),
    "camt054.v8.xml": ("camt054", [(CH, "SEK", 1, 0, 20000000, None, None)], set()),
    "camt53.only-Dt-with-DtTm.xml": (
        "camt053",
        [("GB33BUKB20201555555555", "RON", 0, 0, 0, 544209, None)],
        set(),
    ),
    # 100 - 53 is not 100, but a report of a day under way is not held to its balances
    "test-camt-ruecklastschrift.xml": (
        "camt052",
        [("DE1234567890", "EUR", 1, 0, 5300, 10000, 10000)],
        set(),
    ),
    "camt053.v2.wrong.xml": ("camt053", None, {"camt_without_statement"}),
}


def test_every_real_file_has_its_row(shared_data):
    assert {path.name for path in (shared_data / "bank" / "camt").iterdir()} == set(REAL_FILES)


@pytest.mark.parametrize("name", REAL_FILES)
def test_a_real_file(shared_data, name):
    kind, accounts, codes = REAL_FILES[name]
    path = shared_data / "bank" / "camt" / name
    assert FEED.identify(file_at(path)) == kind
    if accounts is None:
        assert {refusal(FEED, path.read_bytes(), Path("/tmp")).code} == codes  # noqa: S108
        return
    assert summary(FEED.read(file_at(path), read_context())) == (accounts, codes)


def read_context():
    from encours.ports.files import ReadContext

    return ReadContext()


def only_line(shared_data: Path, name: str) -> Transaction:
    read = FEED.read(file_at(shared_data / "bank" / "camt" / name), read_context())
    (statement,) = read.statements
    (line,) = statement.transactions
    return line


def test_what_an_entry_says_is_kept(shared_data):
    line = only_line(shared_data, "camt053.v8.xml")
    assert (line.booked_date, line.value_date) == (date(2014, 12, 31), date(2015, 1, 2))
    assert line.bank_reference == "AAAASESS-FP-CN_98765/01"
    assert line.end_to_end_id == "MUELL/FINP/RA12345"
    assert line.structured_reference == "4654654654654654"
    assert (line.counterparty_name, line.counterparty_iban) == ("NAME NAME", "NL56AGDH9619008421")
    assert line.operation_code == "PMNT-RCDT-BOOK"
    assert line.line == 110


def test_a_returned_direct_debit_names_the_debtor_who_did_not_pay(shared_data):
    line = only_line(shared_data, "test-camt-ruecklastschrift.xml")
    assert (line.amount_cents, line.return_reason, line.is_return) == (-5300, "MS03", True)
    assert (line.counterparty_name, line.mandate_id) == ("Sven Schuldner", "TEST1234")
    assert line.bank_reference == ""  # NONREF is the absence of one


def test_details_without_amounts_lend_their_texts_to_the_entry(shared_data):
    line = only_line(shared_data, "camt054.v2.xml")
    assert line.end_to_end_id == "MUELL/FINP/RA12345"
    for reference in ("ISR ref number V1", "ISR ref number V2", "Ref number V3 block 2"):
        assert reference in line.remittance


def entry(inside: str, *, amount: str = '<Amt Ccy="EUR">30.00</Amt>', sts: str = "<Sts>BOOK</Sts>") -> str:
    return (
        f"<Ntry>{amount}<CdtDbtInd>CRDT</CdtDbtInd>{sts}<BookgDt><Dt>2026-03-02</Dt></BookgDt>{inside}</Ntry>"
    )


def message(
    entries: str, *, head: str = "", account: str = f"<Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>"
) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<Document><BkToCstmrStmt>\n<Stmt><Id>S1</Id>{account}\n'
        f"{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def lines_of(content: bytes, tmp_path: Path) -> list[Transaction]:
    return [t for s in read_bytes(FEED, content, tmp_path).statements for t in s.transactions]


def test_details_that_add_up_are_lines_of_their_own(tmp_path):
    details = "".join(
        f"<TxDtls><Refs><EndToEndId>E{n}</EndToEndId><TxId>T{n}</TxId><UETR>u-{n}</UETR></Refs>"
        f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls></TxDtls>'
        for n, amount in ((1, "10.00"), (2, "20.00"))
    )
    first, second = lines_of(
        message(entry(f"<AcctSvcrRef>X</AcctSvcrRef><NtryDtls>{details}</NtryDtls>")), tmp_path
    )
    assert (first.amount_cents, first.end_to_end_id, first.bank_reference) == (1000, "E1", "T1")
    assert (second.amount_cents, second.end_to_end_id, second.bank_reference) == (2000, "E2", "T2")
    assert second.extra["uetr"] == "u-2"
    assert first.extra["batch"] == second.extra["batch"]
    assert second.extra["batch_cents"] == "3000"


@pytest.mark.parametrize("amounts", [("10.00", "19.99"), ("10.00", None)])
def test_details_that_do_not_add_up_leave_the_entry_whole(tmp_path, amounts):
    details = "".join(
        "<TxDtls>" + (f'<Amt Ccy="EUR">{amount}</Amt>' if amount else "") + "</TxDtls>" for amount in amounts
    )
    (line,) = lines_of(message(entry(f"<NtryDtls>{details}</NtryDtls>")), tmp_path)
    assert line.amount_cents == 3000


def test_a_batch_of_credits_and_debits_keeps_each_sign(tmp_path):
    details = (
        '<TxDtls><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>'
        '<TxDtls><Amt Ccy="EUR">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>'
    )
    found = lines_of(message(entry(f"<NtryDtls>{details}</NtryDtls>")), tmp_path)
    assert [line.amount_cents for line in found] == [5000, -2000]


def test_only_booked_entries_are_taken_and_the_others_counted(tmp_path):
    entries = entry("") + entry("", sts="<Sts>PDNG</Sts>") + entry("", sts="<Sts><Cd>INFO</Cd></Sts>")
    read = read_bytes(FEED, message(entries), tmp_path)
    assert len(read.statements[0].transactions) == 1
    (warning,) = read.problems
    assert (warning.code, warning.severity) == ("entries_not_booked", "warning")
    assert warning.sentence.params["count"] == 2


def test_a_reversal_keeps_the_direction_of_the_entry(tmp_path):
    (line,) = lines_of(message(entry("<RvslInd>true</RvslInd>")), tmp_path)
    assert (line.amount_cents, line.is_return) == (3000, True)


def test_a_return_keeps_what_ties_it_to_the_payment_that_came_back(tmp_path):
    details = (
        "<NtryDtls><TxDtls><Refs><EndToEndId>E2E-77</EndToEndId><TxId>TX-0001</TxId></Refs>"
        '<AmtDtls><InstdAmt><Amt Ccy="EUR">28.5</Amt></InstdAmt></AmtDtls>'
        "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"
    )
    (line,) = lines_of(message(entry(details)), tmp_path)
    assert (line.return_reason, line.end_to_end_id) == ("AM04", "E2E-77")
    assert (line.extra["original_amount"], line.extra["transaction_id"]) == ("EUR 28.50", "TX-0001")
    assert original_cents(written=line.extra["original_amount"], currency="EUR") == 2_850


@pytest.mark.parametrize(
    "written", ["2026-03-31T23:59:59-08:00", "2026-03-31T00:30:00+02:00", "2026-03-31T00:00:00.000000000"]
)
def test_the_booking_date_is_the_day_as_the_bank_wrote_it(tmp_path, written):
    content = message(entry("")).replace(b"<Dt>2026-03-02</Dt>", f"<DtTm>{written}</DtTm>".encode())
    (line,) = lines_of(content, tmp_path)
    assert line.booked_date == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ('<Amt Ccy="EUR">30.005</Amt>', "amount"),
        ('<Amt Ccy="EUR">1e3</Amt>', "amount"),
        ('<Amt Ccy="EUR">-3.00</Amt>', "amount"),
        ("<Amt>30.00</Amt>", "currency"),
        ("", "amount"),
    ],
)
def test_an_unreadable_entry_is_refused_alone_with_its_line(tmp_path, broken, field):
    read = read_bytes(FEED, message("\n" + entry("", amount=broken) + "\n" + entry("")), tmp_path)
    (problem,) = read.problems
    assert (problem.line, problem.field, problem.severity) == (5, field, "error")
    assert problem.code == {"": "camt_entry_incomplete"}.get(broken, problem.code)
    assert "CdtDbtInd=CRDT" in problem.raw
    assert [t.amount_cents for t in read.statements[0].transactions] == [3000]


def test_an_entry_without_any_date_is_refused(tmp_path):
    content = message(entry("")).replace(b"<BookgDt><Dt>2026-03-02</Dt></BookgDt>", b"")
    (problem,) = read_bytes(FEED, content, tmp_path).problems
    assert problem.field == "booked_date"


def test_amounts_follow_the_digits_of_their_currency(tmp_path):
    yen, dinar = '<Amt Ccy="JPY">2700.00000</Amt>', '<Amt Ccy="TND">1.234</Amt>'
    read = read_bytes(FEED, message(entry("", amount=yen) + entry("", amount=dinar)), tmp_path)
    assert [(s.currency, s.credit_cents) for s in read.statements] == [("JPY", 2700), ("TND", 1234)]


def test_a_line_in_another_currency_than_its_account_is_refused_alone(tmp_path):
    account = f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    dollars = '<Amt Ccy="USD">30.00</Amt>'
    read = read_bytes(FEED, message(entry("") + "\n" + entry("", amount=dollars), account=account), tmp_path)
    kept, problems = accepted(read.statements)
    assert [t.currency for t in kept[0].transactions] == ["EUR"]
    assert [(p.code, p.line) for p in problems] == [("currency_not_of_account", 5)]


def test_a_statement_without_an_account_is_refused_and_the_others_stay(tmp_path):
    content = message(entry(""), account="").replace(
        b"</Stmt>",
        f"</Stmt>\n<Stmt><Id>S2</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>{entry('')}</Stmt>".encode(),
    )
    read = read_bytes(FEED, content, tmp_path)
    assert [s.reference for s in read.statements] == ["S2"]
    assert [(p.code, p.line) for p in read.problems] == [("camt_without_account", 3)]


BOMB = "<!DOCTYPE lolz [<!ENTITY l0 'lol'>" + "".join(
    f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)
) + "]>\n"  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty_file", None),
        (message(entry(""), head='<!DOCTYPE Document SYSTEM "file:///etc/passwd">\n'), "xml_dtd_refused", 1),
        (message(entry("<AddtlNtryInf>&l9;</AddtlNtryInf>"), head=BOMB), "xml_dtd_refused", 1),
        (
            message(entry(""), head=BOMB).replace(b"<Document>", b'<Document a="&l9;">'),
            "xml_dtd_refused",
            None,
        ),
        (message(entry(""))[:-60], "xml_not_well_formed", 4),
        (message(entry("<AddtlNtryInf>&nbsp;</AddtlNtryInf>")), "xml_not_well_formed", None),
        (
            message(entry("<AddtlNtryInf>é</AddtlNtryInf>")).decode().encode("latin-1"),
            "xml_wrong_encoding",
            4,
        ),
        (b"<html><body>503</body></html>", "not_camt", None),
        (b"Date;Montant\n02/03/2026;12,00\n", "xml_not_well_formed", 1),
        (message("<Ntry>" + "<a>" * 5000 + "</a>" * 5000 + "</Ntry>"), "xml_limits_exceeded", None),
    ],
)
def test_hostile_and_damaged_files_are_refused_whole_with_their_reason(tmp_path, content, code, line):
    problem = refusal(FEED, content, tmp_path)
    assert problem.code == code
    if line is not None:
        assert problem.line == line
    assert problem.sentence.say("fr") != problem.sentence.say("en")


def test_an_external_entity_is_never_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    head = f'<!DOCTYPE Document [<!ENTITY x SYSTEM "file://{secret}">]>\n'
    assert (
        refusal(FEED, message(entry("<AddtlNtryInf>&x;</AddtlNtryInf>"), head=head), tmp_path).code
        == "xml_dtd_refused"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-15"])
def test_other_encodings_are_read_when_the_file_says_so(tmp_path, encoding):
    text = message(entry("<AddtlNtryInf>reçu 5 €</AddtlNtryInf>")).decode()
    declared = "UTF-16" if encoding.startswith("utf-16") else encoding
    content = text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)
    path = tmp_path / "statement.xml"
    path.write_bytes(content)
    assert FEED.identify(file_at(path)) == "camt053"
    (line,) = lines_of(content, tmp_path)
    assert line.remittance == "reçu 5 €"


def test_a_statement_inside_a_statement_counts_nothing_twice(tmp_path):
    content = message(entry("") + f"<Stmt>{entry('')}</Stmt>")
    assert [line.amount_cents for line in lines_of(content, tmp_path)] == [3000]


def test_comments_and_prefixes_change_nothing(tmp_path):
    content = message(entry("<AddtlNtryInf>FAC<!-- x -->TURE</AddtlNtryInf>")).decode()
    prefixed = content.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?").replace("<c:!", "<!")
    prefixed = prefixed.replace("<c:Document>", '<c:Document xmlns:c="urn:x:camt.053.001.13">')
    assert [line.remittance for line in lines_of(prefixed.encode(), tmp_path)] == ["FACTURE"]


texts = st.text(
    alphabet=st.characters(codec="latin-1", exclude_categories=("Cc", "Zs", "Cf"), exclude_characters="\x85"),
    max_size=20,
)
lines = st.builds(
    Transaction,
    booked_date=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    value_date=st.none() | st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    amount_cents=st.integers(-(10**9), 10**9),
    currency=st.just("EUR"),
    bank_reference=st.from_regex(r"[A-Z0-9]{0,16}", fullmatch=True).filter(
        lambda t: t not in ("NONE", "NOREF")
    ),
    end_to_end_id=st.from_regex(r"E[0-9]{0,10}", fullmatch=True) | st.just(""),
    mandate_id=st.from_regex(r"M[0-9]{1,10}", fullmatch=True) | st.just(""),
    structured_reference=st.from_regex(r"RF[0-9]{5}", fullmatch=True) | st.just(""),
    remittance=texts,
    counterparty_name=texts,
    counterparty_iban=st.just("FR7630006000011234567890189") | st.just(""),
    operation_code=st.sampled_from(["", "544", "Z24"]),
)


def statement_of(transactions: list[Transaction], opening: int) -> Statement:
    return Statement(
        account=IBAN, currency="EUR", transactions=tuple(transactions), opening_cents=opening,
        closing_cents=opening + sum(t.amount_cents for t in transactions), opening_date=date(2026, 1, 1),
        closing_date=date(2026, 1, 31), reference="S1",
    )  # fmt: skip


def plain(t: Transaction) -> tuple[object, ...]:
    return (
        t.booked_date, t.value_date, t.amount_cents, t.currency, t.bank_reference, t.end_to_end_id, t.mandate_id,
        t.structured_reference, t.remittance, t.counterparty_name, t.counterparty_iban, t.operation_code,
    )  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(lines, max_size=6), st.integers(-(10**9), 10**9), st.sampled_from([None, 2, 3, 4, 6, 7, 8, 13]),
    st.sampled_from(["camt052", "camt053", "camt054"]),
)  # fmt: skip
def test_what_is_written_is_what_is_read(tmp_path, transactions, opening, version, kind):
    written = statement_of(transactions, opening)
    (read,) = read_bytes(FEED, camt([written], kind=kind, version=version), tmp_path).statements
    assert [plain(t) for t in read.transactions] == [plain(t) for t in transactions]
    assert (read.account, read.currency, read.reference) == (IBAN, "EUR", "S1")
    assert (read.opening_cents, read.closing_cents) == (written.opening_cents, written.closing_cents)
    assert (read.opening_date, read.closing_date) == (written.opening_date, written.closing_date)
