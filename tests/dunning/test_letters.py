"""What customers read. The letters lie in `golden/`; `ENCOURS_RECORD=1 ./dev test tests/dunning/test_letters.py` writes
them anew, and the difference is read by a person before it is committed."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import html5lib
import pikepdf
import polars as pl
import pytest

from encours.actions.render_letter import render_letter
from encours.actions.render_message import Rendered, render_message
from encours.actions.render_statement import render_statement
from encours.core.interest import InterestTerms, PartPayment, UnableToComputeInterest
from encours.core.interest_claims import LateReceivable, accruals
from encours.core.letter_templates import LETTERS, check_text
from encours.core.letters import (
    LETTER_LINES,
    LINES_SHOWN,
    AnnouncedCharge,
    Claim,
    EarlierLetter,
    Letter,
    Mandate,
    Party,
    PlanInstalment,
    Receipt,
    StatementLine,
    claim_of,
    sections_of,
)
from encours.core.payments.mandates import means_of
from encours.core.payments.methods import METHODS
from encours.ports.letter_files import standard_text

GOLDEN = Path(__file__).parent / "golden"
PORTAL_URL = "https://encours.lumen.example/p/1/4kq8zr2m6hx0wv9tb3dn5cyj7f/"
ON = date(2026, 5, 18)
TEMPLATES = tuple(LETTERS)
# every letter of the library, each in the tones it is written in
LIBRARY = [(template, tone) for template, kind in LETTERS.items() for tone in kind.tones]
HOSTILE = '<script>alert(1)</script> & "Fils" #panic() $x$ *gras* {{ 7|add:7 }} {% now %} [payment]'

LUMEN = Party(
    name="Atelier Lumen", legal_form="SAS", siren="732829320", vat_number="FR44732829320",
    street="12 rue des Forges", postcode="44000", city="Nantes", email="compta@lumen.example",
    phone="02 40 00 00 00",
)  # fmt: skip
LEFEVRE = Party(
    name="Menuiserie Lefèvre SAS", siren="552081317", street="3 quai Lamennais", postcode="35000",
    city="Rennes", code="C0002",
)  # fmt: skip
# number, issued, due, amount, open, asked for after 200 € of credit
DOCUMENTS = [
    ("FA-2026-0101", date(2026, 2, 3), date(2026, 3, 5), 120_000, 120_000, 100_000),
    ("FA-2026-0142", date(2026, 3, 2), date(2026, 4, 1), 84_550, 44_550, 44_550),
    ("FA-2026-0199", date(2026, 4, 20), date(2026, 5, 20), 33_300, 33_300, 33_300),
]


RECOVERY = Party(
    name="Recouvrement de l’Ouest", siren="443061841", street="8 rue de la Paix", postcode="35000", city="Rennes",
    email="dossiers@ouest.example", phone="02 99 00 00 00",
)  # fmt: skip
# what only some letters say
OF_TEMPLATE: dict[str, dict[str, Any]] = {
    "third_party_notice": {"template": "formal_notice", "mandate": Mandate(RECOVERY, date(2026, 4, 2))},
    "notice_before_court": {"formal_notice": EarlierLetter("1-31", date(2026, 4, 27))},
    "plan_agreement": {
        "plan": (
            PlanInstalment(date(2026, 6, 1), 60_000),
            PlanInstalment(date(2026, 7, 1), 60_000),
            PlanInstalment(date(2026, 8, 3), 24_550),
        )
    },
    "thank_you": {"sections": (), "claim": None, "paid_cents": 144_550},
    "invitation": {"sections": (), "claim": None, "portal_url": "https://portail.example/p/1/0000/"},
    "receipt": {
        "sections": (),
        "claim": None,
        "paid_cents": 150_000,
        "receipt": Receipt(
            date(2026, 5, 12),
            METHODS["card"](),
            "EC5D1F0C9A77B2E360",
            150_000,
            (("FA-2026-0101", 100_000), ("FA-2026-0142", 40_000)),
            4_550,
            10_000,
        ),
    },
    "charge_notice": {
        "claim": None,
        "charge": AnnouncedCharge(
            date(2026, 6, 1), means_of(kind="card", brand="visa", last_digits="4242"), "EC5D1F0C9A77B2E360"
        ),
    },
}


def a_claim(lines: pl.DataFrame, debtor: Party, on: date, **terms: Any) -> Claim | None:
    """What a notice of these lines claims; credits and payments came in time."""
    late = [
        LateReceivable(
            row["document_id"], row["position"], row["number"], row["due_date"], row["amount_cents"], row["balance_cents"],
            (PartPayment(row["due_date"], paid),) if (paid := row["amount_cents"] - row["asked_cents"]) else (),
        )
        for row in lines.filter(pl.col("due_date") < on).iter_rows(named=True)
    ]  # fmt: skip
    asked = InterestTerms(debtor.kind, **terms)
    try:
        found = accruals(receivables=late, decided=(), on=on, terms=asked, imputation="principal")
    except UnableToComputeInterest:
        return Claim(None, (), len(late))
    return claim_of(accruals=found, terms=asked)


def a_letter(
    template: str, language: str, *, tone: str = "neutral", debtor: Party = LEFEVRE, on: date = ON
) -> Letter:
    documents = {
        "courtesy": DOCUMENTS[2:],
        "plan_agreement": DOCUMENTS[:2],
        "charge_notice": DOCUMENTS[1:],
    }.get(template, DOCUMENTS)
    is_notice = template in ("formal_notice", "third_party_notice", "notice_before_court")
    lines = pl.DataFrame(
        [(rank, number, 0, *rest, is_notice) for rank, (number, *rest) in enumerate(documents)],
        schema=LETTER_LINES,
        orient="row",
    )
    # what is announced is one sum, late or not
    sections = sections_of(lines=lines, on=date.min if template == "charge_notice" else on)
    letter = Letter(
        reference="1-42", template=template, language=language, on=on, currency="EUR", creditor=LUMEN,
        debtor=debtor, contact_name="Mme Le Goff", iban="FR7630004000031234567890143",
        account_holder="ATELIER LUMEN SAS", sections=sections,
        claim=a_claim(lines, debtor, on) if is_notice else None, tone=tone,
        salesperson="Claire Morvan", portal_url=PORTAL_URL,
    )  # fmt: skip
    return replace(letter, **OF_TEMPLATE.get(template, {}))


STATEMENT = [
    *(
        StatementLine(number, "invoice", issued, due, amount, balance)
        for number, issued, due, amount, balance, _ in DOCUMENTS
    ),
    StatementLine("AV-2026-0007", "credit_note", date(2026, 4, 2), None, -20_000, -20_000),
]


def same_as_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("ENCOURS_RECORD"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{name} changed: read the difference, then record it anew"


def readable(rendered: Rendered) -> str:
    """The words a mail program shows for the HTML part, one piece per line."""
    body = html5lib.parse(rendered.html, namespaceHTMLElements=False).find("body")
    # what stands in comments is for one mail program's layout
    comments = [node for node in body.iter() if not isinstance(node.tag, str)]
    for comment in comments:
        comment.text = ""
    return "\n".join(" ".join(piece.split()) for piece in body.itertext() if piece.strip()) + "\n"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("template", "tone"), LIBRARY)
def test_letters_are_the_golden_ones(template, tone, language):
    rendered = render_message(letter=a_letter(template, language, tone=tone))
    name = template if tone == "neutral" else f"{template}.{tone}"
    same_as_golden(f"{name}.{language}.txt", f"{rendered.subject}\n\n{rendered.text}")
    same_as_golden(f"{name}.{language}.html.txt", readable(rendered))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_statement_is_the_golden_one(language, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = tmp_path / "statement.pdf"
    path.write_bytes(render_statement(letter=a_letter("reminder_1", language), lines=STATEMENT))
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    )
    lines = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    same_as_golden(f"statement.{language}.txt", "\n".join(lines) + "\n")


def test_the_statement_is_pdf_a_3b_and_the_same_each_time():
    letter = a_letter("reminder_1", "fr")
    first, second = (render_statement(letter=letter, lines=STATEMENT) for _ in range(2))
    assert first == second
    with pikepdf.open(BytesIO(first)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert str(pdf.Root.Lang) == "fr"


def test_a_statement_of_many_pages_keeps_its_head_row():
    letter = a_letter("reminder_1", "fr")
    with pikepdf.open(BytesIO(render_statement(letter=letter, lines=STATEMENT * 40))) as pdf:
        assert len(pdf.pages) > 3


@pytest.mark.parametrize("template", TEMPLATES)
def test_hostile_names_are_text_everywhere(template):
    letter = a_letter(template, "fr", debtor=replace(LEFEVRE, name=HOSTILE, street=HOSTILE))
    sections = tuple(
        replace(section, lines=tuple(replace(line, number=HOSTILE) for line in section.lines))
        for section in letter.sections
    )
    hostile = replace(
        letter,
        sections=sections,
        contact_name=HOSTILE,
        account_holder=HOSTILE,
        debtor=replace(LEFEVRE, name=HOSTILE),
    )
    rendered = render_message(letter=hostile)
    tree = html5lib.parse(rendered.html, namespaceHTMLElements=False)
    assert not list(tree.iter("script"))
    assert HOSTILE in " ".join(rendered.text.split())
    assert HOSTILE in " ".join("".join(tree.find("body").itertext()).split())
    assert "\n" not in rendered.subject
    assert render_statement(letter=hostile, lines=STATEMENT).startswith(b"%PDF")


def test_a_half_year_without_a_rate_cites_the_law_without_an_amount():
    text = render_message(letter=a_letter("formal_notice", "fr", on=date(2026, 8, 3))).text
    assert "L441-10" in text
    assert "Pénalités de retard au" not in text
    assert "sera arrêté au jour du paiement" in text


def test_a_consumer_is_asked_for_neither_penalties_nor_indemnity():
    for template in ("reminder_2", "formal_notice"):
        text = render_message(letter=a_letter(template, "fr", debtor=replace(LEFEVRE, kind="person"))).text
        assert "indemnité" not in text.lower()
        assert "L441-10" not in text


def test_a_public_buyer_is_told_its_own_law():
    text = render_message(
        letter=a_letter("formal_notice", "fr", debtor=replace(LEFEVRE, kind="public_buyer"))
    ).text
    assert "R2192-31" in text
    assert "10,15\u00a0%" in text  # 2.15 + 8


def test_what_is_not_yet_due_is_not_asked_for_with_what_is_late():
    letter = a_letter("reminder_2", "fr")
    assert letter.asked_cents == 144_550
    assert "1 445,50" in render_message(letter=letter).subject


def test_a_long_letter_shows_its_first_lines_and_sums_all():
    lines = pl.DataFrame(
        [
            (n, f"FA-{n:04d}", 0, date(2026, 1, 5), date(2026, 2, 4), 10_000, 10_000, 10_000, True)
            for n in range(200)
        ],
        schema=LETTER_LINES,
        orient="row",
    )
    letter = replace(
        a_letter("formal_notice", "fr"),
        sections=sections_of(lines=lines, on=ON),
        claim=a_claim(lines, LEFEVRE, ON),
    )
    text = render_message(letter=letter).text
    assert text.count("\n- FA-") == LINES_SHOWN
    assert f"et {200 - LINES_SHOWN} autres pièces" in text
    assert letter.asked_cents == 2_000_000
    # 103 days at 12.15 % of 100 €: 3,43 € each
    assert letter.claim.interest_cents == 200 * 343
    assert letter.claim.indemnity_cents == 200 * 4_000


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("template", [name for name, kind in LETTERS.items() if kind.is_printed])
def test_printed_letters_are_pdf_a_3b_and_the_same_each_time(template, language):
    letter = a_letter(template, language)
    first, second = (render_letter(letter=letter) for _ in range(2))
    assert first == second
    with pikepdf.open(BytesIO(first)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert str(pdf.Root.Lang) == language


def test_the_address_shows_through_the_window_of_an_envelope(tmp_path):
    """NF Z 11-001: 45 to 85 mm from the top, on the right half of the page."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = tmp_path / "letter.pdf"
    path.write_bytes(render_letter(letter=a_letter("formal_notice", "fr")))
    done = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True)
    words = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(\w+)',
        done.stdout.split("</page>")[0],
    )
    per_mm = 72 / 25.4
    [(left, top, right, bottom)] = [
        [float(each) / per_mm for each in box] for *box, word in words if word == "RENNES"
    ]
    assert 100 <= left < right <= 195
    assert 45 <= top < bottom <= 85
    # nothing else lies there
    inside = {word for x, y, _, end, word in words if float(x) / per_mm > 98 and 45 < float(y) / per_mm < 85}
    assert inside == {
        "Menuiserie",
        "Lefèvre",
        "SAS",
        "À",
        "l",
        "de",
        "Mme",
        "Le",
        "Goff",
        "3",
        "quai",
        "Lamennais",
        "35000",
        "RENNES",
    }


