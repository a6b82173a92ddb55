"""A bank tells who paid in its own way; the customers it may be come back, best first, with what was recognised."""

import unicodedata
from datetime import date

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from encours.core.matching.frames import CUSTOMERS, LINES, PAYER_CANDIDATES, PAYERS
from encours.core.matching.payers import EVIDENCE, payer_candidates
from encours.core.matching.told_payers import payer_names
from encours.core.parties import bank_name

OURS = "Ventalune Ingénierie SAS"
IBAN, OTHER_IBAN = "FR7630004000031234567890143", "FR7610096000501234567890144"
# a customer file: those who look alike stand side by side
DUBOIS_SARL, DUBOIS_SAS, BAKERY, BAKERY_LYON, HOTEL, STEEL, PARIS, MARTIN, SCHOOL, NOISE = range(1, 11)
BOOK = {
    DUBOIS_SARL: "Dubois SARL",
    DUBOIS_SAS: "Dubois SAS",
    BAKERY: "S.A.R.L. Boulangerie Lestoile & Fils",
    BAKERY_LYON: "Boulangerie Lestoile et Fils Villeurbanne",
    HOTEL: "Hôtel de l'Épée",
    STEEL: "Aciéries Saint-Ferréol SA",
    PARIS: "Paris SARL",
    MARTIN: "Établissements Martin Kerlaz",
    SCHOOL: "École de conduite Prévôt",
    NOISE: "Conseil et Services",
}


def book(names: dict[int, str], sirens: dict[int, str] | None = None) -> pl.DataFrame:
    rows = [(id, name, bank_name(name), (sirens or {}).get(id, "")) for id, name in names.items()]
    return pl.DataFrame(rows, schema=CUSTOMERS, orient="row")


def line(text: str = "", *, name: str = "", iban: str = "", line_id: int = 1) -> dict[str, object]:
    texts = {column: "" for column, kind in LINES.items() if kind == pl.String}
    return {
        **texts, "line_id": line_id, "booked_date": date(2026, 3, 2), "amount_cents": 120_00, "is_reversal": False,
        "remittance": text, "counterparty_name": name, "counterparty_iban": iban, "currency": "EUR", "state": "new",
    }  # fmt: skip


def paid(*rows: tuple[str, str, int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PAYERS, orient="row")


def candidates(*lines, names=BOOK, sirens=None, payers=(), limit=4) -> pl.DataFrame:
    found = payer_candidates(
        lines=pl.DataFrame(lines, schema=LINES),
        customers=book(names, sirens),
        payers=paid(*payers),
        own_names=[OURS],
        limit=limit,
    )
    assert found.schema == PAYER_CANDIDATES
    return found


def told(found: pl.DataFrame) -> list[tuple[int, str]]:
    return list(found.select("customer_id", "evidence").iter_rows())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VIR SEPA HOTEL DE L EPEE", (HOTEL, "name")),
        ("VIR SEPA RECU HOTEL DE LEPEE FACT 2025-0012", (HOTEL, "name")),
        ("VIREMENT DE HOTEL EPEE", (HOTEL, "name_like")),
        ("VIR INST RECU /DE ACIERIES ST FERREOL SA /MOTIF FACTURE 12 /REF NOTPROVIDED", (STEEL, "name")),
        ("VIR RECU 1234567890S DE: ACIERIES SAINT FERREOL MOTIF: 12", (STEEL, "name")),
        ("VIR SEPA ETS MARTIN KERLAZ", (MARTIN, "name")),
        ("VIR SEPA S A R L BOULANGERIE LESTOILE ET FILS", (BAKERY, "name")),
        ("VIREMENT EN VOTRE FAVEUR ECOLE DE CONDUITE PREVOT 2025-0012", (SCHOOL, "name")),
        ("VIR INST ACIERIES SAINT FERREOL SAS ACPT SUR TRAVAUX", (STEEL, "name")),
        ("VIR SEPA RECU ECOLE DE CONDUITE PR", (SCHOOL, "name_cut")),
        ("VIREMENT DE ECOLE DE CONDUITE P FACTURE 12 ET 13", (SCHOOL, "name_cut")),
        ("LOYER MARS ACIERIES SAINT FERREOL MERCI", (STEEL, "name_inside")),
        ("LOYER PARIS", None),
        ("VIR SEPA PARIS FACT 12", (PARIS, "name")),
        ("PRESTATION CONSEIL ET SERVICES DU MOIS", None),
        ("VIR SEPA GARAGE DARNAY", None),
        ("VIREMENT INTERNE VENTALUNE INGENIERIE", None),
        ("", None),
        ("FACT 2025-0012", None),
    ],
)  # fmt: skip
def test_the_payer_is_read_from_the_remittance(text, expected):
    assert told(candidates(line(text))) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BOULANGERIE LESTOILE & FILS SARL", [(BAKERY, "name")]),
        # 27 characters: the bank may have cut it there
        ("BOULANGERIE LESTOILE & FILS", [(BAKERY, "name"), (BAKERY_LYON, "name_cut")]),
        ("BOULANGERIE LESTOILE ET FILS VI", [(BAKERY_LYON, "name_cut")]),
        ("BOULANGERIE LESTOILE ET FILS", [(BAKERY, "name")]),
        ("BOULANGERIE LESTOILE", [(BAKERY, "name_like"), (BAKERY_LYON, "name_like")]),
        ("ACIERIES SAINT FERREOL SOC", [(STEEL, "name")]),
        ("VENTALUNE INGENIERIE", []),
        ("DUBOIS", [(DUBOIS_SARL, "name"), (DUBOIS_SAS, "name")]),
        ("BOULANG", []),
    ],
)
def test_the_payer_is_read_from_the_name_the_bank_gives(name, expected):
    assert told(candidates(line(name=name))) == expected


