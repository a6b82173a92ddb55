"""`encours import` as people and scripts call it; every bad input is refused with a clear line and nothing lost."""

import json
import os
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from encours.cli import import_
from encours.cli.main import app
from encours.store.models import Customer, Document, ImportProblem, Transaction

HEADER = "N° facture;Date facture;Échéance;Code client;Client;SIREN;TTC;Devise"
GOOD = f"{HEADER}\nF1;2026-01-10;2026-02-09;C1;Dubois SARL;443061841;120,00;EUR\n"
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId>
<CreDtTm>2026-01-10T10:00:00</CreDtTm></GrpHdr><Stmt><Id>1</Id><Acct><Id><IBAN>FR7630004000031234567890143</IBAN></Id>
<Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-09</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-10</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-10</Dt></BookgDt>
<ValDt><Dt>2026-01-10</Dt></ValDt><AcctSvcrRef>REF1</AcctSvcrRef><BkTxCd><Prtry><Cd>05</Cd></Prtry></BkTxCd>
<NtryDtls><TxDtls><RmtInf><Ustrd>F1 DUBOIS</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""


@pytest.fixture
def encours(company, monkeypatch):
    """Runs `encours import … --json` in this process, in the company's scope; gives (exit code, answer)."""

    @contextmanager
    def chosen(slug: str, *, as_json: bool):
        yield company

    monkeypatch.setattr(import_, "company", chosen)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")

    def run(*arguments: str | Path):
        result = CliRunner().invoke(app, ["import", *map(str, arguments), "--json"])
        answer = json.loads(result.stdout) if result.stdout.startswith("{") else None
        return SimpleNamespace(code=result.exit_code, answer=answer, output=result.output)

    return run


def codes(run: SimpleNamespace) -> list[str]:
    return [problem["code"] for problem in run.answer["problems"]]


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_json_that_scripts_rely_on(encours, tmp_path):
    run = encours(
        written(tmp_path / "f.csv", GOOD), written(tmp_path / "b.xml", CAMT.format(closing="150.00"))
    )
    assert (run.code, run.answer["ok"], run.answer["problems"]) == (0, True, [])
    invoices, bank = run.answer["files"]
    assert {key: invoices[key] for key in ("file", "kind", "created", "unchanged", "refused")} == {
        "file": "f.csv", "kind": "invoices_csv", "created": 1, "unchanged": 0, "refused": 0,
    }  # fmt: skip
    assert invoices["documents"] == [
        {"number": "F1", "type": "invoice", "issue_date": "2026-01-10", "due_date": "2026-02-09", "currency": "EUR",
         "payable_cents": 12000, "seller": "", "buyer": "Dubois SARL"}
    ]  # fmt: skip
    assert (bank["kind"], bank["created"]) == ("camt053", 1)
    assert bank["accounts"] == [
        {"account": "FR7630004000031234567890143", "currency": "EUR", "transactions": 1, "credit_cents": 5000,
         "debit_cents": 0, "opening_cents": 10000, "closing_cents": 15000}
    ]  # fmt: skip
    again = encours(tmp_path / "f.csv", tmp_path / "b.xml")
    assert [(f["created"], f["unchanged"]) for f in again.answer["files"]] == [(0, 1), (0, 1)]
    assert again.code == 0


def test_one_refused_file_does_not_stop_the_others(encours, tmp_path):
    run = encours(tmp_path / "absent.csv", tmp_path, written(tmp_path / "f.csv", GOOD))
    assert run.code == 1
    assert [f["created"] for f in run.answer["files"]] == [0, 0, 1]
    assert [(p["file"], p["code"]) for p in run.answer["problems"]] == [
        ("absent.csv", "no_such_file"), (tmp_path.name, "is_a_directory"),
    ]  # fmt: skip


def refused_csv(line: str) -> bytes:
    return f"{GOOD}{line}\n".encode()


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ("F2;2026-02-31;;C1;Dubois SARL;;10;EUR", "not_a_date", "issue_date"),
        ("F2;2026-01-31;;C1;Dubois SARL;;dix;EUR", "not_an_amount", "total"),
        ("F2;2026-01-31;;C1;Dubois SARL;;10", "ragged_line", ""),
        ('F2;2026-01-31;;C1;"Dubois SARL;;10;EUR', "unclosed_quote", ""),
        ("F2;2026-01-31;;;;;10;EUR", "missing_customer", "customer"),
        ("F2;2026-01-31;;C1;Dubois SARL;;10;EUROS5", "unknown_currency", "currency"),
    ],
)
def test_a_bad_line_costs_itself(encours, tmp_path, line, code, field):
    run = encours(written(tmp_path / "f.csv", refused_csv(line)))
    assert run.code == 1
    assert [(p["code"], p["line"], p["field"]) for p in run.answer["problems"]] == [(code, 3, field)]
    assert (run.answer["files"][0]["created"], run.answer["files"][0]["refused"]) == (1, 1)
    kept = ImportProblem.objects.get()
    assert (kept.line, "F2" in kept.raw) == (3, True)


