"""`encours export` and `encours accounting` as scripts call them."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from encours.actions.create_company import create_company
from encours.cli import accounting, export
from encours.store.tenancy import company_scope
from tests import cast
from tests.accounting.books import lawful, rows

PERIOD = ("--from", "2026-01-01", "--to", "2026-12-31", "--on", "2027-01-10")


@pytest.fixture
def lumen(committed_db):
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        dubois = cast.good_payer(company)
        cast.invoice(company, dubois, "FA-1", payable_cents=9_000, issue_date=date(2026, 1, 5))
        cast.receipt(company, dubois, amount_cents=1_050, received_date=date(2026, 1, 5), label="VIR")
    return company


def answer(app, *arguments: str) -> tuple[int, dict]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_fec_lands_in_the_folder_under_its_lawful_name(lumen, tmp_path):
    code, told = answer(export.app, "fec", *PERIOD, "--out", str(tmp_path))
    path = tmp_path / "732829320FEC20261231.txt"
    assert (code, told["ok"], told["file"]) == (0, True, str(path))
    assert (told["lines"], told["entries"], told["debit_cents"], told["credit_cents"]) == (2, 1, 1_050, 1_050)
    assert (told["draft"], told["closed_until"]) == (False, "2026-12-31")
    assert lawful(path.read_bytes()) == []
    assert [row["Debit"] for row in rows(path.read_bytes())] == [1_050, 0]
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_pipe_another_encoding_and_a_name_of_ones_own(lumen, tmp_path):
    path = tmp_path / "deep" / "livre.txt"
    code, told = answer(
        export.app,
        "fec",
        *PERIOD,
        "--out",
        str(path),
        "--separator",
        "pipe",
        "--encoding",
        "iso-8859-15",
        "--draft",
    )
    assert (code, told["draft"], told["closed_until"]) == (0, True, None)
    assert path.read_bytes().startswith(b"JournalCode|JournalLib|")


LAYOUTS = {
    "sage": "BQ;050126;411000;C0001;VIR;Règlement VIR Boulangerie Dubois SARL;0,00;10,50;;00000001",
    "cegid": "BQ;05/01/2026;C0001;Boulangerie Dubois SARL;VIR;Règlement VIR Boulangerie Dubo;0,00;10,50;",
    "ebp": "1;050126;BQ;C0001;Boulangerie Dubois SARL;Règlement VIR Boulangerie Dubois SARL;VIR;10,50;C;EUR",
    "pennylane": "BQ;05/01/2026;411000;Clients;C0001;Boulangerie Dubois SARL;VIR;"
    "Règlement VIR Boulangerie Dubois SARL;0,00;10,50;",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_package_gets_its_columns(lumen, tmp_path, layout):
    code, told = answer(export.app, "entries", *PERIOD, "--format", layout, "--out", str(tmp_path))
    assert code == 0
    encoding = "utf-8-sig" if layout == "pennylane" else "cp1252"
    lines = (tmp_path / f"lumen-{layout}-20260101-20261231.csv").read_bytes().decode(encoding).split("\r\n")
    assert lines[-2] == LAYOUTS[layout]
    assert len(lines) == (3 if layout == "ebp" else 4)
    assert told["file"].endswith(".csv")


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("fec", "--from", "2026-13-01", "--to", "2026-12-31"), 2, "export_bad_date"),
        (("fec", "--from", "2026-12-01", "--to", "2026-01-31"), 1, "export_wrong_period"),
        (("fec", *PERIOD, "--separator", "comma"), 2, "export_bad_choice"),
        (("entries", *PERIOD, "--format", "quickbooks"), 2, "export_bad_choice"),
        (("fec", *PERIOD, "--out", "/proc/none/here.txt", "--draft"), 2, "export_unwritable"),
    ],
)
def test_what_cannot_be_exported_is_said(lumen, arguments, code, problem):
    found, told = answer(export.app, *arguments)
    assert (found, told["ok"], [each["code"] for each in told["problems"]]) == (code, False, [problem])


def test_settings_are_shown_and_changed(lumen):
    code, told = answer(accounting.app, "settings", "--set", "receivable=411100", "--set", "sales_entries=yes",
                        "--set", 'vat_by_rate={"550": "445712"}')  # fmt: skip
    assert code == 0
    assert told["settings"]["receivable"] == "411100"
    assert answer(accounting.app, "settings")[1]["settings"] == told["settings"]
    code, told = answer(accounting.app, "settings", "--set", "receivable=401000")
    assert (code, told["problems"][0]["field"]) == (1, "receivable")
    assert answer(accounting.app, "settings", "--set", "receivable")[0] == 2
    assert answer(accounting.app, "settings", "--set", "banks=nothing")[0] == 2


def test_a_debt_is_doubted_and_believed_again(lumen, tmp_path):
    asked = ("doubt", "FA-1", "--share", "50", "--reason", "Redressement", "--on", "2026-02-01")
    assert answer(accounting.app, *asked)[0] == 0
    assert answer(accounting.app, *asked)[1]["problems"][0]["code"] == "doubt_already"
    _, told = answer(export.app, "fec", *PERIOD, "--out", str(tmp_path))
    assert told["lines"] == 6
    assert answer(accounting.app, "end-doubt", "FA-1")[0] == 0
    assert answer(accounting.app, "end-doubt", "FA-1")[1]["problems"][0]["code"] == "doubt_none"


def test_people_read_where_the_file_is(lumen, tmp_path, monkeypatch):
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")
    result = CliRunner().invoke(export.app, ["fec", *PERIOD, "--out", str(tmp_path)])
    assert result.exit_code == 0
    assert "732829320FEC20261231.txt" in result.stdout
    assert "2 lignes, 1 écritures" in result.stdout
