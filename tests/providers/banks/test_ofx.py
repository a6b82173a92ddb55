"""OFX of both generations: every real sample, what banks get wrong, and files that are damaged or hostile.

The expectations were read off the files; the reader is also held against the strict library `ofxtools`
wherever that reads a file.
"""

from datetime import date
from decimal import Decimal

import pytest
from ofxtools.Parser import OFXTree

from encours.ports.files import ReadContext
from encours.providers.banks.ofx import OfxFeed
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

EXPECTED: dict[str, list[Account] | Refused] = {
    "anzcc.ofx": [Account("1234123412341234", "AUD", 1, 0, 550, None, -12345)],
    "bank_small.ofx": Refused("ofx_no_statement", 11),
    "checking.ofx": [Account("1452687~7", "USD", 3, 1, 5951, None, 10099)],
    "date_missing.ofx": [Account("192639749", "USD", 0, 0, 0, None, 0)],
    "decimal_error.ofx": [Account("192639749", "CAD", 0, 0, 0, None, 0)],
    "multiple_accounts.ofx": [
        Account("9100", "USD", 0, 0, 0, None, 11100),
        Account("9200", "USD", 0, 0, 0, None, 22200),
    ],
    "ofx-v102-empty-tags.ofx": [Account("12345678", "AUD", 1, 1234, 0, None, None)],
    "stmtrs_euro.ofx": [Account("999988", "USD", 2, 0, 50000, None, 20029)],
    "suncorp.ofx": [Account("123456789", "AUD", 1, 0, 1685, None, 123412)],
}
REFUSED_LINES = {
    "date_missing.ofx": [(33, "ofx_no_date"), (40, "ofx_no_date"), (50, "ofx_bad_date")],
    "decimal_error.ofx": [(37, "ofx_bad_amount")],
}
# what the strict library accepts of them
STRICT = ("anzcc.ofx", "multiple_accounts.ofx", "stmtrs_euro.ofx", "suncorp.ofx")

