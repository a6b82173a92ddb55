"""MT940 and MT942: every real sample, the dialects of :86:, and files that are damaged.

The expectations were worked out from the files themselves: lines counted and summed by mark (C and RD are money
in, D and RC money out), balances as the first :60: and the last :62: of each account say.
"""

from datetime import date

import mt940
import pytest

from encours.core.statements import check_balance
from encours.ports.files import ReadContext, UnableToReadFile
from encours.providers.banks.mt940 import Mt940Feed
from tests.providers.banks.expectations import (
    Account,
    Refused,
    doubts,
    only_statement,
    opened,
    outcome,
    refused_lines,
    written,
)

NO_ACCOUNT_1 = Refused("mt940_no_account", 1)
EXPECTED: dict[str, list[Account] | Refused] = {
    "ASNB__0708271685_09022020_164516.940.txt": [
        Account("NL81ASNB9999999999", "EUR", 8, 282890, 277196, 44429, 50123)
    ],
    "betterplace__amount_formats.sta": NO_ACCOUNT_1,
    "betterplace__empty_86.sta": NO_ACCOUNT_1,
    "betterplace__empty_line.sta": Refused("mt940_no_account", 2),
    "betterplace__sepa_mt9401.sta": [
        Account("50880050/0194774600888", "EUR", 7, 99724196, 100015183, -123471836, -123762823),
        Account("50880050/0194777100888", "EUR", 2, 1500005, 50025000, -97049990, -145574985),
        Account("50880050/0194778300888", "EUR", 5, 12518081, 65321932, -170929634, -223733485),
        Account("50880050/0194779500888", "EUR", 3, 105000000, 0, 319267504, 424267504),
        Account("50880050/0194780100888", "EUR", 5, 20488, 72689915, -236882787, -309552214),
        Account("50880050/0194780101888", "EUR", 1, 5099005, 0, 15297015, 20396020),
        Account("50880050/0194781300888", "EUR", 8, 1999005, 8041230, -4043220, -10085445),
        Account("50880050/0194782500888", "EUR", 11, 20120210, 95217583, -155249738, -230347111),
        Account("50880050/0194783700888", "EUR", 12, 91564688, 210586697, -382947787, -501969796),
        Account("50880050/0194784900888", "EUR", 9, 17105200, 323789181, -577758557, -884442538),
        Account("50880050/0194784901888", "EUR", 1, 1399005, 0, 1399005, 2798010),
        Account("50880050/0194785000888", "EUR", 12, 0, 150107450, -361251902, -511359352),
        Account("50880050/0194785001888", "EUR", 1, 5099005, 0, 15297015, 20396020),
        Account("50880050/0194786200888", "EUR", 3, 9299019, 0, 14596458, 23895477),
        Account("50880050/0194787400888", "EUR", 4, 36009391, 150000, 76665649, 112525040),
        Account("50880050/0194791600888", "EUR", 7, 107095181, 357256903, -197043187, -447204909),
        Account("50880050/0194791601888", "EUR", 3, 5290010, 12530010, -32491025, -39731025),
        Account("50880050/0194798900888", "EUR", 1, 0, 15000, -45000, -60000),
        Account("50880050/0194799000888", "EUR", 1, 0, 15000, -45000, -60000),
        Account("50880050/0194804000888", "EUR", 1, 5005, 0, 0, 5005),
    ],
    # its second :25: is a broken :86:, amid the lines of the account
    "betterplace__sepa_snippet_broken.sta": Refused("mt940_account_twice", 6),
    "cmxl__account_balance_debit.sta": NO_ACCOUNT_1,
    "cmxl__account_identification_legacy.sta": Refused("mt940_nothing_inside", 1),
    "cmxl__closing_balance.sta": NO_ACCOUNT_1,
    "cmxl__reference.sta": NO_ACCOUNT_1,
    "cmxl__statement_line.sta": NO_ACCOUNT_1,
    "jejik__generic.sta": [Account("11111111", "EUR", 2, 0, 2000, 10000, 8000)],
    "jejik__knab.sta": [Account("123456789", "EUR", 3, 100000, 726000, 0, 79898)],
    "jejik__rabobank-iban.sta": [Account("NL71RABO0123456789", "EUR", 4, 0, 7000, 100000, 93000)],
    "jejik__sns.sta": [Account("0123456789", "EUR", 2, 0, 2500, 123456, 120956)],
    "mBank__mt940.sta": [Account("PL29114010810000267002001002", "PLN", 3, 3, 0, 40, 43)],
    "mBank__with_newline_in_tnr.sta": [Account("PL29114010810000267002001002", "PLN", 2, 8900, 0, 46, 86017)],
    "sberbank__171011_01234945.sta": [Account("1966315302010001", "HUF", 3, 0, 943700, 62731130, 61787430)],
    "self-provided__empty_non_swift.sta": NO_ACCOUNT_1,
    "self-provided__gv_codes.sta": [Account("12345678/1020304050", "EUR", 2, 0, 25745, 1234512, None)],
    "self-provided__long_statement_number.sta": [Account("0067-00763/93984487", "TRY", 0, 0, 0, 0, 0)],
    "self-provided__mt942.sta": [Account("GJB0291077111", "EUR", 1, 0, 42, None, None)],
    "self-provided__raiffeisen-cmi.sta": [
        Account("UBRTHUHB/123456789150ABCDEF002/HUF", "HUF", 7, 206663700, 307885050, 2517063710, 2528168760)
    ],
    "self-provided__sparkassen.sta": NO_ACCOUNT_1,
    "self-provided__whitespace.sta": [Account("12345678/1020304050", "EUR", 1, 0, 23315, 1234512, 1234598)],
}
# Their balances were changed by those who published them; the gap is the file's own.
DOES_NOT_ADD_UP = {
    "jejik__knab.sta",
    "mBank__with_newline_in_tnr.sta",
    "self-provided__raiffeisen-cmi.sta",
    "self-provided__whitespace.sta",
}
HEAD = ":20:STARTUMS\n:25:FR7630006000011234567890189\n:28C:1/1\n:60F:C250101EUR100,00\n"
TAIL = ":62F:C250103EUR{closing}\n-\n"