def test_customers_who_look_alike_all_come_with_the_number_of_their_rivals():
    found = candidates(line("VIR SEPA DUBOIS FACT 12"))
    assert set(found["customer_id"]) == {DUBOIS_SARL, DUBOIS_SAS}
    assert found["rival_count"].to_list() == [1, 1]


def test_an_iban_that_paid_before_is_the_strongest_evidence():
    found = candidates(
        line("VIR SEPA DUBOIS", iban=f"{IBAN[:4]} {IBAN[4:]}"), payers=[(IBAN, "X", HOTEL, 2, 0)]
    )
    assert told(found) == [(HOTEL, "iban"), (DUBOIS_SARL, "name"), (DUBOIS_SAS, "name")]
    assert found["recognised"].to_list() == [IBAN, "DUBOIS", "DUBOIS"]


def test_a_factor_pays_for_many_and_the_text_says_for_whom():
    factor = [(IBAN, "AFFACTURAGE DU RHONE", customer, 20 - customer, 0) for customer in range(1, 11)]
    found = candidates(line("PAIEMENT ECOLE DE CONDUITE PREVOT", iban=IBAN), payers=factor)
    assert told(found) == [(SCHOOL, "iban"), (DUBOIS_SARL, "iban"), (DUBOIS_SAS, "iban"), (BAKERY, "iban")]
    assert set(found["rival_count"]) == {9}


def test_a_learned_name_leads_to_whom_it_paid_for():
    payers = [("", "GROUPE ORSIVAL", HOTEL, 3, 0), ("", "GROUPE ORSIVAL", STEEL, 5, 1)]
    for told_by in (line(name="Groupe Orsival SAS"), line("VIR SEPA GROUPE ORSIVAL FACT 12")):
        found = candidates(told_by, payers=payers)
        assert told(found) == [(STEEL, "alias"), (HOTEL, "alias")]
        assert found["rival_count"].to_list() == [1, 1]
    assert told(candidates(line("REGLT FACT 12 POUR GROUPE ORSIVAL"), payers=payers)) == told(found)


def test_a_payer_that_is_a_customer_itself_may_pay_for_itself():
    found = candidates(line(name="HOTEL DE L EPEE"), payers=[("", "HOTEL DE L EPEE", STEEL, 5, 0)])
    assert told(found) == [(STEEL, "alias"), (HOTEL, "name")]
    assert found["rival_count"].to_list() == [1, 0]


def test_what_was_taken_back_as_often_as_it_was_right_is_not_proposed_again():
    payers = [(IBAN, "GROUPE ORSIVAL", HOTEL, 2, 2), (IBAN, "GROUPE ORSIVAL", STEEL, 1, 0)]
    assert told(candidates(line(name="GROUPE ORSIVAL", iban=IBAN), payers=payers)) == [(STEEL, "iban")]
    # counted over everything this payer did, by whichever account
    payers = [(IBAN, "GROUPE ORSIVAL", HOTEL, 1, 0), ("", "GROUPE ORSIVAL", HOTEL, 0, 1)]
    assert told(candidates(line(name="GROUPE ORSIVAL"), payers=payers)) == []
    assert told(candidates(line(iban=IBAN), payers=payers)) == [(HOTEL, "iban")]


