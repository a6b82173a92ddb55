"""A paper and a built file for the customer of a furnished house."""

from datetime import date
from typing import Any

from django.utils import timezone

from encours.actions.keep_file import keep_file
from encours.core.court_files.checking import INSOLVENCY
from encours.store.models import CourtFile, Paper
from encours.store.tenancy import company_scope


def file_of(house: Any) -> int:
    """A file that is built; the same one each time."""
    with company_scope(house.company.pk):
        kept = keep_file(
            company=house.company, name="dossier.pdf", media_type="application/pdf", content=b"%PDF-1.7"
        )
        found, _ = CourtFile.objects.get_or_create(
            company=house.company, customer=house.customer, state="done", digest="of the house",
            defaults={
                "procedure": "injonction", "on_date": date(2026, 3, 2), "asked_by": "test", "pdf": kept, "archive": kept,
                "document_ids": [house.invoice.pk], "principal_cents": 120_000, "interest_cents": 1_234,
                "indemnity_cents": 4_000, "interest_until": date(2026, 3, 2), "piece_count": 3, "page_count": 9,
                "findings": [{"severity": "warning", "sentence": INSOLVENCY().as_json()}], "finished_at": timezone.now(),
            },
        )  # fmt: skip
        return found.pk


def paper_of(house: Any) -> int:
    with company_scope(house.company.pk):
        kept = keep_file(
            company=house.company, name="contrat.pdf", media_type="application/pdf", content=b"%PDF-1.7 c"
        )
        found, _ = Paper.objects.get_or_create(
            company=house.company,
            customer=house.customer,
            file=kept,
            kind="contract",
            name="contrat.pdf",
            added_by="test",
        )
        return found.pk
