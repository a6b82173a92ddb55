"""A file through the front door: whole or not at all, once however often it comes."""

import csv
import errno
import io
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encours.actions import import_file
from encours.actions.import_file import receive_file, run_import, stored_path
from encours.core.imports import ImportOutcome
from encours.core.wording import Sentence
from encours.ports.files import UnableToReadFile
from encours.queries.doctor import examine
from encours.queries.imports import import_detail
from encours.store.models import (
    Allocation,
    ColumnMapping,
    Company,
    Contact,
    Customer,
    Document,
    ImportBatch,
    ImportProblem,
    Instalment,
    JournalEntry,
    Movement,
    Payment,
    StoredFile,
    VatLine,
)
from encours.store.tenancy import company_scope

HEADER = "N° facture;Date facture;Échéance;Code client;Client;SIREN;Email;TTC;Reste dû"


def bring_in(
    company: Company, tmp_path: Path, text: str, *, name: str = "factures.csv", **options
) -> ImportOutcome:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    batch = receive_file(company=company, source=path, actor="test")
    return run_import(company=company, batch_id=batch.pk, **options)


def books(company: Company) -> dict[str, list[tuple]]:
    """Everything an import may write, without ids."""
    return {
        "customers": sorted(Customer.objects.filter(company=company).values_list("code", "name", "siren", "payment_terms")),
        "contacts": sorted(Contact.objects.filter(company=company).values_list("customer__code", "email", "is_primary")),
        "documents": sorted(
            Document.objects.filter(company=company).values_list(
                "number", "type", "customer__code", "issue_date", "due_date", "currency", "payable_cents", "open_cents"
            )
        ),
        "payments": sorted(Payment.objects.filter(company=company).values_list("amount_cents", "unallocated_cents", "label")),
        "movements": sorted(Movement.objects.filter(company=company).values_list("kind", "amount_cents", "booked_date")),
    }  # fmt: skip


def check_balances(company: Company) -> None:
    """What `encours doctor` checks: every balance is the sum of its movements, and more."""
    assert [check.name for check in examine(company=company) if not check.ok] == []


def test_invoices_enter_the_books_with_customers_and_movements(company, tmp_path):
    outcome = bring_in(
        company,
        tmp_path,
        f"{HEADER}\nF1;2026-01-10;2026-02-09;C1;Dubois SARL;443061841;a@dubois.example;120,00;\n"
        "F2;2026-01-20;;C1;Dubois SARL;443061841;;80,00;30,00\nA1;2026-01-25;;C1;Dubois SARL;443061841;;-20,00;\n",
    )
    assert (outcome.kind, outcome.created, outcome.unchanged, outcome.refused) == ("invoices_csv", 3, 0, 0)
    dubois = Customer.objects.get()
    assert (dubois.code, dubois.search_name, dubois.siren) == ("C1", "DUBOIS", "443061841")
    assert Contact.objects.get().email == "a@dubois.example"
    found = Document.objects.order_by("id").values_list(
        "number", "type", "due_date", "payable_cents", "open_cents", "search_number"
    )
    assert list(found) == [
        ("F1", "invoice", date(2026, 2, 9), 12000, 12000, "F1"),
        ("F2", "invoice", date(2026, 2, 19), 8000, 3000, "F2"),  # 30 days, the company's terms
        ("A1", "credit_note", date(2026, 2, 24), 2000, -2000, "A1"),
    ]
    assert Payment.objects.get().amount_cents == 5000
    check_balances(company)
    entry = JournalEntry.objects.get(action="documents.imported")
    assert (entry.data["created"], entry.data["customers"]) == (3, 1)