def test_a_salesperson_signs_where_the_step_says_so():
    letter = a_letter("reminder_1", "fr")
    assert render_message(letter=letter).text.endswith("Bien cordialement,\n\nAtelier Lumen\n")
    signed = render_message(letter=replace(letter, signed_by="salesperson")).text
    assert signed.endswith("Bien cordialement,\n\nClaire Morvan\nAtelier Lumen\n")


def test_a_mandated_third_party_tells_its_mandate_first_and_recalls_that_letter_later():
    """CPCE, art. R124-4: five mentions in the first letter whatever it is; its reference and date in later contacts."""
    mandate = Mandate(RECOVERY, date(2026, 4, 2))
    for template in ("reminder_1", "third_party_notice"):
        text = render_message(letter=replace(a_letter(template, "fr"), mandate=mandate)).text
        said = (
            "Recouvrement de l’Ouest, 8 rue de la Paix, 35000 Rennes", "activité de recouvrement amiable",
            "Atelier Lumen", "FA-2026-0101", "FR76", "Les frais de recouvrement entrepris sans titre exécutoire",
            "Cependant, le créancier qui justifie",
        )  # fmt: skip
        assert [words for words in said if words not in text] == []
    told = replace(mandate, first_letter=EarlierLetter("1-40", date(2026, 4, 20)))
    later = render_message(letter=replace(a_letter("reminder_2", "fr"), mandate=told)).text
    assert "notre lettre du 20/04/2026, réf. 1-40" in later
    assert "Les frais de recouvrement entrepris" not in later


def test_no_letter_claims_costs_of_its_own_making():
    """CPCE, art. L111-8: without an enforceable title recovery costs stay with the creditor."""
    for template, tone in LIBRARY:
        for language in ("fr", "en"):
            text = standard_text(template=template, tone=tone, language=language)
            assert check_text(text, template=template, language=language) == ()
