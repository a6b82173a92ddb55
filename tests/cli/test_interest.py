"""`encours interest`: what scripts are given, what people read, and how bad input is refused."""

import json
import re
import sys
from pathlib import Path

import pytest

from encours.cli.main import main

GUIDE = Path(__file__).parents[2] / "docs/guides/interest.md"
DEBT = "--principal-cents 1000000 --due 2025-05-31 --on 2025-08-31"


@pytest.fixture
def call(monkeypatch, capsys):
    """(exit code, stdout, stderr) of `encours interest …`; a database is out of reach."""

    def called(line: str, language: str = "fr") -> tuple[int, str, str]:
        monkeypatch.setenv("ENCOURS_LANGUAGE", language)
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/nothing")
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setattr(sys, "argv", ["encours", "interest", *line.split(" ")])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return called


def test_a_script_is_given_pieces_interest_and_indemnity(call):
    code, told, _ = call(f"{DEBT} --json")
    assert code == 0
    assert json.loads(told) == {
        "ok": True,
        "problems": [],
        "pieces": [
            {"from": "2025-06-01", "to": "2025-06-30", "days": 30, "rate_percent": 13.15, "interest_cents": 10_808},
            {"from": "2025-07-01", "to": "2025-08-31", "days": 62, "rate_percent": 12.15, "interest_cents": 20_638},
        ],
        "interest_cents": 31_446,
        "indemnity_cents": 4_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "lines", "interest_cents"),
    [
        ("--public-buyer", [(92, 11.15)], 28_104),  # 10 000 x 0.1115 x 92 / 365 = 281.0411
        ("--rate 15", [(92, 15)], 37_808),  # 10 000 x 0.15 x 92 / 365 = 378.0822
        ("--rate 15,5%", [(92, 15.5)], 39_068),  # 390.6849; 155 x 92 / 36.5 = 390.6849
        (
            "--ecb-rate 2025-2=3.15",
            [(30, 13.15), (62, 13.15)],
            33_145,
        ),  # 10 000 x 0.1315 x 92 / 365 = 331.4521
        ("--day-count actual/actual", [(30, 13.15), (62, 12.15)], 31_446),  # no leap year
    ],
)
def test_options_change_the_rate(call, options, lines, interest_cents):
    code, told, _ = call(f"{DEBT} {options} --json")
    answer = json.loads(told)
    assert (code, answer["ok"]) == (0, True)
    assert [(piece["days"], piece["rate_percent"]) for piece in answer["pieces"]] == lines
    assert answer["interest_cents"] == interest_cents
    assert sum(piece["interest_cents"] for piece in answer["pieces"]) == interest_cents


def test_on_the_due_date_nothing_is_owed(call):
    code, told, _ = call("--principal-cents 1000000 --due 2025-05-31 --on 2025-05-31 --json")
    assert code == 0
    assert json.loads(told) == {"ok": True, "problems": [], "pieces": [], "interest_cents": 0, "indemnity_cents": 0}  # fmt: skip


@pytest.mark.parametrize(
    ("order", "settled", "interest_cents", "left"),
    [
        # 9 207.94 x 0.1215 x 62 / 365 = 190.0368; 207.94 + 190.04 = 397.98
        ("", (20_794, 79_206), 39_798, (920_794, 19_004)),
        # 9 000 x 0.1215 x 62 / 365 = 185.7452; 207.94 + 185.75 = 393.69
        (" --imputation principal", (0, 100_000), 39_369, (900_000, 39_369)),
    ],
)
def test_part_payments_settle_in_the_order_that_is_said(call, order, settled, interest_cents, left):
    """10 000 € due 31 May 2025, 1 000 € paid on 30 July, until 30 September: 30 days at 13.15 % and 30 at 12.15 % make
    108.08 + 99.86 = 207.94 by the payment; then 62 days of what is left of the principal."""
    code, told, _ = call(
        f"--principal-cents 1000000 --due 2025-05-31 --on 2025-09-30 --payment 2025-07-30=100000{order} --json"
    )
    answer = json.loads(told)
    assert code == 0
    (payment,) = answer["payments"]
    assert (payment["to_interest_cents"], payment["to_principal_cents"]) == settled
    assert [piece["principal_cents"] for piece in answer["pieces"]] == [1_000_000, 1_000_000, left[0]]
    assert answer["interest_cents"] == interest_cents
    assert (answer["principal_left_cents"], answer["interest_left_cents"]) == left


