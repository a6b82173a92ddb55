"""What every source of invoices owes the importer, whoever wrote it: typed frames, and nothing but a refusal
on whatever else comes."""

import random
from pathlib import Path

import polars as pl
import pytest

from encours.core.accounting.lines import BOOK_LINES
from encours.core.invoices import DOCUMENT_TYPES, DOCUMENTS, INSTALMENTS, PARTIES, SETTLEMENTS, VAT
from encours.ports.files import UnableToReadFile
from encours.ports.registry import invoice_sources
from tests.providers.invoices.samples import Taken, cii, fec, opened, pdf, receipt, sale, take, ubl, written

SCHEMAS = {
    "documents": DOCUMENTS,
    "parties": PARTIES,
    "vat": VAT,
    "instalments": INSTALMENTS,
    "settlements": SETTLEMENTS,
    "entries": BOOK_LINES,
}
MUTATIONS = 200

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE i [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
FETCHED = '<?xml version="1.0"?><!DOCTYPE i SYSTEM "http://127.0.0.1:9/i.dtd">'


def sample(source: str, folder: Path) -> Path:
    """A small good file for a source."""
    if source == "facturx":
        return pdf(folder / "sample.pdf", {"factur-x.xml": cii().encode()})
    ledger = fec(*sale(1, "FA-1", 12000, lettering="A"), *receipt(2, (12000, "A")), *sale(3, "FA-2", -600))
    invoices = (
        "Numéro;Type;Client;SIREN;Date de facture;Échéance;Montant HT;TVA;Montant TTC\n"
        "F-1;facture;Boulangerie Martin;552100554;01/02/2026;03/03/2026;100,00;20,00;120,00\n"
        "A-1;avoir;Scierie du Val;;02/02/2026;;10,00;2,00;12,00\n"
    )
    customers = (
        "Code client;Nom;SIREN;Adresse;Code postal;Ville;E-mail;Conditions de paiement\n"
        "C1;Boulangerie Martin;552100554;2 rue du Four;69002;Lyon;luc@martin.example;30\n"
        "C2;Scierie du Val;;;;;;45 FDM\n"
    )
    content = {
        "ubl": ubl(),
        "cii": cii(),
        "fec": ledger,
        "invoices_csv": invoices,
        "customers_csv": customers,
    }
    suffix = "csv" if source.endswith("_csv") else source
    return written(folder, f"sample.{suffix}", content[source])


@pytest.fixture(params=sorted(invoice_sources()))
def source(request) -> str:
    return request.param


@pytest.fixture
def reader(source):
    return invoice_sources()[source]


def conforms(taken: Taken) -> None:
    for batch in taken.batches:
        for name, schema in SCHEMAS.items():
            assert getattr(batch, name).schema == schema, name
        documents, lines = batch.documents, batch.documents["line"].implode()
        assert documents["type"].is_in(list(DOCUMENT_TYPES)).all()
        required = [name for name in DOCUMENTS if name not in ("due_date", "net_cents", "tax_cents")]
        assert documents.select(required).null_count().sum_horizontal().item() == 0
        assert documents.select(pl.col("party").is_in(batch.parties["party"].implode()).all()).item()
        assert batch.parties.null_count().sum_horizontal().item() == 0
        for frame in (batch.vat, batch.instalments):
            assert frame["line"].is_in(lines).all()
        for column in ("line", "credit_note_line"):
            assert batch.settlements[column].drop_nulls().is_in(lines).all()
    assert taken.documents["line"].is_unique().all()
    for problem in taken.problems:
        assert problem.sentence.say("fr")
        assert problem.sentence.say("en")


def test_a_good_file_is_recognised_by_its_own_source_alone(source, tmp_path):
    file = opened(sample(source, tmp_path))
    found = {name: kind for name, one in invoice_sources().items() if (kind := one.identify(file))}
    assert found == {source: source}
    assert source in invoice_sources()[source].kinds


def test_frames_are_exactly_those_of_the_core(reader, source, tmp_path):
    taken = take(reader, sample(source, tmp_path))
    assert taken.frame("parties").height
    assert taken.problems == []
    conforms(taken)


def test_reading_twice_gives_the_same(reader, source, tmp_path):
    path = sample(source, tmp_path)
    first, second = take(reader, path), take(reader, path)
    for name in SCHEMAS:
        assert first.frame(name).equals(second.frame(name))


def test_a_damaged_file_is_refused_or_read_and_never_crashes(reader, source, tmp_path):
    good = sample(source, tmp_path).read_bytes()
    generator = random.Random(f"mutations of {source}")
    outcomes = set()
    for _ in range(MUTATIONS):
        path = written(tmp_path, "mutated", mutated(good, generator))
        reader.identify(opened(path))
        try:
            taken = take(reader, path)
        except UnableToReadFile:
            outcomes.add("refused")
        else:
            conforms(taken)
            outcomes.add("taken")
    # both happen: the mutations are neither harmless nor all fatal
    assert outcomes == {"taken", "refused"}


def mutated(content: bytes, generator: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(generator.randint(1, 6)):
        at = generator.randrange(len(changed) + 1)
        length = generator.choice([1, 1, 2, 8, 60])
        match generator.randrange(5):
            case 0:
                changed[at : at + length] = generator.randbytes(length)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case 3:
                changed[at:at] = generator.choice(
                    [b"\0", b"\xff\xfe", b"<", b"&x;", b"9" * 40, b"\t|;", b"\r\n"]
                )
            case _ if generator.random() < 0.2:
                del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"\n",
        b"<",
        b"<?xml",
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"\xff\xfe",
        b"PK\x03\x04",
        b"a" * 5000,
    ],
)
def test_what_is_no_invoice_is_refused_even_when_the_kind_is_forced(reader, tmp_path, content):
    path = written(tmp_path, "f", content)
    reader.identify(opened(path))
    with pytest.raises(UnableToReadFile):
        take(reader, path)


