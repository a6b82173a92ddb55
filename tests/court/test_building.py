"""A file is whole: every sum the ledger's, every original as it was kept, the same bytes for the same facts, nobody else's papers.

Menuiserie Lefèvre owes FA-1 (1,000.00, of which 400.00 paid on 2 March) and FA-2 (555.50), both overdue on 15 May 2026.
"""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256

import pikepdf
import pytest

from encours.actions.allocate import allocate
from encours.actions.attach_paper import attach_paper
from encours.actions.build_court_file import UnableToBuildCourtFile, build_court_file
from encours.actions.court.invoices import readable_copy
from encours.actions.hand_over_court_file import UnableToHandOver, hand_over_court_file, take_back_court_file
from encours.actions.import_file import receive_file, run_import
from encours.actions.keep_file import keep_file
from encours.core.ledger import Portion
from encours.core.wording import Sentence
from encours.queries.court_evidence import claimed_documents
from encours.queries.files import file_on_disk
from encours.store.models import (
    Attempt,
    CourtFile,
    DeliveryReport,
    Document,
    Hold,
    JournalEntry,
    Message,
    MessageAttachment,
    Reminder,
    Reply,
)
from encours.store.tenancy import company_scope
from tests import cast
from tests.court.papers import pdf_of, png

ON = date(2026, 5, 15)
NOW = datetime(2026, 5, 15, 10, tzinfo=UTC)


@pytest.fixture
def lefevre(company):
    company.legal_form, company.street, company.postcode, company.city = (
        "SAS",
        "3 rue des Forges",
        "44000",
        "Nantes",
    )
    company.save()
    customer = cast.late_payer(company)
    customer.street = "12 rue du Port"
    customer.save()
    first = cast.invoice(
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
    paid = cast.receipt(
        company, customer, amount_cents=40_000, received_date=date(2026, 3, 2), label="VIR LEFEVRE"
    )
    allocate(company=company, portions=[Portion(first.pk, 40_000)], payment_id=paid.pk, on=ON, actor="test")
    return customer


def build(company, customer, **wanted):
    given = {"procedure": "injonction", "on": ON, "now": NOW, "actor": "test"} | wanted
    return build_court_file(company=company, customer_id=customer.pk, **given)


def archive_of(built) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(file_on_disk(built.archive).path.read_bytes()))


def noticed(company, customer) -> Message:
    """A formal notice by registered mail, with the proof the service gave."""
    message = Message.objects.create(
        company=company, customer=customer, channel="registered", template="formal_notice", step_code="R+15",
        currency="EUR", amount_cents=115_550, document_count=2, planned_date=date(2026, 4, 1), state=Message.State.SENT,
        reason={}, subject="Mise en demeure", text="Vous êtes mis en demeure de payer.", recipient="dir@lefevre.example",
        sent_at=datetime(2026, 4, 1, 8, tzinfo=UTC), sent_date=date(2026, 4, 1),
    )  # fmt: skip
    for document in Document.objects.filter(company=company, customer=customer):
        Reminder.objects.create(
            company=company, customer=customer, message=message, document=document, due_date=document.due_date,
            step_code="R+15", amount_cents=document.open_cents,
        )  # fmt: skip
    Attempt.objects.create(
        company=company, message=message, number=1, idempotency_key="k", claimed_at=message.sent_at,
        handed_over_at=message.sent_at, outcome="accepted", provider="ar24", provider_id="AR-77",
    )  # fmt: skip
    DeliveryReport.objects.create(
        company=company, message=message, provider="ar24", kind="accepted", reported_at=datetime(2026, 4, 2, 9, tzinfo=UTC),
        external_id="e1",
    )  # fmt: skip
    proof = keep_file(
        company=company,
        name="preuve.pdf",
        media_type="application/pdf",
        content=pdf_of("PREUVE DE RECEPTION", 2),
    )
    MessageAttachment.objects.create(
        company=company, message=message, file=proof, kind="proof", title="receipt"
    )
    return message


