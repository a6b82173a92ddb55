"""The list of documents and a document's page: what they show and how they are asked.

House: FA-2026-0001, 3,000 € in two instalments (the first 60 days late, 400 € received); FA-2026-0002, 1,200 € not due;
FA-2026-0003, 840 € 50 days late and disputed; AV-2026-0001, a credit note of 100 € to use.
"""

import csv
from io import StringIO

import pytest
from django.test import Client

from encours.store.models import ImportBatch, StoredFile
from tests import cast
from tests.backoffice.conftest import House, SignIn

# of Hôtel des Voyageurs: one in dispute, one promised, one in a payment plan
CONTESTED = ("FA-2026-0010", "FA-2026-0011", "FA-2026-0012")


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    return sign_in(house.company, "viewer")


def numbers(client: Client, query: str) -> list[str]:
    return [row.number for row in client.get(f"/factures/?{query}").context["page"].rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=overdue", ["FA-2026-0003", *CONTESTED, "FA-2026-0001"]),
        ("state=overdue&sort=-amount", ["FA-2026-0001", *reversed(CONTESTED), "FA-2026-0003"]),
        ("state=paid", []),
        ("bucket=31_60", ["FA-2026-0003", "FA-2026-0001"]),
        ("bucket=91_plus", []),
        ("type=credit_note", ["AV-2026-0001"]),
        ("q=fa 2026 2", ["FA-2026-0002"]),
        ("q=dubois", ["FA-2026-0002"]),
        ("min=1 000,00&max=2000", ["FA-2026-0002"]),
        ("sort=amount", ["AV-2026-0001", "FA-2026-0003", *CONTESTED, "FA-2026-0002", "FA-2026-0001"]),
        # what cannot be read is no filter, and no error
        (
            "min=abc&page=x&sort=drop&state=nope",
            ["AV-2026-0001", "FA-2026-0002", *reversed(CONTESTED), "FA-2026-0003", "FA-2026-0001"],
        ),
    ],
)
def test_filters_and_sort(client: Client, query: str, expected: list[str]):
    assert numbers(client, query) == expected


def test_the_first_open_instalment_says_how_late_a_document_is(client: Client, house: House):
    rows = {row.number: row for row in client.get("/factures/").context["page"].rows}
    assert rows["FA-2026-0001"].days_late == 60
    assert rows["FA-2026-0001"].state == "overdue"
    assert rows["FA-2026-0002"].state == "open"
    assert rows["AV-2026-0001"].state == "credit"
    assert rows["AV-2026-0001"].signed_cents == -10_000


def test_a_bucket_holds_the_documents_the_dashboard_counts(client: Client, house: House):
    metrics = client.get("/").context["metrics"]
    for bucket in metrics.ageing:
        listed = [
            row
            for row in client.get(f"/factures/?bucket={bucket.code}").context["page"].rows
            if row.open_cents > 0
        ]
        assert len(listed) == bucket.document_count, bucket.code


def test_pages_follow_each_other(client: Client, house: House, monkeypatch: pytest.MonkeyPatch):
    everything = numbers(client, "")
    monkeypatch.setattr("encours.backoffice.documents.views.PAGE_SIZE", 4)
    first = client.get("/factures/?sort=-amount").context["page"]
    second = client.get("/factures/?sort=-amount&page=2").context["page"]
    assert (first.has_next, second.has_next, first.count) == (True, False, 7)
    seen = [row.number for row in (*first.rows, *second.rows)]
    assert sorted(seen) == sorted(everything)


def test_a_documents_page_says_all(client: Client, house: House):
    body = client.get(f"/factures/{house.invoice.pk}/").content.decode()
    for said in (
        "FA-2026-0001",
        "Menuiserie Lefèvre SAS",
        "60 jours de retard",
        "VIR LEFEVRE FA-2026-0001",
        "Échéances",
    ):
        assert said in body, said
    assert "2\u202f600,00\u00a0€" in body


def test_export_opens_in_a_french_spreadsheet(client: Client, house: House):
    cast.invoice(
        house.company, house.customer, "=SUM(A1)", payable_cents=-5, issue_date=house.invoice.issue_date
    )
    response = client.get("/factures/export.csv?state=open")
    text = b"".join(response).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text), delimiter=";"))
    by_number = {row["Numéro"]: row for row in rows}
    assert by_number["FA-2026-0001"]["Restant dû"] == "2600,00"
    assert by_number["AV-2026-0001"]["Total"] == "-100,00"
    assert "'=SUM(A1)" in by_number, "a cell must not be a formula"
    assert len(rows) == 8


def test_an_export_of_many_rows_is_read_in_blocks(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("encours.queries.documents.EXPORT_ROWS_AT_ONCE", 2)
    text = b"".join(client.get("/factures/export.csv")).decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 8


def test_the_source_file_is_handed_out_as_a_download(client: Client, house: House, settings, tmp_path):
    settings.FILES_FOLDER = tmp_path
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / ("c" * 62)).write_bytes(b"<script>alert(1)</script>")
    file = StoredFile.objects.create(company=house.company, sha256="ab" + "c" * 62, name="f.html", size=25)
    batch = ImportBatch.objects.create(
        company=house.company, file=file, file_name="f.html", imported_by="test"
    )
    document = cast.invoice(
        house.company,
        house.customer,
        "F-1",
        payable_cents=1,
        issue_date=house.invoice.issue_date,
        batch=batch,
    )
    response = client.get(f"/factures/{document.pk}/fichier/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response) == b"<script>alert(1)</script>"