@pytest.mark.parametrize("prolog", [BOMB, OUTSIDE, FETCHED])
@pytest.mark.parametrize("name", ["ubl", "cii"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_a_dtd_is_refused_before_it_is_parsed(tmp_path, name, prolog, encoding):
    text = {"ubl": ubl, "cii": cii}[name]()
    hostile = prolog + text.split("?>", 1)[1].replace("F-2026-001", "&x;" if "x SYSTEM" in prolog else "&d;")
    path = written(tmp_path, "f.xml", hostile.encode(encoding))
    reader = invoice_sources()[name]
    assert reader.identify(opened(path)) == name
    with pytest.raises(UnableToReadFile) as caught:
        take(reader, path)
    assert caught.value.problem.code == "xml_has_dtd"


@pytest.mark.parametrize("name", ["ubl", "cii"])
def test_deep_xml_is_refused(tmp_path, name):
    text = {"ubl": ubl(references="<a>" * 50_000 + "</a>" * 50_000), "cii": cii(settlement="<a>" * 50_000)}[
        name
    ]
    with pytest.raises(UnableToReadFile):
        take(invoice_sources()[name], written(tmp_path, "f.xml", text))


@pytest.mark.parametrize("name", ["ubl", "cii"])
def test_truncated_xml_says_so(tmp_path, name):
    text = {"ubl": ubl(), "cii": cii()}[name]
    for share in (0.5, 0.8, 0.95):
        path = written(tmp_path, "f.xml", text[: int(len(text) * share)])
        with pytest.raises(UnableToReadFile) as caught:
            take(invoice_sources()[name], path)
        assert caught.value.problem.code == "xml_truncated"


def test_xml_that_is_neither_is_nobodys(tmp_path):
    for text in ("<html/>", "<?xml version='1.0'?><Invoice/>", "<!-- only a comment -->"):
        file = opened(written(tmp_path, "f.xml", text))
        assert not any(invoice_sources()[name].identify(file) for name in ("cii", "facturx", "fec", "ubl"))


def test_invoices_in_other_encodings_are_read(tmp_path):
    for encoding, declared in (("utf-16", "UTF-16"), ("iso-8859-15", "ISO-8859-15"), ("utf-8-sig", "UTF-8")):
        text = ubl(number="FACTURE-É1", prolog=f'<?xml version="1.0" encoding="{declared}"?>')
        path = written(tmp_path, "f.xml", text.encode(encoding))
        assert invoice_sources()["ubl"].identify(opened(path)) == "ubl"
        assert take(invoice_sources()["ubl"], path).only["number"] == "FACTURE-É1"