def test_a_payer_whom_only_labels_name_is_remembered_by_the_label():
    texts = {
        "VIR INST GROUPE ORSIVAL FACT 12": "GROUPE ORSIVAL",
        "VIR SEPA RECU ETS KERLAZ ET FILS SARL 2025-0012": "KERLAZ FILS",
        "VIR SEPA RECU BOULANGERIE LESTO 2025-0012": "BOULANGERIE LESTO",  # cut after 31 characters
        "VIR SEPA RECU SARL BOULANGERIE 2025-0012": "",  # many may begin like this
        "VIR SEPA RECU SCI PARIS FACT 12": "",
        "VIREMENT": "",
        "VIR SEPA RECU 2025-0012": "",
        "KERLAZ FACT 12": "",
    }
    lines = pl.DataFrame(
        [*map(line, texts), line("VIR GROUPE ORSIVAL", name="Kerlaz & Cie SAS")], schema=LINES
    )
    assert payer_names(lines=lines).to_list() == [*texts.values(), "KERLAZ CIE"]
    payers = [("", "GROUPE ORSIVAL", HOTEL, 1, 0), ("", "BOULANGERIE LESTO", STEEL, 1, 0)]
    assert told(candidates(line("VIR SEPA RECU GROUPE ORSIVAL 2025-0099"), payers=payers)) == [
        (HOTEL, "alias")
    ]
    # others begin like what is left of the name: nobody is sure, who paid before comes first
    again = candidates(line("VIR SEPA RECU BOULANGERIE LESTO 2025-0013"), payers=payers)
    assert told(again) == [(STEEL, "name_cut"), (BAKERY, "name_cut"), (BAKERY_LYON, "name_cut")]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        # the label says less than the name beside it
        ("VIR SEPA RECU KERLAZ LESTOILE FACT 12", "KERLAZ LESTOILE ET FILS", [(2, "name")]),
        # "ET" says that the name goes on
        ("FACT 12", "KERLAZ LESTOILE ET", [(2, "name_cut")]),
        # the field of the label is full: either name may stand there
        ("VIR SEPA RECU M KERLAZ LESTOILE 2025-0012", "", [(1, "name_cut"), (2, "name_cut")]),
        # D for "de", or the beginning of a word
        ("VIR INST RECU BRASSERIE VIOLA D FACT 12", "", [(3, "name_cut"), (4, "name_cut")]),
        ("VIR INST RECU KERLAZ LESTOILE SARL FACT 12", "", [(1, "name")]),
    ],
)
def test_where_the_bank_cut_a_longer_name_is_as_likely(text, name, expected):
    names = {
        1: "Kerlaz Lestoile",
        2: "Kerlaz Lestoile & Fils",
        3: "Brasserie Viola Darnay",
        4: "Brasserie Viola du Lac",
    }
    found = candidates(line(text, name=name), names=names)
    assert told(found) == expected
    assert set(found["rival_count"]) == {len(expected) - 1}


@pytest.mark.parametrize(
    "text",
    ["SIREN 732829320", "732 829 320 FACT 12", "FR44732829320", "TVA FR 44 732 829 320", "73282932000074"],
)
def test_a_siren_or_vat_number_is_as_good_as_the_name(text):
    found = candidates(line(text), sirens={MARTIN: "732829320"})
    assert told(found) == [(MARTIN, "name")]
    assert "320" in found["recognised"].item()


def test_longer_digits_are_no_siren():
    assert told(candidates(line("FACT 1732829320"), sirens={MARTIN: "732829320"})) == []


def test_nothing_known_nothing_found():
    assert candidates(line("VIR SEPA DUBOIS"), names={}).height == 0
    assert candidates().height == 0


def test_no_more_than_the_limit_and_the_rest_is_counted():
    names = dict.fromkeys(range(1, 8), "Lestoile SARL")
    found = candidates(line("VIR LESTOILE"), names=names, limit=3)
    assert found["customer_id"].to_list() == [1, 2, 3]
    assert found["rival_count"].to_list() == [6, 6, 6]


