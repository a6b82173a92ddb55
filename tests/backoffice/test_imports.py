"""Imports from the page: a file arrives, the worker takes it, people see what came of it and mend what was refused."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings

from encours.actions import import_file
from encours.actions.import_file import run_import
from encours.actions.read_file import known_kinds
from encours.backoffice.imports.names import FIELD_NAMES, KIND_NAMES, NEEDED, TABLE_NAMES
from encours.core.imports import ANSWER_KIND
from encours.ports.registry import live_feeds, vocabularies
from encours.store.models import ColumnMapping, Company, Document, ImportBatch, ImportProblem, JournalEntry
from encours.store.tenancy import company_scope
from tests.backoffice.conftest import SignIn
from tests.backoffice.page import assert_fragment_sound, assert_sound

INVOICES = """\
N° facture;Date facture;Date échéance;Code client;Client;Montant TTC
F-1;02/03/2026;01/04/2026;C1;Scierie du Val;120,00
F-2;31/02/2026;01/04/2026;C1;Scierie du Val;60,00
F-3;04/03/2026;03/04/2026;C2;Fonderie Roc;douze
F-4;05/03/2026;03/04/2026;C2;Fonderie Roc;12,00;de trop
"""
CORRECTED = INVOICES.replace("31/02", "28/02").replace("douze", "-12,00").replace(";de trop", "")
UNKNOWN = "Quoi;Jour;Combien;Chez qui;Divers\nX-1;02/03/2026;12,50;Scierie du Val;rien\n"
MEANING = {"Quoi": "number", "Jour": "issue_date", "Combien": "total", "Chez qui": "name"}


@pytest.fixture
def client(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company, "accountant")


def file_named(name: str, content: str | bytes) -> BytesIO:
    file = BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return file


def send(client: Client, *files: BytesIO, **headers: str) -> Any:
    return client.post("/imports/envoi/", {"files": list(files)}, headers=headers)


def work(company: Company) -> None:
    """Runs the imports that were asked for, as the worker does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args::text FROM procrastinate_jobs WHERE task_name = 'import_file' AND status = 'todo' ORDER BY id"
        )
        asked_for = [json.loads(row[0]) for row in cursor.fetchall()]
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'import_file'")
    for args in asked_for:
        assert args["company_id"] == company.pk
        with company_scope(company.pk):
            run_import(company=company, batch_id=args["batch_id"], kind=args.get("kind", ""))


def cells_of(response: Any) -> list[list[str]]:
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";"))


def test_a_file_is_kept_by_the_request_and_taken_by_the_worker(client: Client, company: Company):
    response = send(client, file_named("mars.csv", INVOICES))
    batch = ImportBatch.objects.get()
    assert response["Location"] == f"/imports/{batch.pk}/"
    assert (batch.state, batch.imported_by[:5], Document.objects.count()) == ("waiting", "user:", 0)
    waiting = client.get(f"/imports/{batch.pk}/").content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    assert "Attend son tour" in waiting
    work(company)
    page = client.get(f"/imports/{batch.pk}/")
    html = page.content.decode()
    assert_sound(html, language="fr")
    assert "hx-trigger" not in html  # nothing moves any more
    row = page.context["row"]
    assert (row.state, row.created, row.unchanged, row.refused) == ("done", 1, 0, 3)
    assert [document.number for document in page.context["detail"].documents] == ["F-1"]
    assert [(problem.line, problem.field) for problem in page.context["page"].rows] == [
        (3, "issue_date"), (4, "total"), (5, ""),
    ]  # fmt: skip
    assert "F-2;31/02/2026" in html


def test_several_files_arrive_at_once_and_the_list_tells_of_each(client: Client, company: Company):
    response = send(
        client, file_named("a.csv", INVOICES), file_named("b.csv", UNKNOWN), file_named("c.csv", "")
    )
    assert response["Location"] == "/imports/"
    page = client.get("/imports/", headers={"HX-Request": "true"})
    assert "2 imports en cours" in page.content.decode()
    work(company)
    page = client.get("/imports/")
    assert [(row.file_name, row.state) for row in page.context["page"].rows] == [
        ("b.csv", "refused"), ("a.csv", "done"),
    ]  # fmt: skip
    assert_sound(page.content.decode(), language="fr")
    assert [row.file_name for row in client.get("/imports/?state=refused").context["page"].rows] == ["b.csv"]
    assert [row.file_name for row in client.get("/imports/?q=A.CS").context["page"].rows] == ["a.csv"]
    fragment = client.get("/imports/", headers={"HX-Request": "true"}).content.decode()
    assert "terminés" in fragment
    assert "<html" not in fragment


def test_an_empty_file_is_refused_in_words_and_not_kept(client: Client):
    response = client.post("/imports/envoi/", {"files": file_named("vide.csv", "")}, follow=True)
    assert "vide.csv : Le fichier est vide." in response.content.decode()
    assert ImportBatch.objects.count() == 0