def test_importing_again_changes_nothing(company, tmp_path):
    text = f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;120,00;20,00\nF2;31/02/2026;;C1;Dubois;;;1;\n"
    first = bring_in(company, tmp_path, text)
    before = books(company)
    again = bring_in(company, tmp_path, text, name="copie.csv")
    assert (again.created, again.unchanged, again.refused) == (0, first.created, first.refused)
    assert books(company) == before
    assert StoredFile.objects.count() == 1
    assert ImportBatch.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "field", "known", "said"),
    [
        ("F1;2026-01-10;2026-02-09;C1;Dubois;;;121,00;", "payable_cents", "120,00", "121,00"),
        ("F1;2026-01-11;2026-02-09;C1;Dubois;;;120,00;", "issue_date", "10/01/2026", "11/01/2026"),
        ("F1;2026-01-10;2026-03-09;C1;Dubois;;;120,00;", "due_date", "09/02/2026", "09/03/2026"),
        ("F1;2026-01-10;2026-02-09;C9;Durand;;;120,00;", "customer", "Dubois", "Durand"),
    ],
)
def test_a_number_that_exists_with_other_content_is_refused(company, tmp_path, line, field, known, said):
    bring_in(company, tmp_path, f"{HEADER}\nF1;2026-01-10;2026-02-09;C1;Dubois;;;120,00;\n")
    before = books(company)
    outcome = bring_in(company, tmp_path, f"{HEADER}\n{line}\n")
    assert (outcome.created, outcome.unchanged, outcome.refused) == (0, 0, 1)
    (problem,) = outcome.problems
    assert (problem.code, problem.line, problem.field) == ("number_exists_differently", 2, field)
    for part in ("F1", known, said):
        assert part in problem.sentence.say("fr")
    assert books(company) == before  # Durand was not added for a refused invoice
    kept = ImportProblem.objects.get()
    assert (kept.line, kept.field) == (2, field)
    assert "F1" in kept.raw
    assert Sentence.from_json(kept.sentence).say("en") == problem.sentence.say("en")


def test_two_currencies_stay_apart(company, tmp_path):
    outcome = bring_in(
        company, tmp_path,
        "N° facture;Date facture;Client;TTC;Devise\nF1;2026-01-10;X;100,00;EUR\nF2;2026-01-10;X;100,00;USD\nF3;2026-01-10;X;100;JPY\n",
    )  # fmt: skip
    assert outcome.refused == 0
    found = Document.objects.values_list("number", "currency", "payable_cents").order_by("number")
    assert list(found) == [("F1", "EUR", 10000), ("F2", "USD", 10000), ("F3", "JPY", 100)]
    refused = bring_in(
        company, tmp_path, "N° facture;Date facture;Client;TTC;Devise\nF1;2026-01-10;X;100,00;USD\n"
    )
    assert [(p.code, p.field) for p in refused.problems] == [("number_exists_differently", "currency")]


def test_wrong_check_digits_cost_the_identifier_and_not_the_invoice(company, tmp_path):
    outcome = bring_in(company, tmp_path, f"{HEADER}\nF1;2026-01-10;;C1;Dubois;443061842;;120,00;\n")
    assert (outcome.created, outcome.refused) == (1, 0)
    assert [(p.code, p.line, p.field, p.severity) for p in outcome.problems] == [
        ("wrong_check_digits", 2, "siren", "warning")
    ]
    assert Customer.objects.get().siren == ""


def test_an_invoice_to_the_company_itself_is_a_purchase(company, tmp_path):
    outcome = bring_in(
        company,
        tmp_path,
        f"{HEADER}\nF1;2026-01-10;;C1;Lumen;{company.siren};;120,00;\nF2;2026-01-10;;C2;X;;;1,00;\n",
    )
    assert [(p.code, p.line) for p in outcome.problems] == [("purchase_invoice", 2)]
    assert list(Customer.objects.values_list("code", flat=True)) == ["C2"]


def test_one_customer_under_several_identities(company, tmp_path):
    by_siren = "N° facture;Date facture;SIREN;Client;TTC\nF1;2026-01-10;443061841;Boulangerie Dubois;1\n"
    by_code = (
        "N° facture;Date facture;Code client;SIREN;Client;TTC\nF2;2026-01-11;C1;443 061 841;DUBOIS SARL;2\n"
    )
    by_name = "N° facture;Date facture;Client;TTC\nF3;2026-01-12;boulangerie dubois;3\n"
    by_vat = (
        "N° facture;Date facture;N° TVA;SIREN;Client;TTC\nF4;2026-01-13;FR64443061841;443061841;Dubois;4\n"
    )
    by_vat_only = "N° facture;Date facture;N° TVA;Client;TTC\nF5;2026-01-14;FR64443061841;Dubois;5\n"
    for text in (by_siren, by_code, by_name, by_vat, by_vat_only):
        outcome = bring_in(company, tmp_path, text)
        assert (outcome.created, [p.code for p in outcome.problems]) == (1, [])
    dubois = Customer.objects.get()
    assert (dubois.code, dubois.name, dubois.vat_number) == ("C1", "Boulangerie Dubois", "FR64443061841")
    assert dubois.documents.count() == 5