def test_wrong_encodings(encours, tmp_path):
    mixed = GOOD.encode() + "F2;2026-01-31;;C2;Hôtel;;10;EUR\n".encode("cp1252")
    run = encours(
        written(tmp_path / "mixed.csv", mixed),
        written(tmp_path / "latin.csv", GOOD.replace("F1", "F3").encode("cp1252")),
    )
    assert [(p["file"], p["line"], p["code"]) for p in run.answer["problems"]] == [
        ("mixed.csv", 3, "undecodable_text")
    ]
    assert sorted(Document.objects.values_list("number", flat=True)) == ["F1", "F3"]


def test_a_truncated_file_loses_its_last_line_only(encours, tmp_path):
    content = (GOOD + "F2;2026-01-31;;C1;Dubois SARL;;10,00;EUR\n").encode()
    run = encours(written(tmp_path / "cut.csv", content[:-12]))
    assert [(p["line"], p["code"]) for p in run.answer["problems"]] == [(3, "ragged_line")]
    assert Document.objects.count() == 1


def bomb() -> dict[str, bytes]:
    return {
        "[Content_Types].xml": b"<x/>",
        "xl/workbook.xml": b"<x/>",
        "xl/worksheets/sheet1.xml": b" " * (80 << 20),
    }


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


WHOLE_FILES = {
    "empty.csv": (b"", "empty_file"),
    "blank.csv": (b"\n \n", "empty_file"),
    "unknown.csv": (b"foo;bar\n1;2\n", "unknown_columns"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "legacy_excel"),
    "photo.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "not_a_text_file"),
    "cut.xml": (CAMT.format(closing="150.00").encode()[:700], None),
    "dtd.xml": (CAMT.format(closing="1").replace("?>", '?><!DOCTYPE Document [<!ENTITY a "b">]>', 1).encode(), None),
    "external.xml": (
        CAMT.format(closing="1").replace("?>", '?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1)
        .replace("F1 DUBOIS", "&a;").encode(), None,
    ),
    "plain.pdf": (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
                  b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n"
                  b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n101\n%%EOF\n", None),
    "cut.pdf": (b"%PDF-1.7\n1 0 obj", None),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(WHOLE_FILES))
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_whole_files_are_refused_by_name(encours, tmp_path, name, options):
    content, code = WHOLE_FILES[name]
    run = encours(written(tmp_path / name, content), *options)
    assert run.code == 1
    (problem,) = run.answer["problems"]
    assert problem["file"] == name
    assert problem["code"] == (code or problem["code"])
    assert len(problem["message"]) >= 20
    assert not {"internal_error", ""} & {problem["code"]}
    assert (run.answer["files"][0]["created"], run.answer["files"][0]["refused"]) == (0, 1)
    assert not Document.objects.exists()
    assert not Customer.objects.exists()
    assert not Transaction.objects.exists()
    assert "root:" not in run.output  # nothing of /etc/passwd


@pytest.mark.parametrize(("kind", "name"), [("camt053", "accounts"), ("ubl", "documents")])
def test_a_refused_file_has_the_lists_of_its_kind(encours, tmp_path, kind, name):
    run = encours(written(tmp_path / "cut.xml", "<"), "--kind", kind, "--dry-run")
    assert run.answer["files"][0][name] == []


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_name_that_is_no_utf_8(encours, tmp_path, options):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv"))
    run = encours(written(path, GOOD), *options)
    assert (run.code, run.answer["files"][0]["file"]) == (0, "caf\ufffd.csv")


def test_what_a_cell_says_is_no_markup(encours, tmp_path, monkeypatch, company):
    path = written(tmp_path / "b.csv", GOOD.replace("2026-01-10", "[/b]"))
    result = CliRunner().invoke(app, ["import", str(path), "--dry-run"])
    assert (result.exit_code, "[/b]" in result.output) == (1, True)


def test_a_zip_bomb_is_not_opened(encours, tmp_path):
    path = zipped(tmp_path / "bomb.xlsx", bomb())
    assert path.stat().st_size < 200_000
    assert codes(encours(path)) == ["zip_bomb"]


def test_a_300_mb_file_is_refused_before_it_is_read(encours, tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(300 << 20)  # sparse
    for options in ((), ("--dry-run",)):
        run = encours(path, *options)
        assert codes(run) == ["file_too_large"]
        assert "300 Mo" in run.answer["problems"][0]["message"]
        assert "256 Mo" in run.answer["problems"][0]["message"]


def test_pipes_and_devices_are_not_read(encours, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert codes(encours(tmp_path / "pipe.csv", "/dev/zero")) == ["not_a_regular_file", "not_a_regular_file"]


def test_wrong_check_digits_are_said_and_the_invoice_taken(encours, tmp_path):
    run = encours(written(tmp_path / "f.csv", GOOD.replace("443061841", "443061842")))
    assert (run.code, run.answer["ok"]) == (0, True)
    assert [(p["code"], p["line"], p["field"], p["severity"]) for p in run.answer["problems"]] == [
        ("wrong_check_digits", 2, "siren", "warning")
    ]


def test_a_number_that_exists_with_another_amount(encours, tmp_path):
    encours(written(tmp_path / "f.csv", GOOD))
    run = encours(written(tmp_path / "g.csv", GOOD.replace("120,00", "130,00")))
    assert [(p["code"], p["line"], p["field"]) for p in run.answer["problems"]] == [
        ("number_exists_differently", 2, "payable_cents")
    ]
    assert Document.objects.get().payable_cents == 12000


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_statement_that_does_not_add_up(encours, tmp_path, options):
    run = encours(written(tmp_path / "b.xml", CAMT.format(closing="151.00")), *options)
    assert run.code == 1
    assert codes(run) == ["statement_does_not_add_up"]
    assert "1,00" in run.answer["problems"][0]["message"]
    assert (run.answer["files"][0]["created"], run.answer["files"][0]["refused"]) == (0, 1)
    assert not Transaction.objects.exists()


def test_a_cfonb_240_is_called_what_it_is(encours, shared_data):
    run = encours(shared_data / "bank" / "cfonb" / "cfonb.240-complex-test.txt")
    assert codes(run) == ["cfonb240_not_supported"]
    assert "CFONB 240" in run.answer["problems"][0]["message"]


def test_two_currencies(encours, tmp_path):
    run = encours(written(tmp_path / "f.csv", GOOD + "F2;2026-01-31;;C1;Dubois SARL;;10;USD\n"))
    assert [(d["currency"], d["payable_cents"]) for d in run.answer["files"][0]["documents"]] == [
        ("EUR", 12000),
        ("USD", 1000),
    ]


def test_columns_mapped_by_hand(encours, tmp_path):
    path = written(tmp_path / "f.csv", "Ref;Quand;Combien;Qui\nF1;2026-01-01;10;X\n")
    maps = [
        part
        for pair in ("Ref=number", "Quand=issue_date", "Combien=total", "Qui=name")
        for part in ("--map", pair)
    ]
    assert encours(path, "--dry-run", *maps).answer["files"][0]["created"] == 1
    assert encours(path, *maps).answer["files"][0]["created"] == 1
    assert encours(path).answer["files"][0]["unchanged"] == 1
    assert codes(encours(path, "--map", "Ref=nonsense")) == ["unknown_field"]


@pytest.mark.parametrize("arguments", [("--kind", "nonsense"), ("--map", "nothing")])
def test_wrong_usage_does_nothing(encours, tmp_path, arguments):
    run = encours(written(tmp_path / "f.csv", GOOD), *arguments)
    assert run.code == 2
    assert not Document.objects.exists()


def test_people_get_words(encours, tmp_path, monkeypatch, company):
    result = CliRunner().invoke(
        app, ["import", str(written(tmp_path / "f.csv", refused_csv("F2;x;;C1;D;;1;EUR")))]
    )
    assert result.exit_code == 1
    assert "f.csv: invoices_csv · 1 créés, 0 inchangés, 1 refusés" in result.output
    assert "n'est pas une date" in result.output


@pytest.mark.parametrize("command", [["company", "list"], ["doctor"], ["import", "x.csv"], ["migrate"]])
def test_a_data_folder_that_cannot_be_is_said(command):
    environment = os.environ | {"ENCOURS_HOME": "/dev/null/encours", "ENCOURS_LANGUAGE": "fr"}
    environment["DJANGO_SETTINGS_MODULE"] = "encours.config.settings"
    done = subprocess.run(
        [sys.executable, "-m", "encours", *command, "--json"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "")
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"] == "no_data_folder"
    assert "/dev/null/encours" in problem["message"]


def test_a_dry_run_needs_no_django_no_company_and_no_data_folder(tmp_path):
    path = written(tmp_path / "f.csv", GOOD)
    script = (
        "import sys; sys.argv = ['encours', 'import', '--dry-run', '--json', sys.argv[1]]\n"
        "from encours.cli.main import main\n"
        "try: main()\n"
        "finally: assert not any(name.split('.')[0] in ('django', 'psycopg') for name in sys.modules), 'Django was started'\n"
    )
    environment = os.environ | {"ENCOURS_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["dry_run"], answer["files"][0]["created"]) == (True, 1)
    assert not (tmp_path / "home").exists()


def test_a_file_that_was_recognised_and_refused_keeps_its_kind(encours, tmp_path):
    cut = written(tmp_path / "b.xml", CAMT.format(closing="150.00")[:-200])
    for options in ([], ["--dry-run"]):
        run = encours(cut, *options)
        assert (run.code, run.answer["files"][0]["kind"], run.answer["files"][0]["refused"]) == (
            1,
            "camt053",
            1,
        )


def test_how_a_file_was_understood_is_told(encours, shared_data):
    fec = shared_data / "fec" / "111111111FEC20221231.TXT"
    said = [encours(fec, *options).answer["files"][0]["notes"] for options in (["--dry-run"], [], [])]
    assert said[0] == said[1] == said[2]
    assert "Ventes : journaux VE (88)." in said[0]