def test_the_sums_are_the_ledgers_and_the_interest_of_each_line(company, lefevre):
    built = build(company, lefevre)
    assert built.state == CourtFile.State.DONE
    open_cents = sum(Document.objects.filter(customer=lefevre).values_list("open_cents", flat=True))
    assert built.principal_cents == open_cents == 115_550
    # FA-1: 9.99 on 1,000.00 until 2 March, 14.78 on 600.00 since; FA-2: 555.50 x 12.15 % x 76 / 365
    assert built.interest_cents == 999 + 1_478 + 1_405
    assert built.indemnity_cents == 8_000
    text = archive_of(built).read("requete.txt").decode()
    assert "Total : 1 274,32 €" in text.replace("\u202f", " ").replace("\u00a0", " ")


def test_everything_that_proves_is_in_it_in_order(company, lefevre):
    first = Document.objects.get(number="FA-1")
    noticed(company, lefevre)
    mail = keep_file(
        company=company, name="reponse.eml", media_type="message/rfc822", content=b"From: x\r\n\r\nOui."
    )
    Reply.objects.create(
        company=company, customer=lefevre, file=mail, digest="d", sender_address="dir@lefevre.example", subject="Re",
        text="Nous paierons bientôt.", received_at=datetime(2026, 4, 3, 9, tzinfo=UTC), nature="person", state="filed",
        intent="other", confidence=1.0,
    )  # fmt: skip
    order = pdf_of("BON DE COMMANDE", 3)
    attach_paper(
        company=company,
        customer_id=lefevre.pk,
        kind="contract",
        name="contrat.png",
        content=png(),
        actor="test",
    )
    attach_paper(
        company=company,
        customer_id=lefevre.pk,
        document_id=first.pk,
        kind="order",
        name="cmd.pdf",
        content=order,
        actor="test",
    )
    built = build(company, lefevre)
    archive = archive_of(built)
    rows = list(csv.DictReader(io.StringIO(archive.read("bordereau.csv").decode("utf-8-sig")), delimiter=";"))
    assert [row["nature"] for row in rows] == [
        "Relevé de compte", "Décompte des intérêts et indemnités", "Contrat", "Facture", "Bon de commande", "Facture",
        "Mise en demeure", "Réponse du débiteur", "Extrait du journal",
    ]  # fmt: skip
    # a cover and as many pages as the paper has; the notice has its text and the two pages of its proof
    assert [rows[index]["nombre_de_pages"] for index in (2, 4, 6)] == ["2", "4", "4"]
    assert archive.read("pieces/0005-cmd.pdf") == order
    assert archive.read("pieces/0008-reponse-2026-04-03.eml").endswith(b"Oui.")
    with pikepdf.open(file_on_disk(built.pdf).path) as pdf:
        assert len(pdf.pages) == built.page_count
        assert built.page_count == int(rows[-1]["page"]) + int(rows[-1]["nombre_de_pages"]) - 1
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
            assert titles[:2] == ["Requête en injonction de payer", "Bordereau de pièces"]
            assert "Pièce n° 9" in [child.title for item in outline.root for child in item.children]
        # no mark of ours is left, and the paper is drawn in its frame
        assert b"encours:" not in file_on_disk(built.pdf).path.read_bytes()
        drawn = pdf.pages[int(rows[4]["page"])].obj["/Resources"]["/XObject"]
        assert any(b"BON DE COMMANDE" in form.read_bytes() for form in _forms(drawn))


def _forms(objects):
    """Form XObjects, and those inside them."""
    for form in objects.values():
        yield form
        yield from _forms(form.get("/Resources", {}).get("/XObject", {}))


def test_the_manifest_has_the_fingerprint_of_every_file(company, lefevre):
    archive = archive_of(build(company, lefevre))
    manifest = json.loads(archive.read("manifeste.json"))
    listed = {row["fichier"]: row["sha256"] for row in manifest["fichiers"]}
    assert listed.keys() | {"manifeste.json"} == set(archive.namelist())
    assert all(sha256(archive.read(name)).hexdigest() == digest for name, digest in listed.items())
    assert manifest["total_cents"] == 127_432