def test_people_read_it_line_by_line_in_their_language(call):
    code, told, _ = call(f"{DEBT} --payment 2025-06-30=100000")
    told = told.replace("\u202f", " ").replace("\u00a0", " ")
    assert code == 0
    for words in ("01/06/2025", "13,15 %", "10 000,00 €", "Paiement du 30/06/2025", "Pénalités de retard au 31/08/2025",
                  "Indemnité forfaitaire de recouvrement : 40,00 €", "Reste dû au 31/08/2025", "jours ÷ 365"):  # fmt: skip
        assert words in told
    _, told, _ = call(f"{DEBT} --day-count actual/actual", "en")
    for words in ("1 Jun 2025", "13.15%", "€10,000.00", "Late-payment interest on 31 Aug 2025: €314.46",
                  "Fixed recovery indemnity: €40.00", "366 in leap years"):  # fmt: skip
        assert words in told


def test_the_guide_shows_what_is_printed(call):
    example = re.search(r"```\n\$ encours interest (.*)\n((?s:.*?))```", GUIDE.read_text("utf-8"))
    assert example
    _, told, _ = call(example[1])
    assert " ".join(told.split()).startswith(" ".join(example[2].split()))


def test_nothing_late_is_said(call):
    _, told, _ = call("--principal-cents 100 --due 2025-05-31 --on 2025-05-31")
    assert told.strip() == "Rien n'est en retard au 31/05/2025 : ni pénalités, ni indemnité."


@pytest.mark.parametrize(
    ("line", "problem", "advice"),
    [
        ("--public-buyer", "usage.option_missing", "--principal-cents"),
        ("--principal-cents 100", "usage.option_missing", "--due"),
        (DEBT.replace("1000000", "0"), "interest.not_positive", "supérieur à zéro"),
        (DEBT.replace("1000000", "-5"), "interest.not_positive", "supérieur à zéro"),
        (DEBT.replace("1000000", "10.50"), "usage.not_a_whole_number", "nombre entier"),
        (DEBT.replace("1000000", "1e6"), "usage.not_a_whole_number", "nombre entier"),
        (DEBT.replace("1000000", "100000000000001"), "interest.too_large", "en centimes"),
        (DEBT.replace("1000000", "9" * 5_000), "interest.too_large", "en centimes"),
        (DEBT.replace("2025-05-31", "31/05/2025"), "interest.bad_date", "AAAA-MM-JJ"),
        (DEBT.replace("2025-05-31", "2025-02-29"), "interest.bad_date", "AAAA-MM-JJ"),
        (DEBT.replace("2025-08-31", "2025-08-32"), "bad_date", "AAAA-MM-JJ"),
        (DEBT.replace("2025-08-31", "2025-05-30"), "interest.not_due_yet", "vérifiez l'ordre"),
        (f"{DEBT} --rate -3", "interest.bad_rate", "de 0 à 100"),
        (f"{DEBT} --rate 1215", "interest.bad_rate", "de 0 à 100"),
        (f"{DEBT} --rate 100.01", "interest.bad_rate", "de 0 à 100"),
        (f"{DEBT} --rate 12.155", "interest.bad_rate", "deux décimales"),
        (f"{DEBT} --rate nan", "interest.bad_rate", "de 0 à 100"),
        (f"{DEBT} --rate ", "interest.bad_rate", "de 0 à 100"),
        (f"{DEBT} --ecb-rate 2.15", "interest.bad_ecb_rate", "2026-2=2,15"),
        (f"{DEBT} --ecb-rate 2026-3=2.15", "interest.bad_ecb_rate", "2026-2=2,15"),
        (f"{DEBT} --ecb-rate 2026-2=x", "interest.bad_rate", "de 0 à 100"),
        (f"{DEBT} --payment 2025-06-30", "interest.bad_payment", "DATE=CENTIMES"),
        (f"{DEBT} --payment 2025-06-30=10.50", "interest.bad_payment", "DATE=CENTIMES"),
        (f"{DEBT} --payment 2025-06-31=1050", "interest.bad_date", "AAAA-MM-JJ"),
        (f"{DEBT} --imputation court", "interest.bad_choice", "interest ou principal"),
        (f"{DEBT} --day-count 30/360", "interest.bad_choice", "actual/365 ou actual/actual"),
    ],
)  # fmt: skip
def test_wrong_usage_is_refused_and_says_what_to_write(call, line, problem, advice):
    code, told, _ = call(f"{line} --json")
    assert code == 2
    answer = json.loads(told)
    assert not answer["ok"]
    assert [each["code"] for each in answer["problems"]] == [problem]
    assert advice in answer["problems"][0]["message"]
    code, told, said = call(line)
    assert (code, told) == (2, "")
    assert advice in said