FEED = OfxFeed()
SGML = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20250101<DTEND>20250131
{lines}
</BANKTRANLIST>
<LEDGERBAL><BALAMT>{balance}<DTASOF>20250131</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1>
</OFX>
"""
LINE = "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20250115<TRNAMT>+100.00<FITID>F1<NAME>DUPONT</STMTTRN>"


def read(tmp_path, lines=LINE, balance="100.00", encoding="utf-8"):
    return FEED.read(
        written(tmp_path, SGML.format(lines=lines, balance=balance), "a.ofx", encoding), ReadContext()
    )


def test_every_sample_has_an_expectation(shared_data):
    assert {path.name for path in (shared_data / "bank" / "ofx").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_is_read_or_refused_for_its_reason(shared_data, name):
    file = opened(shared_data / "bank" / "ofx" / name)
    assert FEED.identify(file) == "ofx"
    assert outcome(FEED, file) == EXPECTED[name]
    if isinstance(EXPECTED[name], list):
        assert refused_lines(FEED.read(file, ReadContext())) == REFUSED_LINES.get(name, [])


@pytest.mark.parametrize("name", STRICT)
def test_the_strict_library_reads_the_same(shared_data, name):
    path = shared_data / "bank" / "ofx" / name
    tree = OFXTree()
    with path.open("rb") as file:
        tree.parse(file)
    theirs = tree.convert().statements
    ours = FEED.read(opened(path), ReadContext()).statements
    assert [s.account for s in ours] == [s.account.acctid for s in theirs]
    assert [[t.amount_cents for t in s.transactions] for s in ours] == [
        [int(t.trnamt * 100) for t in getattr(s, "transactions", None) or ()] for s in theirs
    ]
    assert [Decimal(s.closing_cents or 0) / 100 for s in ours] == [s.ledgerbal.balamt for s in theirs]


def test_the_banks_id_of_a_line_is_its_reference(shared_data):
    statement = only_statement(
        FEED.read(opened(shared_data / "bank" / "ofx" / "checking.ofx"), ReadContext())
    )
    assert [t.bank_reference for t in statement.transactions] == ["0000486", "0000487", "0000488"]
    fee = statement.transactions[2]
    assert fee.booked_date == date(2011, 4, 7)
    assert fee.counterparty_name == "RETURNED CHECK FEE, CHECK # 319"
    assert fee.remittance == "RETURNED CHECK FEE, CHECK # 319 FOR $45.33 ON 04/07/11"
    assert (fee.operation_code, fee.extra["checknum"]) == ("CHECK", "319")


def test_character_data_sections_are_text(shared_data):
    statement = only_statement(FEED.read(opened(shared_data / "bank" / "ofx" / "suncorp.ofx"), ReadContext()))
    assert statement.transactions[0].counterparty_name == "EFTPOS WDL HANDYWAY ALDI STORE"
    assert statement.bank == "SUNCORP"


@pytest.mark.parametrize(
    ("written_as", "cents"),
    [
        ("100.00", 10000),
        ("+100,00", 10000),
        ("-1 234,5", -123450),
        ("1,234.56", 123456),
        (".5", 50),
        ("7", 700),
    ],
)
def test_amounts_with_either_decimal_sign(tmp_path, written_as, cents):
    transaction = only_statement(read(tmp_path, LINE.replace("+100.00", written_as))).transactions[0]
    assert transaction.amount_cents == cents


@pytest.mark.parametrize("zone", ["", "000000", "235959.999[-8:PST]", "000000[+2:CEST]", "120000[0:GMT]"])
def test_the_day_is_the_banks_own_whatever_the_zone(tmp_path, zone):
    transaction = only_statement(read(tmp_path, LINE.replace("20250115", "20250115" + zone))).transactions[0]
    assert transaction.booked_date == date(2025, 1, 15)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_in_every_usual_encoding_whatever_the_header_says(tmp_path, encoding):
    statement = only_statement(read(tmp_path, LINE.replace("DUPONT", "Société Générale"), encoding=encoding))
    assert statement.transactions[0].counterparty_name == "Société Générale"


def test_declared_latin_9_is_used(tmp_path):
    text = SGML.format(lines=LINE.replace("DUPONT", "CŒUR"), balance="1").replace(
        "CHARSET:1252", "CHARSET:ISO-8859-15"
    )
    statement = only_statement(FEED.read(written(tmp_path, text, "a.ofx", "iso8859-15"), ReadContext()))
    assert statement.transactions[0].counterparty_name == "CŒUR"


def test_escaped_characters_and_stray_brackets_are_text(tmp_path):
    statement = only_statement(read(tmp_path, LINE.replace("DUPONT", "D&amp;O &lt;Lyon&gt; a < b")))
    assert statement.transactions[0].counterparty_name == "D&O <Lyon> a < b"


def test_zero_bytes_are_dropped(tmp_path):
    statement = only_statement(read(tmp_path, LINE.replace("DUPONT", "DU\0PONT &#0;")))
    assert "\0" not in statement.transactions[0].counterparty_name


def test_elements_left_empty_or_unclosed(tmp_path):
    lines = "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20250115<TRNAMT>-5.00<FITID><CHECKNUM><NAME><MEMO>Frais<REFNUM></STMTTRN>"
    transaction = only_statement(read(tmp_path, lines)).transactions[0]
    assert (transaction.bank_reference, transaction.remittance, transaction.counterparty_name) == (
        "",
        "Frais",
        "",
    )


def test_a_line_that_is_not_closed_ends_where_the_next_begins(tmp_path):
    lines = LINE.removesuffix("</STMTTRN>") + "\n" + LINE.replace("F1", "F2")
    assert [t.bank_reference for t in only_statement(read(tmp_path, lines)).transactions] == ["F1", "F2"]


def test_the_payees_account_is_kept_and_not_mistaken_for_ours(tmp_path):
    lines = LINE.replace(
        "</STMTTRN>", "<BANKACCTTO><BANKID>1<ACCTID>777<ACCTTYPE>CHECKING</BANKACCTTO></STMTTRN>"
    )
    statement = only_statement(read(tmp_path, lines))
    assert (statement.account, statement.written_account) == ("FR7630006000011234567890189", "12345678901")
    assert statement.transactions[0].extra["counterparty_account"] == "777"


def test_a_line_in_another_currency_is_refused(tmp_path):
    lines = LINE + LINE.replace("</STMTTRN>", "<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY></STMTTRN>")
    result = read(tmp_path, lines)
    assert len(only_statement(result).transactions) == 1
    assert [code for _, code in refused_lines(result)] == ["ofx_other_currency"]


def test_a_bad_balance_leaves_the_lines(tmp_path):
    result = read(tmp_path, balance="n/a")
    assert only_statement(result).closing_cents is None
    assert [code for _, code in doubts(result)] == ["ofx_bad_balance"]


def test_refused_lines_keep_their_text(tmp_path):
    result = read(tmp_path, LINE.replace("<DTPOSTED>20250115", ""))
    assert "<FITID>F1<NAME>DUPONT" in result.problems[0].raw
    assert result.problems[0].field == "DTPOSTED"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", Refused("empty_file")),
        (bytes(range(256)) * 8, Refused("ofx_not_a_statement", 1)),
        (b"<OFX></OFX>", Refused("ofx_no_statement", 1)),
        (SGML.format(lines=LINE, balance="1").encode()[:-40], Refused("ofx_cut_short", 19)),
        (SGML.format(lines=LINE, balance="1").encode()[:430], Refused("ofx_cut_short", 16)),
        (b"<OFX><STMTRS><CURDEF>EUR</STMTRS></OFX>", Refused("ofx_no_account", 1)),
        (b"<OFX><NAME><![CDATA[never closed</OFX>", Refused("ofx_cut_short", 1)),
        (
            b"<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Signon invalid</STATUS></SONRS></OFX>",
            Refused("ofx_bank_error", 1),
        ),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence(tmp_path, content, refusal):
    assert outcome(FEED, written(tmp_path, content, "a.ofx")) == refusal


BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<?OFX OFXHEADER="200" VERSION="203"?>
<OFX><STMTRS><BANKACCTFROM><ACCTID>&lol2;</ACCTID></BANKACCTFROM></STMTRS></OFX>"""
XXE = BOMB.replace('"lol"', 'SYSTEM "file:///etc/passwd"')


