"""CFONB 120: every real file, records damaged in every usual way, parse of write is identity."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schwifty import IBAN as SCHWIFTY_IBAN

from encours.core.statements import Statement, Transaction, accepted, account_totals
from encours.ports.files import ReadContext
from encours.providers.banks.cfonb120 import Cfonb120Feed
from tests.providers.banks.reading import file_at, read_bytes, refusal, summary
from tests.providers.banks.written import IBAN, cfonb, cfonb_record

FEED = Cfonb120Feed()

# Worked out by reading each file: account, currency, lines, credits, debits, opening, closing; codes of problems.
CM_1, CM_2 = "FR7610278022040001234560307", "FR7610278022040002042760330"
BP, CE = "FR7615589000009876543210088", "FR7618706000000012345678954"
TWO_ACCOUNTS = [
    # 16,695.65 - 22.79 = 16,672.86
    (CM_1, "EUR", 1, 0, 2279, 1669565, 1667286),
    # 16,672.86 - 20.11 - 5,000.00 = 11,652.75; - 117.75 = 11,535.00; - 50.25 = 11,484.75; then, after a hole of
    # nine days, 584,353.02 without a movement
    (CM_2, "EUR", 4, 0, 2011 + 500000 + 11775 + 5025, 1667286, 58435302),
]
REAL_FILES = {
    "complex-test.txt": (TWO_ACCOUNTS, {"statement_balance_gap"}),
    "non-strict-test.txt": (TWO_ACCOUNTS, {"statement_balance_gap"}),
    "example.txt": (
        [
            # -190.40 - 32.21 - 10.70 - 7.90 = -241.21
            (BP, "EUR", 3, 0, 3221 + 1070 + 790, -19040, -24121),
            # -241.21 + 97.49 - 12.10 - 7.90 = -163.72
            (CE, "EUR", 3, 9749, 1210 + 790, -24121, -16372),
        ],
        set(),
    ),
    # "CART" for a date in line 1, a balance of nothing in line 9; -190.40 - 10.70 is not -241.21
    "invalid_date.txt": (
        [(BP, "EUR", 1, 0, 1070, -19040, -24121)],
        {"invalid_date", "cfonb_closing_out_of_statement", "statement_does_not_add_up"},
    ),
    # the movement before the first 01 is missing from its statement
    "operation_out_of_statement.txt": (
        [(BP, "EUR", 1, 0, 1070, -19040, -24121)],
        {"operation_out_of_statement", "statement_does_not_add_up"},
    ),
    "cfonb.240-complex-test.txt": (None, {"cfonb240_not_supported"}),
}


def test_every_real_file_has_its_row(shared_data):
    assert {path.name for path in (shared_data / "bank" / "cfonb").iterdir()} == set(REAL_FILES)


@pytest.mark.parametrize("name", REAL_FILES)
def test_a_real_file(shared_data, name, tmp_path):
    accounts, codes = REAL_FILES[name]
    path = shared_data / "bank" / "cfonb" / name
    assert FEED.identify(file_at(path)) == "cfonb120"
    if accounts is None:
        assert {refusal(FEED, path.read_bytes(), tmp_path).code} == codes
        return
    assert summary(FEED.read(file_at(path), ReadContext())) == (accounts, codes)


def test_where_the_broken_files_are_broken(shared_data):
    def places(name: str) -> list[tuple[str, int | None]]:
        read = FEED.read(file_at(shared_data / "bank" / "cfonb" / name), ReadContext())
        return [(problem.code, problem.line) for problem in read.problems]

    assert places("invalid_date.txt") == [("invalid_date", 1), ("cfonb_closing_out_of_statement", 9)]
    assert places("operation_out_of_statement.txt") == [("operation_out_of_statement", 1)]


def test_what_a_movement_and_its_complements_say_is_kept(shared_data):
    read = FEED.read(file_at(shared_data / "bank" / "cfonb" / "example.txt"), ReadContext())
    first, second, third = read.statements[0].transactions
    assert first.remittance == "PRLV SEPA TEST CABINET MENSUEAUHTR13133 MENSUEAUHTR13DUP"
    assert (first.end_to_end_id, first.counterparty_name) == ("OTHER REFERENCE", "INTERNET SFR")
    assert (first.booked_date, first.value_date) == (date(2019, 5, 16), date(2019, 5, 16))
    assert first.extra["purpose"] == "PURPOSE"
    assert first.extra["batch_id"] == "REFERENCE"
    assert first.extra["AAA"] == "INTERNETA AAA\nINTERNETA ABB"  # unknown qualifiers stay as they came
    assert first.extra["2'C"] == "EXAMPLE WITH OTHER COMBINATIONS"
    assert (second.bank_reference, second.operation_code) == ("REFERENCE", "B1")
    assert third.line == 19


@pytest.mark.parametrize("iban", [CM_1, CM_2, BP, CE])
def test_accounts_are_called_by_their_iban(iban):
    assert SCHWIFTY_IBAN(iban, validate_bban=True).is_valid


DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)


def opening(cents: int = 10000, **zones) -> str:
    return cfonb_record("01", DAY, cents=cents, **zones)


def movement(cents: int = 2500, **zones) -> str:
    return cfonb_record("04", NEXT, cents=cents, **({"label": "VIR SEPA DUPONT", "operation": "05"} | zones))


def complement(qualifier: str, information: str) -> str:
    return cfonb_record("05", NEXT, qualifier=qualifier, information=information)


def closing(cents: int = 12500, **zones) -> str:
    return cfonb_record("07", NEXT, cents=cents, **zones)


WHOLE = [opening(), movement(), complement("NPY", "DUPONT SA"), closing()]


def content(records: list[str], line_end: str = "\n") -> bytes:
    return "".join(record + line_end for record in records).encode("latin-1")


@pytest.mark.parametrize(
    "damaged",
    [
        content(WHOLE, "\r\n"),
        content(WHOLE, "\r"),
        content(WHOLE, "\r\n\r\n"),
        content(WHOLE, ""),
        content(WHOLE, "").rstrip(),
        content([record.rstrip() for record in WHOLE]),
        content([WHOLE[0] + WHOLE[1], WHOLE[2], WHOLE[3]]),
        content([record + "   " for record in WHOLE]),
        b"\xef\xbb\xbf" + content(WHOLE),
        content(WHOLE).decode("latin-1").encode("utf-16"),
        # wrapped at 80 columns on the way
        b"\n".join(content(WHOLE, "")[start : start + 80] for start in range(0, 480, 80)),
    ],
    ids=[
        "crlf",
        "cr",
        "doubled",
        "none",
        "none, cut",
        "stripped",
        "joined",
        "padded",
        "bom",
        "utf16",
        "wrapped",
    ],
)
def test_records_are_found_however_the_lines_were_damaged(tmp_path, damaged):
    path = tmp_path / "statement"
    path.write_bytes(damaged)
    assert FEED.identify(file_at(path)) == "cfonb120"
    assert summary(FEED.read(file_at(path), ReadContext())) == (
        [(IBAN, "EUR", 1, 2500, 0, 10000, 12500)],
        set(),
    )
    (line,) = FEED.read(file_at(path), ReadContext()).statements[0].transactions
    assert line.counterparty_name == "DUPONT SA"


def only_line(tmp_path: Path, records: list[str], **closing_zones) -> Transaction:
    (statement,) = read_bytes(FEED, content(records), tmp_path).statements
    (line,) = statement.transactions
    return line


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_accents_do_not_move_the_fields(tmp_path, encoding):
    text = content([opening(), movement(label="VIR SEPA HÉLÈNE ÉTÉ", reference="REF1"), closing()]).decode(
        "latin-1"
    )
    (line,) = read_bytes(FEED, text.encode(encoding), tmp_path).statements[0].transactions
    assert (line.remittance, line.bank_reference) == ("VIR SEPA HÉLÈNE ÉTÉ", "REF1")


@pytest.mark.parametrize(("credit", "debit"), [("é", "è"), ("è", "é")], ids=["ISO 646-FR", "sheet of 2004"])
def test_accented_signs_are_read_the_way_that_adds_up(tmp_path, credit, debit):
    # in the second statement every amount ends in a zero: by itself it adds up either way
    records = [opening(10000), movement(2503), movement(-500), closing(12003),
               opening(10000), movement(2500), closing(12500)]  # fmt: skip
    swapped = [r.replace("{", credit).replace("}", debit) for r in records]
    first, second = read_bytes(FEED, content(swapped), tmp_path).statements
    assert [t.amount_cents for t in (*first.transactions, *second.transactions)] == [2503, -500, 2500]
    assert accepted([first, second])[1] == ()


def test_blank_currency_and_decimals_are_euros_and_cents(tmp_path):
    records = [opening(currency="    "), movement(currency="    "), closing(currency="    ")]
    (statement,) = read_bytes(FEED, content(records), tmp_path).statements
    assert (statement.currency, statement.credit_cents) == ("EUR", 2500)


def test_decimals_of_the_record_become_those_of_the_currency(tmp_path):
    records = [
        opening(10000, currency="EUR3"),
        movement(2500, currency="EUR3"),
        closing(12500, currency="EUR3"),
    ]
    (statement,) = read_bytes(FEED, content(records), tmp_path).statements
    assert (statement.opening_cents, statement.credit_cents) == (1000, 250)


def test_years_from_sixty_on_are_of_the_last_century(tmp_path):
    record = movement().replace("030326", "030360")
    assert only_line(tmp_path, [opening(), record, closing()]).booked_date == date(1960, 3, 3)


def test_a_remittance_over_two_zones_is_one_text(tmp_path):
    long = "FACTURES " + " ".join(f"F2026-{n:05d}" for n in range(9))
    records = [
        opening(),
        movement(),
        complement("LCC", long[:70]),
        complement("LC2", long[70:140]),
        closing(),
    ]
    assert only_line(tmp_path, records).remittance == f"VIR SEPA DUPONT {long}"


def test_references_and_parties_have_their_places(tmp_path):
    records = [
        opening(),
        movement(),
        complement("RCN", "E2E-42".ljust(35) + "SUPP"),
        complement("RUM", "MANDAT-7".ljust(35) + "RCUR"),
        complement("LCS", "RF18539007547034"),
        complement("NPO", "FILIALE DUPONT"),
        complement("CPY", "FR7630006000011234567890189"),
        closing(),
    ]
    line = only_line(tmp_path, records)
    assert (line.end_to_end_id, line.mandate_id) == ("E2E-42", "MANDAT-7")
    assert line.structured_reference == "RF18539007547034"
    assert line.counterparty_iban == "FR7630006000011234567890189"
    assert line.extra == {"purpose": "SUPP", "sequence": "RCUR", "ultimate_debtor": "FILIALE DUPONT"}


@pytest.mark.parametrize(
    ("zones", "complements", "reason"),
    [
        ({"reject": "20", "operation": "33"}, [], "20"),
        ({"operation": "B4"}, [complement("LIB", "PRLV IMPAYE MOTIF AM04")], "AM04"),
        ({"operation": "B4"}, [], ""),
    ],
)
def test_returns_are_known_as_such(tmp_path, zones, complements, reason):
    records = [opening(), movement(-2500, **zones), complement("NPY", "DUPONT"), *complements, closing(7500)]
    line = only_line(tmp_path, records)
    assert (line.return_reason, line.is_return, line.counterparty_name) == (reason, True, "DUPONT")


def test_an_iso_word_in_an_ordinary_line_is_no_reason_of_return(tmp_path):
    line = only_line(tmp_path, [opening(), movement(), complement("LIB", "COMMANDE AM04"), closing()])
    assert (line.return_reason, line.is_return) == ("", False)


@pytest.mark.parametrize(
    ("records", "code", "line"),
    [
        (["05" + complement("LIB", "X")[2:], *WHOLE], "cfonb_detail_without_movement", 1),
        ([movement(), *WHOLE], "operation_out_of_statement", 1),
        ([opening(), movement(number="00000000001"), movement(), closing()], "operation_out_of_statement", 2),
        ([opening(), movement().replace("030326", "310226", 1), movement(), closing()], "invalid_date", 2),
        (
            [opening(), movement()[:90] + "0000000000250 " + movement()[104:], movement(), closing()],
            "invalid_amount",
            2,
        ),
        ([opening(), "09" + movement()[2:], movement(), closing()], "cfonb_unknown_record", 2),
        ([opening(), movement(currency="E1R2"), movement(), closing()], "invalid_currency", 2),
        ([opening(), movement() + "TROP LONG", closing()], "cfonb_record_length", 2),
    ],
)
def test_a_bad_record_is_refused_alone_with_its_line(tmp_path, records, code, line):
    read = read_bytes(FEED, content(records), tmp_path)
    (problem,) = read.problems
    assert (problem.code, problem.line, problem.severity) == (code, line, "error")
    assert problem.raw
    assert problem.sentence.say("fr") != problem.sentence.say("en")
    assert summary(read)[0] == [(IBAN, "EUR", 1, 2500, 0, 10000, 12500)]


def test_complements_of_a_refused_movement_go_with_it(tmp_path):
    records = [movement(), complement("NPY", "DUPONT SA"), *WHOLE]
    (problem,) = read_bytes(FEED, content(records), tmp_path).problems
    assert "DUPONT SA" in problem.raw


def test_a_refused_movement_is_missed_by_the_balance(tmp_path):
    records = [opening(), movement().replace("030326", "XXXXXX", 1), closing()]
    assert summary(read_bytes(FEED, content(records), tmp_path))[1] == {
        "invalid_date",
        "statement_does_not_add_up",
    }


@pytest.mark.parametrize("after", [[], WHOLE], ids=["at the end", "before the next"])
def test_a_statement_without_its_new_balance_is_refused_and_kept_in_quarantine(tmp_path, after):
    read = read_bytes(FEED, content([*WHOLE, opening(), movement(), *after]), tmp_path)
    kept, (problem,) = accepted(read.statements)
    assert read.problems == ()
    assert (problem.code, problem.line) == ("cfonb_without_closing", 5)
    assert len(problem.raw.splitlines()) == 2
    assert len(kept) == 1 + bool(after)


def test_a_cut_statement_still_tells_what_it_holds(tmp_path):
    read = read_bytes(FEED, content([opening(), movement(), movement()]), tmp_path)
    (account,) = account_totals(read.statements)
    assert account.opening_cents == read.statements[0].opening_cents is not None
    assert account.closing_cents is None
    assert account.transactions == 2


def test_an_invalid_value_date_is_left_out_with_a_warning(tmp_path):
    record = movement(value_date=NEXT)
    record = record[:42] + "999999" + record[48:]
    read = read_bytes(FEED, content([opening(), record, closing()]), tmp_path)
    assert [(p.code, p.field, p.severity) for p in read.problems] == [
        ("invalid_date", "value_date", "warning")
    ]
    assert read.statements[0].transactions[0].value_date is None


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        (b"", "empty_file"),
        (b"\r\n \r\n", "empty_file"),
        (b"Date;Montant\n02/03/2026;12,00\n", "not_cfonb120"),
        (bytes(range(256)) * 20, "not_cfonb120"),
    ],
)
def test_what_is_no_cfonb120_is_refused_whole(tmp_path, damaged, code):
    assert refusal(FEED, damaged, tmp_path).code == code


@pytest.mark.parametrize(
    "text", ["Date;Libellé;Montant\n", "<?xml version='1.0'?><Document/>", "", "0123456789" * 30]
)
def test_other_files_are_left_to_others(tmp_path, text):
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    assert FEED.identify(file_at(path)) is None


words = st.lists(st.from_regex(r"[A-ZÉÈÀÇ0-9/-]{1,12}", fullmatch=True), min_size=1, max_size=5).map(" ".join)
texts = words | st.just("")
lines = st.builds(
    Transaction,
    booked_date=st.dates(date(1960, 1, 1), date(2059, 12, 31)),
    value_date=st.none() | st.dates(date(1960, 1, 1), date(2059, 12, 31)),
    amount_cents=st.integers(-(10**10), 10**10),
    currency=st.just("EUR"),
    bank_reference=st.from_regex(r"[A-Z0-9]{0,16}", fullmatch=True),
    end_to_end_id=st.from_regex(r"E[0-9]{0,10}", fullmatch=True) | st.just(""),
    mandate_id=st.from_regex(r"M[0-9]{1,10}", fullmatch=True) | st.just(""),
    structured_reference=st.from_regex(r"RF[0-9]{5}", fullmatch=True) | st.just(""),
    remittance=words,
    counterparty_name=texts,
    operation_code=st.sampled_from(["05", "06", "A1", "62", "  "]).map(str.strip),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(lines, max_size=6), st.integers(-(10**10), 10**10), st.sampled_from(["\r\n", "\n", "", "\n\n"])
)
def test_what_is_written_is_what_is_read(tmp_path, transactions, opening_cents, line_end):
    written = Statement(
        account=IBAN, currency="EUR", transactions=tuple(transactions), opening_cents=opening_cents,
        closing_cents=opening_cents + sum(t.amount_cents for t in transactions), opening_date=date(2026, 1, 1),
        closing_date=date(2026, 1, 31),
    )  # fmt: skip
    (read,) = read_bytes(FEED, cfonb([written], line_end=line_end), tmp_path).statements
    assert [unplaced(t) for t in read.transactions] == [unplaced(t) for t in transactions]
    assert (read.account, read.opening_cents, read.closing_cents) == (
        IBAN, written.opening_cents, written.closing_cents,
    )  # fmt: skip
    assert (read.opening_date, read.closing_date) == (written.opening_date, written.closing_date)


def unplaced(t: Transaction) -> Transaction:
    """Without its place in the file."""
    return replace(t, line=None, extra={})