def test_the_same_facts_give_the_same_file_kept_once(company, lefevre):
    first = build(company, lefevre)
    again = build(company, lefevre)
    assert again.pk == first.pk
    assert CourtFile.objects.filter(company=company).count() == 1
    # made anew from the start, it has the same bytes, papers and proofs placed in it too
    attach_paper(
        company=company,
        customer_id=lefevre.pk,
        kind="contract",
        name="c.pdf",
        content=pdf_of("CONTRAT", 2),
        actor="test",
    )
    attach_paper(
        company=company, customer_id=lefevre.pk, kind="order", name="c.png", content=png(), actor="test"
    )
    first = build(company, lefevre)
    CourtFile.objects.filter(pk=first.pk).delete()
    anew = build(company, lefevre)
    assert (anew.pdf.sha256, anew.archive.sha256) == (first.pdf.sha256, first.archive.sha256)


def test_a_new_fact_makes_a_new_file(company, lefevre):
    first = build(company, lefevre)
    attach_paper(
        company=company,
        customer_id=lefevre.pk,
        kind="contract",
        name="contrat.pdf",
        content=pdf_of("CONTRAT"),
        actor="test",
    )
    second = build(company, lefevre)
    assert second.pk != first.pk
    assert second.digest != first.digest


def test_an_archival_pdf_says_so_and_one_with_an_ordinary_paper_does_not(company, lefevre):
    plain = build(company, lefevre)
    assert plain.is_archival
    attach_paper(
        company=company,
        customer_id=lefevre.pk,
        kind="contract",
        name="c.pdf",
        content=pdf_of("ORDINAIRE"),
        actor="test",
    )
    mixed = build(company, lefevre)
    assert not mixed.is_archival
    for built, status in ((plain, "3B"), (mixed, "")):
        with pikepdf.open(file_on_disk(built.pdf).path) as pdf, pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == status


UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>FE-7</cbc:ID><cbc:IssueDate>2026-01-05</cbc:IssueDate><cbc:DueDate>2026-02-04</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>Atelier Lumen SAS</cbc:RegistrationName>
<cbc:CompanyID schemeID="0002">732829320</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PostalAddress><cbc:StreetName>5 quai Sud</cbc:StreetName><cbc:CityName>Brest</cbc:CityName>
<cbc:PostalZone>29200</cbc:PostalZone></cac:PostalAddress><cac:PartyLegalEntity><cbc:RegistrationName>Voilerie Kermadec</cbc:RegistrationName>
<cbc:CompanyID schemeID="0002">552100554</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">200.00</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">1000.00</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">1200.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">1200.00</cbc:PayableAmount>
</cac:LegalMonetaryTotal><cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="H87">4</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">1000.00</cbc:LineExtensionAmount><cac:Item><cbc:Name>Toile enduite</cbc:Name></cac:Item>
<cac:Price><cbc:PriceAmount currencyID="EUR">250.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>"""


def test_an_electronic_invoice_is_shown_and_travels_with_its_pages(company, tmp_path):
    source = tmp_path / "FE-7.xml"
    source.write_text(UBL)
    batch = receive_file(company=company, source=source, actor="test")
    run_import(company=company, batch_id=batch.pk)
    document = Document.objects.get(number="FE-7")
    [evidence] = claimed_documents(company=company, document_ids=[document.pk])
    told = json.dumps(readable_copy(evidence), ensure_ascii=False)
    assert "Toile enduite" in told
    assert "1\u202f200,00 EUR" in told
    built = build(company, document.customer)
    with pikepdf.open(file_on_disk(built.pdf).path) as pdf:
        [name] = pdf.attachments.keys()
        assert pdf.attachments[name].get_file().read_bytes() == UBL.encode()
    assert built.is_archival
    assert archive_of(built).read("pieces/0003-FE-7.xml") == UBL.encode()


def test_the_journal_in_it_can_be_checked(company, lefevre):
    noticed(company, lefevre)
    attach_paper(
        company=company, customer_id=lefevre.pk, kind="other", name="c.pdf", content=pdf_of("X"), actor="test"
    )
    told = json.loads(archive_of(build(company, lefevre)).read("journal.json"))
    assert "paper.added" in [entry["action"] for entry in told["entries"]]
    for entry in told["entries"]:
        parts = [told["company_id"], entry["sequence"], entry["created_at"], entry["actor"], entry["action"],
                 entry["subject_type"], entry["subject_id"] or "", told["customer_id"], entry["data"], entry["previous_hash"]]  # fmt: skip
        assert sha256("\x1f".join(map(str, parts)).encode()).hexdigest() == entry["hash"]


def test_what_the_facts_refuse_is_told_and_nothing_is_made(company):
    town = cast.public_buyer(company)
    town.street = "1 place de la Mairie"
    town.save()
    cast.invoice(company, town, "FA-9", payable_cents=1_000, issue_date=date(2026, 1, 1))
    built = build(company, town)
    assert built.state == CourtFile.State.REFUSED
    assert built.pdf is None
    assert "acheteur public" in " ".join(
        Sentence.from_json(each["sentence"]).say("fr") for each in built.findings
    )


def test_documents_of_others_are_never_claimed(company, lefevre, other_company):
    dubois = cast.good_payer(company)
    theirs = cast.invoice(company, dubois, "FA-3", payable_cents=1_000, issue_date=date(2026, 1, 1))
    with pytest.raises(UnableToBuildCourtFile):
        build(company, lefevre, document_ids=[theirs.pk])
    with company_scope(other_company.pk), pytest.raises(UnableToBuildCourtFile):
        build(other_company, lefevre)


def test_papers_and_messages_of_other_customers_stay_out(company, lefevre):
    dubois = cast.good_payer(company)
    cast.invoice(company, dubois, "FA-3", payable_cents=1_000, issue_date=date(2026, 1, 1))
    attach_paper(
        company=company,
        customer_id=dubois.pk,
        kind="contract",
        name="secret.pdf",
        content=pdf_of("SECRET"),
        actor="test",
    )
    archive = archive_of(build(company, lefevre))
    everything = b"".join(archive.read(name) for name in archive.namelist() if not name.endswith(".pdf"))
    assert b"Dubois" not in everything
    assert not [name for name in archive.namelist() if "secret" in name]


def test_a_proof_that_is_gone_or_broken_is_told_on_its_page(company, lefevre):
    message = noticed(company, lefevre)
    broken = keep_file(
        company=company, name="casse.pdf", media_type="application/pdf", content=b"%PDF-1.4 nothing"
    )
    MessageAttachment.objects.create(
        company=company, message=message, file=broken, kind="proof", title="deposit"
    )
    built = build(company, lefevre)
    assert built.state == CourtFile.State.DONE
    assert "pieces/0005-casse.pdf" in archive_of(built).namelist()


def test_handed_over_its_invoices_are_held_until_it_is_taken_back(company, lefevre):
    built = build(company, lefevre)
    done = hand_over_court_file(
        company=company,
        court_file_id=built.pk,
        to="Me Durand, commissaire de justice",
        handed_over_date=ON,
        on=ON,
        actor="test",
    )
    held = Hold.objects.filter(company=company, released_at=None)
    assert {hold.document.number for hold in held} == {"FA-1", "FA-2"}
    assert {hold.reason for hold in held} == {"Remis à Me Durand, commissaire de justice le 15/05/2026"}
    with pytest.raises(UnableToHandOver):
        hand_over_court_file(
            company=company, court_file_id=built.pk, to="X", handed_over_date=ON, on=ON, actor="test"
        )
    take_back_court_file(company=company, court_file_id=done.pk, now=NOW, actor="test")
    assert not Hold.objects.filter(company=company, released_at=None).exists()
    actions = JournalEntry.objects.filter(action__startswith="court_file.").order_by("sequence")
    assert [entry.action for entry in actions] == [
        "court_file.built",
        "court_file.handed_over",
        "court_file.taken_back",
    ]


def test_a_file_is_not_handed_over_to_nobody_nor_tomorrow(company, lefevre):
    built = build(company, lefevre)
    for to, day in (("", ON), ("Le greffe", date(2026, 5, 16))):
        with pytest.raises(UnableToHandOver):
            hand_over_court_file(
                company=company, court_file_id=built.pk, to=to, handed_over_date=day, on=ON, actor="test"
            )