@pytest.mark.parametrize("text", [BOMB, XXE, "<OFX>\n<!ENTITY a 'b'>\n</OFX>"])
def test_declarations_are_refused(tmp_path, text):
    assert outcome(FEED, written(tmp_path, text, "a.ofx")) == Refused("ofx_declaration", 2)


def test_a_million_open_brackets_cost_no_more_than_their_length(tmp_path):
    text = "<OFX><NAME>" + "<" * 1_000_000 + "<![CDATA[" * 1000
    assert outcome(FEED, written(tmp_path, text, "a.ofx")) == Refused("ofx_cut_short", 1)


@pytest.mark.parametrize(
    "start",
    [
        "OFXHEADER:100\n",
        "\r\n\r\n<OFX>",
        "<?xml version='1.0'?><?OFX OFXHEADER='200'?>",
        BOMB,
        "<?xml version='1.0'?><ofx>",
    ],
)
def test_every_way_a_file_may_begin(tmp_path, start):
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert FEED.identify(written(tmp_path, start, "a.ofx", encoding)) == "ofx"


def test_others_files_are_left_alone(tmp_path):
    for content in (
        b"",
        b":20:STARTUMS\n",
        b"<?xml version='1.0'?><Document/>",
        b"Date;Montant\n01/01/2025;1\n",
    ):
        assert FEED.identify(written(tmp_path, content)) is None
