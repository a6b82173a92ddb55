"""`encours court-file` as people and scripts call it."""

import json
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from encours.cli import court_file
from encours.cli.main import app
from tests import cast
from tests.court.papers import pdf_of


@pytest.fixture
def encours(company, monkeypatch):
    """Runs a command in this process, in the company's scope; gives (exit code, answer)."""

    @contextmanager
    def chosen(slug: str, *, as_json: bool):
        yield company

    monkeypatch.setattr(court_file, "company", chosen)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")

    def run(*arguments: object):
        result = CliRunner().invoke(app, ["court-file", *(str(each) for each in arguments)])
        answer = json.loads(result.stdout) if result.stdout.startswith("{") else None
        return SimpleNamespace(code=result.exit_code, answer=answer, output=result.output)

    return run


@pytest.fixture
def lefevre(company):
    customer = cast.late_payer(company)
    customer.street = "12 rue du Port"
    customer.save()
    for number, cents in (("FA-1", 100_000), ("FA-2", 450_000)):
        cast.invoice(
            company,
            customer,
            number,
            payable_cents=cents,
            issue_date=date(2026, 1, 1),
            due_date=date(2026, 1, 31),
        )
    return customer


def test_a_file_is_written_where_one_says(lefevre, encours, tmp_path):
    told = encours("build", "--customer", "C0002", "--on", "2026-05-15", "--out", tmp_path / "new", "--json")
    assert (told.code, told.answer["ok"], told.answer["principal_cents"]) == (0, True, 550_000)
    assert told.answer["total_cents"] == 550_000 + told.answer["interest_cents"] + 8_000
    for name in ("pdf", "archive"):
        written = Path(told.answer[name]["path"])
        assert sha256(written.read_bytes()).hexdigest() == told.answer[name]["sha256"]
    assert "court.no_notice" in [problem["code"] for problem in told.answer["problems"]]


def test_a_small_claim_over_the_limit_is_refused_and_fits_with_one_invoice(lefevre, encours, tmp_path):
    asked = (
        "build",
        "--customer",
        "C0002",
        "--on",
        "2026-05-15",
        "--out",
        tmp_path,
        "--procedure",
        "petites_creances",
    )
    refused = encours(*asked, "--json")
    assert (refused.code, refused.answer["ok"]) == (1, False)
    assert "court.too_large" in [
        problem["code"] for problem in refused.answer["problems"] if problem["severity"] == "error"
    ]
    assert list(tmp_path.iterdir()) == []
    fits = encours(*asked, "--document", "FA-1", "--json")
    assert (fits.code, fits.answer["document_count"]) == (0, 1)


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (("--customer", "NOBODY"), 1, "pas de client de code NOBODY"),
        (("--customer", "C0002", "--document", "FA-9"), 1, "n'a pas de facture FA-9"),
        (("--customer", "C0002", "--procedure", "duel"), 2, "Procédure inconnue"),
    ],
)
def test_wrong_usage_is_said(lefevre, encours, tmp_path, more, code, words):
    told = encours("build", "--out", tmp_path, "--on", "2026-05-15", *more, "--json")
    assert told.code == code
    assert words in told.answer["problems"][0]["message"]


def test_a_paper_is_attached(lefevre, encours, tmp_path):
    contract = tmp_path / "contrat.pdf"
    contract.write_bytes(pdf_of("CONTRAT"))
    taken = encours("attach", contract, "--customer", "C0002", "--kind", "contract", "--json")
    assert (taken.code, taken.answer["kind"]) == (0, "contract")
    contract.write_bytes(b"nothing")
    refused = encours("attach", contract, "--customer", "C0002", "--kind", "contract", "--json")
    assert (refused.code, refused.answer["problems"][0]["code"]) == (1, "paper.not_a_paper")