def test_without_a_file_the_page_asks_for_one(client: Client):
    response = client.post("/imports/envoi/", {}, follow=True)
    assert "Choisissez d’abord un fichier." in response.content.decode()


def test_a_script_is_told_where_to_go(client: Client):
    response = send(client, file_named("mars.csv", INVOICES), **{"X-Upload": "1"})
    assert response.json() == {"next": f"/imports/{ImportBatch.objects.get().pk}/"}


@override_settings(IMPORT_MAX_BYTES=200_000)
def test_a_file_beyond_the_limit_is_refused_and_the_others_are_taken(client: Client):
    """Counted in bytes received: no header of the request is believed."""
    large = file_named("gros.csv", INVOICES + "x" * 250_000)
    response = client.post(
        "/imports/envoi/", {"files": [file_named("a.csv", INVOICES), large, file_named("b.csv", UNKNOWN)]}, follow=True,
    )  # fmt: skip
    assert "gros.csv n’a pas été pris" in response.content.decode()
    assert sorted(ImportBatch.objects.values_list("file_name", flat=True)) == ["a.csv", "b.csv"]


def test_a_stranger_fills_no_disk(client: Client, monkeypatch):
    written = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.TemporaryUploadedFile", lambda *args, **kwargs: written.append(args)
    )
    Client().post("/compte/login/", {"files": file_named("a.csv", INVOICES)})
    assert written == []


def test_refused_lines_are_corrected_and_imported_again(client: Client, company: Company):
    send(client, file_named("mars.csv", INVOICES))
    work(company)
    batch = ImportBatch.objects.get()
    header, *lines = cells_of(client.get(f"/imports/{batch.pk}/a-corriger.csv"))
    assert header == INVOICES.splitlines()[0].split(";")
    assert lines == [line.split(";") for line in INVOICES.splitlines()[2:]]
    send(client, file_named("corrigé.csv", CORRECTED))
    work(company)
    again = ImportBatch.objects.latest("pk")
    assert (again.created_count, again.unchanged_count, again.refused_count) == (3, 1, 0)


def test_the_reasons_are_exported_in_words(client: Client, company: Company):
    send(client, file_named("mars.csv", INVOICES))
    work(company)
    header, *lines = cells_of(client.get(f"/imports/{ImportBatch.objects.get().pk}/refus.csv"))
    assert header == ["Ligne", "Champ", "Motif", "Telle que reçue"]
    assert [line[:2] for line in lines] == [["5", ""], ["3", "Date d’émission"], ["4", "Total TTC"]]
    assert "31/02/2026" in lines[1][3]


def test_a_formula_in_a_refused_line_is_no_formula_in_the_export(client: Client, company: Company):
    text = INVOICES.splitlines()[0] + "\nF-9;31/02/2026;;C1;=1+1;-60,00\n"
    send(client, file_named("mars.csv", text))
    work(company)
    line = cells_of(client.get(f"/imports/{ImportBatch.objects.get().pk}/a-corriger.csv"))[1]
    assert line[4:] == ["'=1+1", "-60,00"]


def test_unknown_columns_are_described_once(client: Client, company: Company):
    send(client, file_named("inconnu.csv", UNKNOWN))
    work(company)
    batch = ImportBatch.objects.get()
    assert f"/imports/{batch.pk}/colonnes/" in client.get(f"/imports/{batch.pk}/").content.decode()
    form = client.get(f"/imports/{batch.pk}/colonnes/?kind=invoices_csv")
    assert_sound(form.content.decode(), language="fr")
    assert "12,50" in form.content.decode()
    headers = form.context["form"].sample.headers
    chosen = {f"column_{place}": MEANING.get(header, "") for place, header in enumerate(headers)}
    response = client.post(f"/imports/{batch.pk}/colonnes/?kind=invoices_csv", chosen)
    assert response["Location"] == f"/imports/{batch.pk}/"
    work(company)
    batch.refresh_from_db()
    assert (batch.state, batch.kind, batch.created_count) == ("done", "invoices_csv", 1)
    assert Document.objects.get().payable_cents == 1250
    assert ImportProblem.objects.count() == 0
    assert JournalEntry.objects.get(action="columns.mapped").data["columns"] == MEANING
    send(client, file_named("suivant.csv", UNKNOWN.replace("X-1", "X-2")))  # nobody is asked again
    work(company)
    assert ImportBatch.objects.latest("pk").created_count == 1


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"column_0": "number"}, "Ces colonnes ne suffisent pas"),
        ({"column_0": "number", "column_1": "number"}, "Deux colonnes ne peuvent pas contenir la même chose : Quoi, Jour"),
        ({"column_0": "drop_table"}, "drop_table"),
    ],
)  # fmt: skip
def test_a_description_that_says_too_little_or_too_much_changes_nothing(
    client: Client, company: Company, chosen: dict[str, str], said: str
):
    send(client, file_named("inconnu.csv", UNKNOWN))
    work(company)
    batch = ImportBatch.objects.get()
    page = client.post(f"/imports/{batch.pk}/colonnes/?kind=invoices_csv", chosen)
    assert said in page.content.decode()
    batch.refresh_from_db()
    assert (batch.state, ColumnMapping.objects.count()) == ("refused", 0)