# What French companies are called: trades and surnames, with what banks do not print.
WORDS = st.one_of(
    st.sampled_from(
        ["Boulangerie", "Transports", "Hôtel", "Société", "Générale", "Établissements", "Saint", "Sainte-Geneviève", "de",
         "des", "du", "l'Église", "d'Armor", "&", "et", "Fils", "Frères", "Associés", "Œuvres", "M.", "Compagnie", "2000"]
    ),
    st.text("abcdefghilmnoprstuvéèêçïô", min_size=2, max_size=11).map(str.capitalize),
)  # fmt: skip
FORMS = ("SARL", "SAS", "S.A.R.L.", "SA", "EURL", "SCI", "")
# words before, one that is nobody else's, words behind, legal form
PARTS = st.tuples(
    st.lists(WORDS, max_size=3),
    st.text("abcdefghilmnoprstuvéèêçïô", min_size=4, max_size=11).map(str.capitalize),
    st.lists(WORDS, max_size=3),
    st.sampled_from(FORMS),
)


def joined(parts: tuple[list[str], str, list[str], str]) -> str:
    before, own, behind, form = parts
    return " ".join([*before, own, *behind, form]).strip()


NAMES = PARTS.map(joined)


def as_banks_print(name: str) -> str:
    """Upper case, ASCII, without the legal form: written apart from the code under test."""
    name = " ".join(word for word in name.replace("Œ", "OE").split() if word not in FORMS)
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()


@settings(max_examples=50)
@given(
    parts=PARTS,
    others=st.lists(NAMES, max_size=6),
    length=st.integers(24, 70),
    head=st.sampled_from(["", "VIR SEPA ", "VIREMENT DE "]),
)
def test_a_mangled_name_keeps_its_customer_when_nobody_shares_its_beginning(parts, others, length, head):
    before, own, *_ = parts
    name = joined(parts)
    printed = as_banks_print(name)[:length].rstrip()
    beginning = bank_name(printed).replace(" ", "")
    assume(len(beginning) >= 4)
    # cut before the name proper, "Établissements Boulangerie Aaaa" is anybody's
    assume(printed.startswith(as_banks_print(" ".join([*before, own]))))
    # cut into a short form of another word, "… Sta" says Saint
    assume(bank_name(name).replace(" ", "").startswith(beginning))
    assume(not any(bank_name(other).replace(" ", "").startswith(beginning[:8]) for other in others))
    names = dict(enumerate([*others, name], start=1))
    told_by = line(f"{head}{printed}") if head else line(name=printed)
    assert len(names) in candidates(told_by, names=names)["customer_id"].to_list()


@settings(max_examples=25)
@given(names=st.lists(NAMES, min_size=2, max_size=8), data=st.data())
def test_the_order_of_customers_lines_and_payers_does_not_matter(names, data):
    customers = book(dict(enumerate(names, start=1)))
    lines = pl.DataFrame(
        [line(as_banks_print(name)[:31], line_id=id) for id, name in enumerate(names)], schema=LINES
    )
    payers = paid(*((IBAN, bank_name(name), id, id % 3, 1) for id, name in enumerate(names, start=1)))
    seed = data.draw(st.integers(0, 1000))
    found, shuffled = (
        payer_candidates(lines=a, customers=b, payers=c)
        for a, b, c in (
            (lines, customers, payers),
            (frame.sample(fraction=1, shuffle=True, seed=seed) for frame in (lines, customers, payers)),
        )
    )
    assert found.equals(shuffled)


@pytest.mark.parametrize(
    ("text", "recognised"),
    [
        ("VIR SEPA ETS ACIERIES DE ST FERREOL SA FACT 12", "ACIERIES DE ST FERREOL"),
        ("VIR SEPA BOULANGERIE LESTOILE ET FILS SARL", "BOULANGERIE LESTOILE ET FILS"),
        ("LOYER ECOLE DE CONDUITE PREVOT", "ECOLE DE CONDUITE PREVOT"),
    ],
)
def test_what_was_recognised_is_told_as_it_stands_in_the_text(text, recognised):
    assert candidates(line(text))["recognised"].to_list() == [recognised]


def test_evidence_comes_strongest_first():
    assert EVIDENCE == ("iban", "alias", "name", "name_cut", "name_inside", "name_like")