FEED = Mt940Feed()


def read_text(tmp_path, text, encoding="utf-8"):
    return FEED.read(written(tmp_path, text, "statement.sta", encoding), ReadContext())


def read_line(tmp_path, field_61, field_86="", closing="150,00"):
    """The one transaction of a sound statement with this line and these details."""
    details = f":86:{field_86}\n" if field_86 else ""
    read = read_text(tmp_path, f"{HEAD}:61:{field_61}\n{details}{TAIL.format(closing=closing)}")
    assert not read.problems
    return only_statement(read).transactions[0]


def test_every_sample_has_an_expectation(shared_data):
    assert {path.name for path in (shared_data / "bank" / "mt940").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_is_read_or_refused_for_its_reason(shared_data, name):
    file = opened(shared_data / "bank" / "mt940" / name)
    assert FEED.identify(file) == "mt940"
    assert outcome(FEED, file) == EXPECTED[name]


@pytest.mark.parametrize("name", [n for n, expected in EXPECTED.items() if isinstance(expected, list)])
def test_real_statements_add_up(shared_data, name):
    read = FEED.read(opened(shared_data / "bank" / "mt940" / name), ReadContext())
    gaps = [statement for statement in read.statements if check_balance(statement)]
    assert bool(gaps) == (name in DOES_NOT_ADD_UP)


@pytest.mark.parametrize("name", [n for n, expected in EXPECTED.items() if isinstance(expected, list)])
def test_amounts_are_those_of_the_library(shared_data, name):
    path = shared_data / "bank" / "mt940" / name
    line = mt940.tags.StatementASNB() if name.startswith("ASNB") else mt940.tags.Statement()
    theirs = mt940.parse(path, tags={line.id: line}, options=mt940.Options.all())
    ours = [t for s in FEED.read(opened(path), ReadContext()).statements for t in s.transactions]
    expected = [int(t.data["amount"].amount * 100) for t in theirs.transactions if "amount" in t.data]
    assert [t.amount_cents for t in ours] == expected


def test_pages_of_one_statement_are_one_statement(shared_data):
    read = FEED.read(opened(shared_data / "bank" / "mt940" / "betterplace__sepa_mt9401.sta"), ReadContext())
    assert len(read.statements) == 20  # of 24 messages
    three_pages = next(s for s in read.statements if s.account.endswith("0194785000888"))
    assert len(three_pages.transactions) == 12
    assert check_balance(three_pages) is None


def test_pages_whose_balances_do_not_meet_stay_apart(tmp_path):
    page = ":20:A\n:25:ACCOUNT1\n:28C:7/{n}\n:60{f}:C250101EUR{opening}\n:61:2501010101C1,00NTRFNONREF\n:62{t}:C250101EUR{closing}\n"
    text = page.format(n=1, f="F", t="M", opening="0,00", closing="1,00")
    text += page.format(n=2, f="M", t="F", opening="5,00", closing="6,00")
    assert [s.opening_cents for s in read_text(tmp_path, text).statements] == [0, 500]


def test_numbered_sub_fields(shared_data):
    read = FEED.read(opened(shared_data / "bank" / "mt940" / "betterplace__sepa_mt9401.sta"), ReadContext())
    by_reference = {t.bank_reference: t for s in read.statements for t in s.transactions}
    received = by_reference["0724710290621954"]
    assert received.end_to_end_id == "EndToEndIdTFNR2000400001"
    assert received.remittance.startswith("TO 13 TFNr 20004 Eingangskanal Mint")
    assert received.counterparty_iban == "DE42100100100043921105"
    assert received.counterparty_name == "Richter Renate 70 Zeichen Beginn Fuellzeichen xxxxxxxx"
    assert received.operation_code == "166"
    returned = by_reference["0724710345313905"]
    assert (returned.amount_cents, returned.return_reason) == (30000, "914")
    assert returned.end_to_end_id == "TFNR 40005 00005"
    assert returned.remittance == "Grund nicht spezifiziert Reject aus SEPA-Ueberweisungsauftrag"


def test_sepa_words_inside_sub_fields(shared_data):
    read = FEED.read(opened(shared_data / "bank" / "mt940" / "self-provided__gv_codes.sta"), ReadContext())
    first = only_statement(read).transactions[0]
    assert first.end_to_end_id == "1234567890123 PAYPAL"
    assert first.mandate_id == "12AB234CD6E7F"
    assert first.extra["creditor_id"] == "AB12CDE0000000000000000034"
    assert "SPOTIFY, Ihr Einkauf" in first.remittance
    assert first.counterparty_name == "PayPal (Europe) S.a.r.l. et"


def test_code_words_between_slashes(shared_data):
    read = FEED.read(opened(shared_data / "bank" / "mt940" / "jejik__rabobank-iban.sta"), ReadContext())
    first, second = read.statements[0].transactions
    assert first.end_to_end_id == "01-01-2013 12:00 0030000987654321"
    assert (first.counterparty_name, first.counterparty_iban) == (
        "CONTRA ACCOUNT HOLDER",
        "NL70ABNA0987654321",
    )
    assert first.remittance == ""
    assert (second.counterparty_name, second.remittance) == ("JOHN DOE", "Reference 201301234")


def test_iban_in_the_customer_reference_and_name_below_the_line(shared_data):
    read = FEED.read(
        opened(shared_data / "bank" / "mt940" / "ASNB__0708271685_09022020_164516.940.txt"), ReadContext()
    )
    first = read.statements[0].transactions[0]
    assert (first.counterparty_iban, first.counterparty_name) == ("NL47INGB9999999999", "hr gjlm paulissen")
    split_word = read.statements[4].transactions[1]
    assert "Betaling aan ICS 99999999999" in split_word.remittance


def test_non_swift_lines_give_name_and_account(shared_data):
    read = FEED.read(opened(shared_data / "bank" / "mt940" / "sberbank__171011_01234945.sta"), ReadContext())
    first = only_statement(read).transactions[0]
    assert first.counterparty_name == "ERGO Versicherung AG Fioktelep"
    assert first.extra["counterparty_account"] == "0000004279070017"
    assert "A12596785" in first.remittance


def test_old_dos_encoding_is_recognised_by_its_letters(shared_data):
    read = FEED.read(
        opened(shared_data / "bank" / "mt940" / "self-provided__raiffeisen-cmi.sta"), ReadContext()
    )
    assert only_statement(read).transactions[0].extra["supplement"] == "Csoportos átutalás jóváírása"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso8859-15", "utf-16"])
def test_french_letters_in_every_usual_encoding(tmp_path, encoding):
    text = f"{HEAD}:61:2501020102C50,00NTRFNONREF\n:86:Règlement facture n° 12, société Étoile\n{TAIL.format(closing='150,00')}"
    transaction = only_statement(read_text(tmp_path, text, encoding)).transactions[0]
    assert transaction.remittance == "Règlement facture n° 12, société Étoile"


def test_the_reference_behind_the_slashes_is_the_banks_own(tmp_path):
    transaction = read_line(tmp_path, "2501020102C50,00NTRFCLIENTREF//BANKREF01", "free text")
    assert transaction.bank_reference == "BANKREF01"
    assert transaction.extra["customer_reference"] == "CLIENTREF"
    assert (transaction.booked_date, transaction.value_date) == (date(2025, 1, 2), date(2025, 1, 2))


def test_a_customer_reference_longer_than_the_standard_allows(tmp_path):
    line = "2501020102C50,00NTRFBIPI-dvT1FzfMqvzF5HaU4oetlH7SGRkonU//2022070616391534000"
    assert read_line(tmp_path, line).bank_reference == "2022070616391534000"


@pytest.mark.parametrize(
    ("mark", "cents"), [("C", 5000), ("D", -5000), ("RC", -5000), ("RD", 5000), ("CR", 5000), ("RDR", 5000)]
)
def test_a_reversed_credit_is_a_debit(tmp_path, mark, cents):
    closing = "150,00" if cents > 0 else "50,00"
    line = read_line(tmp_path, f"2501020102{mark}50,00NTRFNONREF", closing=closing)
    assert (line.amount_cents, line.is_return) == (cents, mark.startswith("R"))


@pytest.mark.parametrize(
    ("value_date", "entry", "booked"),
    [
        ("250102", "1231", date(2024, 12, 31)),
        ("241231", "0102", date(2025, 1, 2)),
        ("240301", "0229", date(2024, 2, 29)),
    ],
)
def test_the_booking_day_is_the_one_nearest_to_the_value_date(tmp_path, value_date, entry, booked):
    assert read_line(tmp_path, f"{value_date}{entry}C50,00NTRFNONREF").booked_date == booked


def test_dutch_account_information(tmp_path):
    details = "/RTYP/SEPA/EREF/E2E-77//CNTP/NL32INGB0000012345/INGBNL2A/DUPONT SARL/PARIS///REMI/USTD//FACTURE F-2025-001/"
    transaction = read_line(tmp_path, "2501020102C50,00NTRFEREF", details)
    assert transaction.end_to_end_id == "E2E-77"
    assert (transaction.counterparty_name, transaction.counterparty_iban) == (
        "DUPONT SARL",
        "NL32INGB0000012345",
    )
    assert transaction.remittance == "FACTURE F-2025-001"


def test_structured_reference_and_return_reason(tmp_path):
    details = "/RTRN/MS03//EREF/NOTPROVIDED//MARF/RUM-1//NAME/DURAND/REMI/STRD/ISO/RF18539007547034/"
    transaction = read_line(tmp_path, "2501020102C50,00NRTINONREF", details)
    assert transaction.return_reason == "MS03"
    assert transaction.end_to_end_id == ""
    assert transaction.mandate_id == "RUM-1"
    assert transaction.structured_reference == "RF18539007547034"


def test_labels_of_french_banks(tmp_path):
    details = "VIR SEPA RECU /DE DUPONT SARL /MOTIF FACTURE F-2025-001 /REF E2E-9"
    transaction = read_line(tmp_path, "2501020102C50,00NTRFNONREF", details)
    assert transaction.counterparty_name == "DUPONT SARL"
    assert transaction.end_to_end_id == "E2E-9"
    assert "F-2025-001" in transaction.remittance


def test_an_iban_is_the_account_whatever_the_bank_puts_around_it(tmp_path):
    for written_as in (
        "FR7630006000011234567890189EUR",
        "AGRIFRPP/FR7630006000011234567890189",
        "FR76 3000 6000 0112 3456 7890 189",
    ):
        text = f":20:A\n:25:{written_as}\n:28C:1\n:60F:C250101EUR0,00\n:62F:C250101EUR0,00\n"
        assert only_statement(read_text(tmp_path, text)).account == "FR7630006000011234567890189"


def test_mt942_is_provisional_and_its_announced_totals_are_checked(shared_data):
    read = FEED.read(opened(shared_data / "bank" / "mt940" / "self-provided__mt942.sta"), ReadContext())
    statement = only_statement(read)
    assert statement.provisional
    assert statement.transactions[0].value_date == date(2016, 10, 30)
    assert statement.transactions[0].booked_date == date(2016, 10, 31)
    assert doubts(read) == [(11, "mt940_totals_differ")]


def test_a_bad_line_is_refused_and_the_others_stay(tmp_path):
    lines = ":61:2501020102C50,00NTRFNONREF\n:61:2513450102C10,00NTRFNONREF\n:86:with details\n:61:nonsense\n:61:2501020102C1,2,3NTRFNONREF\n:61:2501020102C1,234NTRFNONREF\n"
    read = read_text(tmp_path, HEAD + lines + TAIL.format(closing="150,00"))
    assert [t.amount_cents for t in only_statement(read).transactions] == [5000]
    assert refused_lines(read) == [
        (6, "mt940_bad_date"), (8, "mt940_bad_line"), (9, "mt940_bad_amount"), (10, "mt940_bad_amount"),
    ]  # fmt: skip
    assert read.problems[0].raw == ":61:2513450102C10,00NTRFNONREF\n:86:with details"


def test_a_file_that_stops_in_a_line_loses_that_line_aloud(tmp_path):
    read = read_text(tmp_path, f"{HEAD}:61:2501020102C50,00NTRFNONREF\n:61:2501020102C12")
    assert [t.amount_cents for t in only_statement(read).transactions] == [5000]
    assert refused_lines(read) == [(6, "mt940_cut_line")]
    assert (1, "mt940_no_closing_balance") in doubts(read)


def test_two_currencies_in_one_statement_are_refused(tmp_path):
    text = ":20:A\n:25:ACCOUNT1\n:60F:C250101EUR0,00\n:62F:C250101USD0,00\n"
    assert outcome(FEED, written(tmp_path, text)) == Refused("mt940_two_currencies", 4)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Refused("empty_file")),
        (bytes(range(256)) * 20, Refused("mt940_not_a_statement", 1)),
        (b"Date;Label;Amount\n01/01/2025;x;1,00\n", Refused("mt940_not_a_statement", 1)),
        (b":20:A\n:25:ACC\n:60F:X250101EUR0,00\n", Refused("mt940_bad_balance", 3)),
        (b":20:A\n:25:ACC\n:60F:C259901EUR0,00\n", Refused("mt940_bad_date", 3)),
        (b":20:A\n:28C:1\n:60F:C250101EUR0,00\n", Refused("mt940_no_account", 1)),
        (b":20:A\n:25:ACC\n", Refused("mt940_nothing_inside", 1)),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence(tmp_path, content, refusal):
    with pytest.raises(UnableToReadFile) as caught:
        FEED.read(written(tmp_path, content), ReadContext())
    problem = caught.value.problem
    assert Refused(problem.code, problem.line) == refusal
    assert problem.sentence.say("fr").endswith(".")
    assert problem.sentence.say("en").endswith(".")


def test_others_files_are_left_alone(tmp_path):
    for content in (
        b"",
        b"OFXHEADER:100\n",
        b"<?xml version='1.0'?><Document/>",
        b"Date;Montant\n01/01/2025;1\n",
        b"0130004    00001EUR2",
    ):
        assert FEED.identify(written(tmp_path, content)) is None


def test_a_header_line_of_the_bank_before_the_first_field(tmp_path):
    file = written(tmp_path, "ABNANL2A\n940\nABNANL2A\n" + HEAD + TAIL.format(closing="100,00"))
    assert FEED.identify(file) == "mt940"
    assert outcome(FEED, file) == [Account("FR7630006000011234567890189", "EUR", 0, 0, 0, 10000, 10000)]