def test_two_accounts_of_one_legal_person_stay_two(company, tmp_path):
    bring_in(
        company, tmp_path,
        "N° facture;Date facture;Code client;SIREN;Client;TTC\nF1;2026-01-10;C1;443061841;Dubois Nantes;1\nF2;2026-01-10;C2;443061841;Dubois Rennes;1\n",
    )  # fmt: skip
    assert Customer.objects.count() == 2


def test_a_name_that_several_customers_have_is_not_guessed(company, tmp_path):
    bring_in(company, tmp_path, "Code;Nom;Ville\nC1;Dubois;Nantes\nC2;Dubois;Rennes\n", name="clients.csv")
    outcome = bring_in(company, tmp_path, "N° facture;Date facture;Client;TTC\nF1;2026-01-10;Dubois;1\n")
    assert [(p.code, p.line) for p in outcome.problems] == [("ambiguous_customer", 2)]
    assert not Document.objects.exists()


def test_a_list_of_customers_adds_completes_and_leaves_alone(company, tmp_path):
    bring_in(company, tmp_path, f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;120,00;\n")
    text = "Code;Nom;SIREN;Email;Conditions de règlement\nC1;Dubois SARL;443061841;a@dubois.example;45 jours fin de mois\nC2;Lefèvre;;;\n"
    outcome = bring_in(company, tmp_path, text, name="clients.csv")
    assert (outcome.kind, outcome.created, outcome.updated, outcome.unchanged) == ("customers_csv", 1, 1, 0)
    assert books(company)["customers"] == [
        ("C1", "Dubois SARL", "443061841", "45 FDM"),
        ("C2", "Lefèvre", "", ""),
    ]
    again = bring_in(company, tmp_path, text, name="clients.csv")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    bring_in(company, tmp_path, f"{HEADER}\nF2;2026-01-20;;C1;Dubois;;;1,00;\n")
    assert Document.objects.get(number="F2").due_date == date(2026, 3, 31)  # the customer's own terms


def test_instalments_and_vat_rows_are_kept(company, tmp_path):
    bring_in(
        company, tmp_path,
        "N° facture;Date facture;Échéance;Client;HT;Taux TVA;TTC\nF1;2026-01-01;2026-01-31;X;100;20;120\nF1;2026-01-01;2026-02-28;X;100;20;120\n",
    )  # fmt: skip
    document = Document.objects.get()
    assert (document.payable_cents, document.due_date, document.instalment_count) == (
        24000,
        date(2026, 2, 28),
        2,
    )
    assert list(Instalment.objects.order_by("position").values_list("due_date", "amount_cents")) == [
        (date(2026, 1, 31), 12000), (date(2026, 2, 28), 12000),
    ]  # fmt: skip
    assert list(VatLine.objects.values_list("rate_basis_points", "base_cents", "tax_cents")) == [
        (2000, 20000, 4000)
    ]
    check_balances(company)


def test_a_dated_settlement_is_a_receipt_and_comes_once(company, tmp_path):
    text = "N° facture;Date facture;Client;TTC;Date de règlement\nF1;2026-01-10;X;100,00;2026-02-01\nF2;2026-01-10;X;50,00;\n"
    bring_in(company, tmp_path, text)
    bring_in(company, tmp_path, text)
    payment = Payment.objects.get()
    assert (payment.received_date, payment.amount_cents, payment.unallocated_cents) == (
        date(2026, 2, 1),
        10000,
        0,
    )
    assert Allocation.objects.get().amount_cents == 10000
    assert dict(Document.objects.values_list("number", "open_cents")) == {"F1": 0, "F2": 5000}
    check_balances(company)


def test_a_used_credit_note_is_closed_as_far_as_it_was_used(company, tmp_path):
    bring_in(company, tmp_path, f"{HEADER}\nA1;2026-01-10;;C1;Dubois;;;-100,00;-40,00\n")
    assert Document.objects.get().open_cents == -4000
    check_balances(company)


def test_what_the_file_says_beyond_what_is_known_is_a_warning(company, tmp_path):
    bring_in(company, tmp_path, f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;100,00;100,00\n")
    outcome = bring_in(company, tmp_path, f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;100,00;40,00\n")
    assert (outcome.unchanged, [(p.code, p.severity) for p in outcome.problems]) == (
        1,
        [("settled_more_than_known", "warning")],
    )
    assert Document.objects.get().open_cents == 10000


def test_a_mapping_given_once_is_remembered(company, tmp_path):
    text = "Ref;Quand;Combien;Qui\nF1;2026-01-01;10;X\n"
    refused = bring_in(company, tmp_path, text)
    assert (refused.state, [p.code for p in refused.problems]) == ("refused", ["unknown_columns"])
    columns = {"Ref": "number", "Quand": "issue_date", "Combien": "total", "Qui": "name"}
    assert bring_in(company, tmp_path, text, columns=columns).created == 1
    assert ColumnMapping.objects.get().kind == "invoices_csv"
    assert bring_in(company, tmp_path, text.replace("F1", "F2")).created == 1


def test_a_refused_file_leaves_a_trace_and_nothing_else(company, tmp_path):
    path = tmp_path / "photo.bin"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
    batch = receive_file(company=company, source=path, actor="test")
    outcome = run_import(company=company, batch_id=batch.pk)
    assert (outcome.state, outcome.refused, len(outcome.problems)) == ("refused", 1, 1)
    batch.refresh_from_db()
    assert batch.state == "refused"
    assert ImportProblem.objects.get().batch == batch
    assert JournalEntry.objects.filter(action="file.refused").count() == 1
    assert stored_path(batch.file.sha256).read_bytes() == path.read_bytes()


def test_a_file_is_kept_by_its_content(company, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\n")
    batch = receive_file(company=company, source=path, name="export du 3.csv", actor="test")
    assert (batch.file_name, batch.state, batch.imported_by) == ("export du 3.csv", "waiting", "test")
    kept = stored_path(batch.file.sha256)
    assert kept.read_bytes() == path.read_bytes()
    assert not list(Path(django_settings.FILES_FOLDER).glob("arriving-*"))


def test_a_file_too_large_is_refused_before_it_is_read(company, tmp_path, settings):
    settings.IMPORT_MAX_BYTES = 1 << 20
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(300 << 20)  # sparse: takes no room
    with pytest.raises(UnableToReadFile) as error:
        receive_file(company=company, source=path, actor="test")
    assert error.value.problem.code == "file_too_large"
    assert "1 Mo" in error.value.problem.sentence.say("fr")
    assert not StoredFile.objects.exists()


def test_a_batch_of_a_process_that_died_can_be_run_again(company, tmp_path, monkeypatch):
    path = tmp_path / "f.csv"
    path.write_text(f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;120,00;\n")
    batch = receive_file(company=company, source=path, actor="test")

    class Died(BaseException):
        """Not an Exception: nobody tidies up, as after kill -9."""

    def die(**_):
        raise Died

    monkeypatch.setattr(import_file, "_remember", lambda *_: die())
    with pytest.raises(Died):
        run_import(company=company, batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == "running"
    assert not Document.objects.exists()  # nothing half imported
    assert not Customer.objects.exists()
    monkeypatch.undo()
    assert run_import(company=company, batch_id=batch.pk).created == 1
    reported = run_import(company=company, batch_id=batch.pk)  # done: reported, not done again
    assert (reported.state, reported.created) == ("done", 1)
    assert Document.objects.count() == 1


def test_our_own_failure_is_not_the_files(company, tmp_path, monkeypatch):
    path = tmp_path / "f.csv"
    path.write_text(f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;120,00;\n")
    batch = receive_file(company=company, source=path, actor="test")

    def fail(*_):
        raise RuntimeError("the lamp went out\nwith details")

    monkeypatch.setattr(import_file, "_remember", fail)
    with pytest.raises(RuntimeError):
        run_import(company=company, batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Document.objects.exists()) == ("failed", False)
    detail = import_detail(company=company, batch_id=batch.pk)
    assert detail is not None
    said = Sentence.from_json(detail.reason or {}).say("fr")
    assert said == "L'import s'est interrompu : RuntimeError: the lamp went out"
    monkeypatch.undo()
    done = run_import(company=company, batch_id=batch.pk)
    assert (done.created, done.problems) == (1, ())


def test_a_data_folder_that_takes_no_file_refuses_it(company, tmp_path, monkeypatch):
    path = tmp_path / "f.csv"
    path.write_text(f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;120,00;\n")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(import_file.os, "replace", full)
    with pytest.raises(UnableToReadFile) as refused:
        receive_file(company=company, source=path, actor="test")
    assert refused.value.problem.code == "file_not_kept"
    assert "le disque est plein" in refused.value.problem.sentence.say("fr")
    assert not ImportBatch.objects.exists()


def test_another_company_sees_nothing_of_it(company, other_company, tmp_path):
    bring_in(company, tmp_path, f"{HEADER}\nF1;2026-01-10;;C1;Dubois;;;120,00;\n")
    with company_scope(other_company.pk):
        assert not Document.objects.exists()
        outcome = bring_in(other_company, tmp_path, f"{HEADER}\nF1;2026-01-10;;C1;Autre;;;999,00;\n")
        assert outcome.created == 1
        assert Document.objects.get().payable_cents == 99900


def test_a_fec_gives_open_items_receipts_and_customers(company, tmp_path, shared_data):
    source = shared_data / "fec" / "111111111FEC20221231.TXT"
    first = receive_file(company=company, source=source, actor="test")
    outcome = run_import(company=company, batch_id=first.pk)
    assert outcome.kind == "fec"
    assert outcome.created == Document.objects.count() > 0
    check_balances(company)
    before = books(company)
    again = run_import(
        company=company, batch_id=receive_file(company=company, source=source, actor="test").pk
    )
    assert (again.created, again.unchanged) == (0, outcome.created)
    assert books(company) == before


ROWS = st.lists(
    st.tuples(
        st.integers(1, 40),  # number, unique
        st.integers(1, 6),  # customer
        st.integers(-50_000, 50_000),  # cents
        st.sampled_from(["", "a@b.example"]),
        st.sampled_from(["", "443061841", "552081317"]),
        st.integers(0, 100),  # share settled
    ),
    max_size=12,
    unique_by=lambda row: row[0],
)


def as_csv(rows: list[tuple]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADER.split(";"))
    for number, customer, cents, email, siren, share in rows:
        left = cents - cents * share // 100
        money = [f"{value / 100:.2f}".replace(".", ",") for value in (cents, left)]
        writer.writerow(
            [f"F{number}", "2026-01-10", "", f"C{customer}", f"Client {customer}", siren, email, *money]
        )
    return out.getvalue()


FEW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fresh_company(number: list[int]) -> Company:
    from encours.actions.create_company import create_company

    number[0] += 1
    return create_company(name=f"Société {number[0]}", siren="", slug=f"societe-{number[0]}", actor="test")


@pytest.fixture
def numbering() -> list[int]:
    return [0]


@FEW
@given(ROWS, st.integers(0, 12))
def test_any_split_of_the_rows_in_files_gives_the_same_books(db, tmp_path, numbering, rows, cut):
    whole, parts = fresh_company(numbering), fresh_company(numbering)
    with company_scope(whole.pk):
        bring_in(whole, tmp_path, as_csv(rows), kind="invoices_csv")
        expected = books(whole)
        check_balances(whole)
    with company_scope(parts.pk):
        bring_in(parts, tmp_path, as_csv(rows[:cut]), kind="invoices_csv")
        bring_in(parts, tmp_path, as_csv(rows[cut:]), kind="invoices_csv")
        assert books(parts) == expected


@FEW
@given(ROWS)
def test_no_cent_is_lost_between_file_and_ledger(db, tmp_path, numbering, rows):
    company = fresh_company(numbering)
    with company_scope(company.pk):
        bring_in(company, tmp_path, as_csv(rows), kind="invoices_csv")
        owed = sum(cents - cents * share // 100 for _, _, cents, _, _, share in rows)
        assert sum(Document.objects.values_list("open_cents", flat=True)) == owed
        assert sum(Movement.objects.values_list("amount_cents", flat=True)) == owed
        before = books(company)
        again = bring_in(company, tmp_path, as_csv(rows), kind="invoices_csv")
        assert (again.created, again.unchanged, again.refused) == (0, len(rows), 0)
        assert books(company) == before


def test_the_json_of_a_large_file_is_whole(tmp_path):
    import json

    import polars as pl

    frame = pl.DataFrame(
        {"number": [str(i) for i in range(10_001)], "type": "invoice", "issue_date": date(2026, 1, 1), "due_date": None,
         "currency": "EUR", "payable_cents": 1, "seller": "", "buyer": "X"}
    )  # fmt: skip
    out = io.StringIO()
    json.dump(ImportOutcome("f.csv", "invoices_csv", "done", documents=frame).as_json("fr"), out)
    documents = json.loads(out.getvalue())["documents"]
    assert len(documents) == 10_001
    assert documents[-1]["number"] == "10000"
    assert documents[0]["issue_date"] == "2026-01-01"