@pytest.mark.parametrize(
    ("line", "problem", "advice"),
    [
        (DEBT.replace("2025-08-31", "2026-07-01"), "interest.no_rate", "--ecb-rate 2026-2=TAUX"),
        (DEBT.replace("2025-05-31", "2018-12-30"), "interest.no_rate", "--ecb-rate 2018-2=TAUX"),
        (f"{DEBT} --payment 2025-06-30=0", "interest.paid_nothing", "supérieur à zéro"),
        (f"{DEBT} --payment 2025-09-01=100", "interest.paid_after", "plus tardive"),
        (f"{DEBT} --payment 2025-06-30=1100000", "interest.paid_too_much", "891,92\u00a0€"),
    ],
)
def test_what_cannot_be_computed_is_refused_and_says_what_to_do(call, line, problem, advice):
    code, told, _ = call(f"{line} --json")
    answer = json.loads(told)
    assert (code, answer["ok"]) == (1, False)
    assert answer.keys() == {"ok", "problems"}
    assert [each["code"] for each in answer["problems"]] == [problem]
    assert advice in answer["problems"][0]["message"]


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ("--rate 11.12", "interest.below_floor"),  # 3 x 3.71 = 11.13 %
        ("--rate 12 --public-buyer", "interest.public_rate_is_fixed"),
        ("--ecb-rate 2025-2=2", "interest.other_ecb_rate"),
    ],
)
def test_what_is_doubtful_is_computed_with_a_warning(call, options, warning):
    code, told, _ = call(f"{DEBT} {options} --json")
    answer = json.loads(told)
    assert (code, answer["ok"]) == (0, True)
    assert [(each["code"], each["severity"]) for each in answer["problems"]] == [(warning, "warning")]
    assert answer["interest_cents"] > 0


def test_the_table_of_rates_is_shown_with_its_sources(call):
    code, told, _ = call("rates --json", "en")
    answer = json.loads(told)
    assert code == 0
    assert answer["rates"][-2] == {
        "half_year": "2025-2",
        "on": "2025-07-01",
        "ecb_percent": 2.15,
        "ecb_since": "2025-06-11",
        "company_percent": 12.15,
        "public_buyer_percent": 10.15,
        "legal_percent": 2.76,
        "contract_minimum_percent": 8.28,
    }
    assert "European Central Bank" in answer["sources"]["ecb"]
    _, told, _ = call("rates")
    for words in ("2024-1", "20/09/2023", "15,21", "Banque centrale européenne"):
        assert words in told
