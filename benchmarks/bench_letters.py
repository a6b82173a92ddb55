"""100,000 messages rendered, text and HTML, each with what its customer owes; one in ten also on paper.

By the function the sender uses, from facts as its queries give them: lines as a frame, sections summed, interest computed
for notices. Every template, tone and language comes by, one to twelve documents per letter. CPU time of one process.
"""

import random
import time
from datetime import date, timedelta

import polars as pl

from benchmarks.figures import Figure
from encours.actions.render_letter import render_letter
from encours.actions.render_message import render_message
from encours.core.dunning.policy import NOTICES
from encours.core.interest import InterestTerms
from encours.core.interest_claims import LateReceivable, accruals
from encours.core.letter_templates import LETTERS
from encours.core.letters import LETTER_LINES, Claim, Letter, Party, claim_of, sections_of

MESSAGES, PAPER_EVERY = 100_000, 10
ON = date(2026, 5, 18)
TERMS = InterestTerms("company")
CREDITOR = Party(
    name="Atelier Lumen", legal_form="SAS", siren="732829320", vat_number="FR44732829320", street="12 rue des Forges",
    postcode="44000", city="Nantes", email="compta@lumen.example", phone="02 40 00 00 00",
)  # fmt: skip
KINDS = [
    (template, tone, language)
    for template in ("courtesy", "reminder_1", "reminder_2", "reminder_3", *NOTICES)
    for tone in LETTERS[template].tones
    for language in ("fr", "en")
]


def run() -> list[Figure]:
    draw = random.Random(20260518)
    for kind in KINDS:  # read once, as a sender that runs all day has them
        render_message(letter=_letter(draw, 0, kind))
    words_s = paper_s = size = 0.0
    for rank in range(MESSAGES):
        began = time.process_time()
        letter = _letter(draw, rank, KINDS[rank % len(KINDS)])
        rendered = render_message(letter=letter)
        words_s += time.process_time() - began
        size += len(rendered.html)
        # a tenth of the tenth: paper costs the same each time
        if rank % (PAPER_EVERY * 10) == 0:
            began = time.process_time()
            render_letter(letter=letter)
            paper_s += 10 * (time.process_time() - began)
    return [
        Figure("messages per second of CPU, text and HTML", MESSAGES / words_s, "/s", least=200),
        Figure(
            "CPU per message",
            1000 * words_s / MESSAGES,
            "ms",
            note=f"{size / MESSAGES / 1000:.1f} kB of HTML each",
        ),
        Figure("CPU of one letter on paper in ten", paper_s, "s", note="from one in a hundred"),
    ]


def _letter(draw: random.Random, rank: int, kind: tuple[str, str, str]) -> Letter:
    template, tone, language = kind
    count = draw.randint(1, 12)
    ahead = template == "courtesy"
    rows = []
    for number in range(count):
        due_date = (
            ON + timedelta(days=draw.randint(1, 9)) if ahead else ON - timedelta(days=draw.randint(1, 120))
        )
        cents = draw.randint(1_000, 2_000_000)
        rows.append(
            (number, f"FA-2026-{rank:06d}-{number}", 0, due_date - timedelta(days=30), due_date, cents, cents, cents, template in NOTICES)
        )  # fmt: skip
    lines = pl.DataFrame(rows, schema=LETTER_LINES, orient="row").sort("due_date")
    debtor = Party(
        name=f"Client {rank} & Fils",
        siren="552081317",
        street="3 quai Lamennais",
        postcode="35000",
        city="Rennes",
        code=f"C{rank:06d}",
    )
    return Letter(
        reference=f"1-{rank}", template=template, language=language, on=ON, currency="EUR", creditor=CREDITOR, debtor=debtor,
        contact_name="Mme Le Goff", iban="FR7630004000031234567890143", account_holder="ATELIER LUMEN SAS",
        sections=sections_of(lines=lines, on=ON), claim=_claim(lines) if template in NOTICES else None, tone=tone,
    )  # fmt: skip


def _claim(lines: pl.DataFrame) -> Claim | None:
    late = [
        LateReceivable(
            row["document_id"], 0, row["number"], row["due_date"], row["amount_cents"], row["balance_cents"]
        )
        for row in lines.iter_rows(named=True)
    ]
    found = accruals(receivables=late, decided=(), on=ON, terms=TERMS, imputation="interest")
    return claim_of(accruals=found, terms=TERMS)