def test_a_described_table_forgets_what_was_said_before(client: Client, company: Company):
    """The same headers described as something else: the last word counts."""
    ColumnMapping.objects.create(
        company=company, kind="bank_csv", fingerprint="0" * 64, columns={"Jour": "date"}
    )
    send(client, file_named("inconnu.csv", UNKNOWN))
    work(company)
    batch = ImportBatch.objects.get()
    chosen = {"column_1": "date", "column_2": "amount", "column_0": "label"}
    client.post(f"/imports/{batch.pk}/colonnes/?kind=bank_csv", chosen)
    work(company)
    batch.refresh_from_db()
    assert (batch.state, batch.kind, batch.created_count) == ("done", "bank_csv", 1)
    page = client.get(f"/imports/{batch.pk}/")
    assert [(a.line_count, a.credit_cents) for a in page.context["detail"].accounts] == [(1, 1250)]
    assert ColumnMapping.objects.count() == 2  # other headers keep theirs


def test_what_failed_may_be_tried_again_and_nothing_else(client: Client, company: Company):
    send(client, file_named("mars.csv", INVOICES))
    batch = ImportBatch.objects.get()
    ImportBatch.objects.update(state="failed")
    cause = import_file.FAILED(cause="OSError: the disk is full").as_json()
    ImportProblem.objects.create(company=company, batch=batch, sentence=cause)
    page = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "Relancer" in page
    assert "OSError: the disk is full" in page
    client.post(f"/imports/{batch.pk}/reprise/")
    batch.refresh_from_db()
    assert batch.state == "waiting"
    work(company)
    batch.refresh_from_db()
    assert batch.state == "done"
    assert not batch.problems.filter(sentence__code="import_failed").exists()
    refused = client.post(f"/imports/{batch.pk}/reprise/", follow=True)
    assert "rien à reprendre" in refused.content.decode()


def test_a_viewer_looks_and_does_not_touch(client: Client, company: Company, sign_in: SignIn):
    send(client, file_named("inconnu.csv", UNKNOWN))
    work(company)
    batch = ImportBatch.objects.get()
    viewer = sign_in(company, "viewer")
    for url in ("/imports/", f"/imports/{batch.pk}/"):
        html = viewer.get(url).content.decode()
        assert 'type="file"' not in html
        assert "colonnes/" not in html
    assert send(viewer, file_named("a.csv", INVOICES)).status_code == 403
    assert viewer.post(f"/imports/{batch.pk}/colonnes/", {}).status_code == 403
    assert viewer.post(f"/imports/{batch.pk}/reprise/").status_code == 403


def test_an_import_of_another_company_does_not_exist(
    client: Client, company: Company, other_company: Company, sign_in: SignIn
):
    send(client, file_named("mars.csv", INVOICES))
    work(company)
    pk = ImportBatch.objects.get().pk
    stranger = sign_in(other_company, "admin")
    assert stranger.get("/imports/").context["page"].rows == []
    for part in ("", "fichier/", "refus.csv", "a-corriger.csv", "colonnes/"):
        assert stranger.get(f"/imports/{pk}/{part}").status_code == 404, part
    assert stranger.post(f"/imports/{pk}/reprise/").status_code == 404


def test_an_empty_list_says_what_can_be_brought_in(client: Client):
    html = client.get("/imports/").content.decode()
    assert_sound(html, language="fr")
    assert "camt.053" in html
    assert "256\u202fMo" in html or "256 Mo" in html


def test_the_fragment_that_is_polled_is_sound(client: Client, company: Company):
    send(client, file_named("mars.csv", INVOICES))
    pk = ImportBatch.objects.get().pk
    for url in ("/imports/", f"/imports/{pk}/"):
        fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
        assert_fragment_sound(fragment)
        assert 'hx-swap-oob="innerHTML:#import-status"' in fragment


def test_everything_has_a_name():
    kinds = set(known_kinds())
    assert kinds | set(live_feeds()) | {ANSWER_KIND} == set(KIND_NAMES)
    assert set(vocabularies()) == set(TABLE_NAMES) == set(NEEDED)
    fields = {name for vocabulary in vocabularies().values() for name in vocabulary.fields}
    assert fields <= set(FIELD_NAMES)
