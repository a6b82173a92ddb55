"""What a visitor changes by itself, within what the company lets it."""

import zlib
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from encours.store.models import Dispute, JournalEntry, Paper, PortalSettings, Promise
from tests import cast
from tests.portal.conftest import TODAY
from tests.portal.proof import prove
from tests.portal.test_paying import page_of


@pytest.fixture(autouse=True)
def proven(visit, books):
    prove(visit)


def pdf() -> bytes:
    out = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(out)
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress((b"\0" * (width + 1)) * min(height, 10))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def promise(visit, *documents, day=TODAY + timedelta(days=10), **more):
    return visit.post(
        "demandes/promesse/",
        {"documents": [each.pk for each in documents], "promised_date": day.isoformat(), **more},
    )


def contest(visit, document, *files, **more):
    data = {
        "document_id": document.pk, "reason_code": "LIVR_INCOMP", "text": "Il manque deux cartons",
        "files": [SimpleUploadedFile(name, content) for name, content in files], **more,
    }  # fmt: skip
    return visit.post("demandes/contestation/", data)


def test_a_promise_holds_its_invoices(visit, books):
    assert promise(visit, books.late).status_code == 303
    made = Promise.objects.get()
    assert (made.amount_cents, made.promised_date) == (120_000, TODAY + timedelta(days=10))
    assert JournalEntry.objects.get(action="promise.recorded").actor == f"portal:{visit.link_id}"
    assert "Promis pour le 20/03/2026" in page_of(visit.get("demandes/"))


def test_a_part_may_be_promised(visit, books):
    assert promise(visit, books.late, amount_cents="500").status_code == 303
    assert Promise.objects.get().amount_cents == 50_000


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (TODAY - timedelta(days=1), "qui est passé"),
        (TODAY + timedelta(days=31), "jusqu’au 09/04/2026"),
        (TODAY + timedelta(days=4000), "jusqu’au 09/04/2026"),
    ],
)
def test_a_promise_is_for_a_day_within_the_limit(visit, books, day, said):
    response = promise(visit, books.late, day=day)
    assert response.status_code == 422
    assert said in page_of(response)
    assert not Promise.objects.exists()


def test_who_promises_again_and_again_gains_no_day(visit, books, clock):
    assert promise(visit, books.late, day=TODAY + timedelta(days=30)).status_code == 303
    clock[0] += timedelta(days=20)
    prove(visit)
    response = promise(visit, books.late, day=TODAY + timedelta(days=31))
    assert response.status_code == 422
    assert promise(visit, books.late, day=TODAY + timedelta(days=28)).status_code == 303


@pytest.mark.parametrize("amount", ["0", "-1", "1200,01", "beaucoup"])
def test_a_promise_is_of_an_amount_that_is_owed(visit, books, amount):
    assert promise(visit, books.late, amount_cents=amount).status_code == 422
    assert not Promise.objects.exists()


def test_another_customers_invoice_is_neither_promised_nor_contested(company, visit, books):
    theirs = cast.invoice(
        company, cast.good_payer(company), "FA-2026-0900", payable_cents=1, issue_date=TODAY
    )
    assert promise(visit, theirs).status_code == 422
    assert contest(visit, theirs).status_code == 422
    assert promise(visit).status_code == 422
    assert not Promise.objects.exists()
    assert not Dispute.objects.exists()


def test_a_dispute_keeps_what_proves_it(visit, books):
    assert contest(visit, books.late, ("bon.pdf", pdf()), ("photo.png", png(4, 4))).status_code == 303
    dispute = Dispute.objects.get()
    assert (dispute.document, dispute.reason_code, dispute.is_whole) == (books.late, "LIVR_INCOMP", True)
    assert dispute.note == "Il manque deux cartons"
    papers = Paper.objects.order_by("pk")
    assert [(each.name, each.kind, each.file.media_type) for each in papers] == [
        ("bon.pdf", "other", "application/pdf"),
        ("photo.png", "other", "image/png"),
    ]
    assert "FA-2026-0001 contestée" in page_of(visit.get("demandes/"))


def test_a_visitors_file_is_never_given_as_the_invoice(visit, books):
    contest(visit, books.late, ("facture.pdf", pdf()))
    assert visit.get(f"factures/{books.late.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.pdf", b"<html><script>alert(1)</script>", "ni un PDF"),
        ("programme.png", b"MZ\x90\0", "ni un PDF"),
        ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ni un PDF"),
        ("coupe.pdf", b"%PDF-1.7\nrien", "endommagé"),
        ("coupe.png", b"\x89PNG\r\n\x1a\n", "endommagé"),
        ("bombe.png", png(60_000, 60_000), "millions de points"),
    ],
)
def test_what_is_no_paper_is_refused_and_nothing_is_kept(visit, books, name, content, said):
    response = contest(visit, books.late, ("bon.pdf", pdf()), (name, content))
    assert response.status_code == 422
    assert said in page_of(response)
    assert not Paper.objects.exists()
    assert not Dispute.objects.exists()


def test_files_are_few_and_small(visit, books):
    response = contest(visit, books.late, *[(f"{rank}.pdf", pdf()) for rank in range(6)])
    assert "5 fichiers au plus" in page_of(response)
    response = contest(visit, books.late, ("gros.pdf", b"%PDF-" + b"0" * (22 << 20)))
    assert response.status_code == 422
    assert "20 Mo" in page_of(response)
    assert not Dispute.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason_code": "X"},
        {"reason_code": ""},
        {"text": " "},
        {"disputed_cents": "1200,01"},
        {"document_id": "x"},
    ],
)
def test_a_dispute_says_what_why_and_how_much(visit, books, wrong):
    assert contest(visit, books.late, **wrong).status_code == 422
    assert not Dispute.objects.exists()


def test_what_is_contested_already_is_said(visit, books):
    contest(visit, books.late)
    response = contest(visit, books.late)
    assert "déjà en litige" in page_of(response)


def test_a_company_may_let_none_of_it(company, visit, books):
    PortalSettings.objects.create(company=company, allows_promise=False, allows_dispute=False)
    assert promise(visit, books.late).status_code == 404
    assert contest(visit, books.late).status_code == 404
    page = page_of(visit.get("demandes/"))
    assert "autre jour" not in page
    assert "conteste" not in page


def test_a_form_no_browser_sends_is_no_failure(visit):
    response = visit.client.post(
        f"{visit.path}demandes/contestation/", b"--x\r\n", content_type="multipart/form-data"
    )
    assert response.status_code in (400, 404, 422)
