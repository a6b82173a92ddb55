"""From the customer's page to a file handed over, as a collector does it."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encours.actions.build_court_file import make_court_file
from encours.store.models import CourtFile, Hold, Membership, Paper, User
from encours.store.tenancy import company_scope
from tests import cast
from tests.court.papers import pdf_of


@pytest.fixture
def lefevre(company):
    customer = cast.late_payer(company)
    customer.street = "12 rue du Port"
    customer.save()
    cast.invoice(
        company,
        customer,
        "FA-1",
        payable_cents=100_000,
        issue_date=date(2026, 1, 1),
        due_date=date(2026, 1, 31),
    )
    cast.invoice(
        company,
        customer,
        "FA-2",
        payable_cents=55_550,
        issue_date=date(2026, 1, 29),
        due_date=date(2026, 2, 28),
    )
    return customer


def signed_in(company, role: str) -> Client:
    user = User.objects.create_user(f"{role}@lumen.example", "x", language="fr")
    Membership.objects.create(user=user, company=company, role=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def claire(company):
    return signed_in(company, "collector")


def test_a_file_is_prepared_built_downloaded_and_handed_over(company, lefevre, claire):
    page = claire.get(reverse("court:prepare", args=[lefevre.pk])).content.decode()
    assert "FA-1" in page
    assert "Aucune mise en demeure" in page
    paper = SimpleUploadedFile("contrat.pdf", pdf_of("CONTRAT"), content_type="text/html")
    claire.post(
        reverse("court:attach", args=[lefevre.pk]), {"kind": "contract", "file": paper, "from": "court"}
    )
    with company_scope(company.pk):
        assert Paper.objects.get().file.media_type == "application/pdf"
        chosen = str(lefevre.documents.get(number="FA-1").pk)
    asked = claire.post(
        reverse("court:build", args=[lefevre.pk]), {"procedure": "injonction", "document": [chosen]}
    )
    with company_scope(company.pk):
        file = CourtFile.objects.get()
    assert asked["Location"].startswith(reverse("court:show", args=[file.pk]))
    assert "progress" in claire.get(asked["Location"]).content.decode()
    with company_scope(company.pk):
        make_court_file(company=company, court_file_id=file.pk, now=timezone.now())
    done = claire.get(asked["Location"]).content.decode()
    assert reverse("court:archive", args=[file.pk]) in done
    pdf = claire.get(reverse("court:pdf", args=[file.pk]))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF-")
    assert pdf["Content-Disposition"].startswith("attachment")
    assert pdf["X-Content-Type-Options"] == "nosniff"
    claire.post(
        reverse("court:hand_over", args=[file.pk]), {"to": "Me Durand", "handed_over_date": "2026-05-15"}
    )
    with company_scope(company.pk):
        assert [hold.document.number for hold in Hold.objects.filter(released_at=None)] == ["FA-1"]
    claire.post(reverse("court:take_back", args=[file.pk]))
    with company_scope(company.pk):
        assert not Hold.objects.filter(released_at=None).exists()


def test_what_is_missing_is_told_in_english_too(company, lefevre):
    client = signed_in(company, "viewer")
    User.objects.update(language="en")
    client.post(reverse("set_language"), {"language": "en"})
    page = client.get(reverse("court:prepare", args=[lefevre.pk])).content.decode()
    assert "No formal notice has left" in page
    assert "Build the file" not in page  # a reader looks


def test_asked_again_without_a_change_it_is_the_same_file(company, lefevre, claire):
    for _ in range(2):
        asked = claire.post(reverse("court:build", args=[lefevre.pk]), {"procedure": "injonction"})
        with company_scope(company.pk):
            for waiting in CourtFile.objects.filter(state="waiting"):
                make_court_file(company=company, court_file_id=waiting.pk, now=timezone.now())
    with company_scope(company.pk):
        assert CourtFile.objects.count() == 1
    back = claire.get(asked["Location"])
    assert back["Location"] == reverse("court:prepare", args=[lefevre.pk])


def test_a_file_that_is_no_paper_is_refused_in_words(lefevre, claire):
    bad = SimpleUploadedFile("contrat.pdf", b"<script>", content_type="application/pdf")
    url = reverse("court:attach", args=[lefevre.pk])
    page = claire.post(
        url, {"kind": "contract", "file": bad, "from": "customer"}, follow=True
    ).content.decode()
    assert "ni un PDF, ni une image" in page


def test_a_paper_is_downloaded_never_shown(company, lefevre, claire):
    paper = SimpleUploadedFile("contrat.pdf", pdf_of("CONTRAT"))
    claire.post(
        reverse("court:attach", args=[lefevre.pk]), {"kind": "contract", "file": paper, "from": "customer"}
    )
    with company_scope(company.pk):
        kept = Paper.objects.get()
    got = claire.get(reverse("court:paper", args=[kept.pk]))
    assert got["Content-Disposition"] == 'attachment; filename="contrat.pdf"'
    assert got["X-Content-Type-Options"] == "nosniff"
    claire.post(reverse("court:remove_paper", args=[kept.pk]), {"customer": lefevre.pk, "from": "customer"})
    with company_scope(company.pk):
        assert Paper.objects.get().removed_at is not None
