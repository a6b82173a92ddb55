"""How customers pay, and who they are. A customer is a function of the seed and of its rank."""

import unicodedata
from dataclasses import dataclass
from random import Random

from encours.demo import identifiers, names

# A French number that is kept for fiction (Arcep decision 2009-0637): 01 99 00, 02 61 91, 04 65 71.
_PHONES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49")


@dataclass(frozen=True)
class Character:
    """A way of paying. Delays are days after the due date, drawn from a triangle (least, usual, most)."""

    name: str
    weight: float
    delay_days: tuple[int, int, int]
    forgets: float = 0.0  # share of invoices that are never paid by themselves
    batches: str = ""  # "month_end": one transfer per month; "statement": the whole balance on the 10th
    parts: float = 0.0  # share of invoices paid in two or three parts
    disputes: float = 0.004  # share of invoices that are disputed


CHARACTERS = (
    Character("punctual", 0.31, (-6, 0, 3), forgets=0.002),
    Character("bit_late", 0.26, (1, 6, 18), forgets=0.006),
    Character("late", 0.12, (10, 24, 55), forgets=0.02),
    Character("month_end", 0.09, (0, 0, 0), forgets=0.004, batches="month_end"),
    Character("statement", 0.05, (0, 0, 0), batches="statement"),
    Character("public_buyer", 0.07, (2, 21, 60), forgets=0.004),
    Character("part_payer", 0.03, (2, 12, 40), forgets=0.01, parts=0.6),
    Character("disputer", 0.02, (3, 15, 45), forgets=0.01, disputes=0.22),
    Character("failing", 0.01, (8, 20, 45)),
    Character("foreign", 0.04, (-2, 5, 30), forgets=0.004),
)
_BY_NAME = {character.name: character for character in CHARACTERS}
# Of two hundred customers, those of rank 36 to 39 are one group: the first of them pays for all.
GROUP_EVERY, GROUP_FIRST, GROUP_SIZE = 200, 36, 4


@dataclass(frozen=True, slots=True)
class Customer:
    """Everything about a customer that does not change."""

    index: int
    code: str
    name: str
    character: Character
    siren: str
    siret: str
    vat_number: str
    street: str
    postcode: str
    city: str
    country: str
    language: str
    email: str
    phone: str
    contact: str
    kind: str  # company, public_buyer
    segment: str
    sector: str
    terms: str  # "30", "45 FDM", "60"
    iban: str
    account: str  # the company's account the money goes to: "A" or "B"
    invoices_per_month: float
    usual_cents: int
    salesperson: str
    payer: int  # index of the customer that pays for this one (itself mostly)
    habit: str  # how invoices are named in transfers (encours.demo.remittance)
    invoice_format: str  # csv, ubl, facturx
    by_direct_debit: bool
    by_cheque: bool
    asks_reference: bool  # the invoice carries an RF reference


def customer(seed: int, index: int) -> Customer:
    rng = Random(f"customer/{seed}/{index}")
    character = _character(rng, index)
    payer = _payer_of(index)
    if payer != index:
        character = _BY_NAME["month_end"]
    country = rng.choice(tuple(names.FOREIGN)) if character.name == "foreign" else "FR"
    public = character.name == "public_buyer"
    name, sector = _name(rng, index, country=country, public=public)
    siren = "" if country != "FR" else identifiers.siren(rng, prefix="2" if public else "99")
    postcode, city = rng.choice(names.TOWNS if country == "FR" else names.FOREIGN[country])
    # a few customers make most of the turnover
    size = rng.choices(("grand compte", "ETI", "PME"), weights=(6, 24, 70))[0]
    per_month, usual_cents = {"grand compte": (3.2, 900_000), "ETI": (1.1, 420_000), "PME": (0.41, 160_000)}[
        size
    ]
    return Customer(
        index=index,
        code=f"C{index + 1:05d}",
        name=name,
        character=character,
        siren=siren,
        siret=identifiers.siret(siren, establishment=rng.randint(1, 30)) if siren else "",
        vat_number=identifiers.french_vat(siren) if siren else identifiers.foreign_vat(rng, country),
        street=names.street(rng),
        postcode=postcode,
        city=city,
        country=country,
        language="fr" if country == "FR" else "en",
        email=f"{rng.choice(('compta', 'fournisseurs', 'comptabilite'))}@{_slug(name)}-{index + 1}.example",
        phone=_phone(rng, country),
        contact=names.person(rng),
        kind="public_buyer" if public else "company",
        segment=size,
        sector="Public" if public else sector,
        terms="30" if public else rng.choices(("30", "45 FDM", "60", "15"), weights=(50, 25, 20, 5))[0],
        iban=identifiers.iban(rng, country),
        account=rng.choices(("A", "B"), weights=(64, 36))[0],
        invoices_per_month=per_month * rng.uniform(0.6, 1.4),
        usual_cents=int(usual_cents * rng.lognormvariate(0, 0.5)),
        salesperson=rng.choice(names.SALESPEOPLE),
        payer=payer,
        habit=rng.choices(
            ("exact", "loud", "bare", "short", "order", "none"), weights=(46, 20, 11, 12, 4, 7)
        )[0],
        invoice_format=rng.choices(("csv", "ubl", "facturx"), weights=(86, 9, 5))[0],
        by_direct_debit=character.name in ("punctual", "bit_late") and rng.random() < 0.06,
        by_cheque=character.name in ("bit_late", "late", "part_payer") and rng.random() < 0.05,
        asks_reference=rng.random() < 0.15,
    )


def _character(rng: Random, index: int) -> Character:
    """The first customers show one of each, so that a small company has them all."""
    drawn = rng.choices(CHARACTERS, weights=[c.weight for c in CHARACTERS])[0]
    return CHARACTERS[index] if index < len(CHARACTERS) else drawn


def _payer_of(index: int) -> int:
    place = index % GROUP_EVERY - GROUP_FIRST
    return index - place if 0 <= place < GROUP_SIZE else index


def _name(rng: Random, index: int, *, country: str, public: bool) -> tuple[str, str]:
    root = names.root(index)
    activity, sector = rng.choice(names.ACTIVITIES)
    if public:
        return names.public_body(rng, root), sector
    if country != "FR":
        return (
            f"{root} {rng.choice(('Systems', 'Trading', 'Logistics', 'Foods', 'Works'))} {names.FOREIGN_FORMS[country]}",
            sector,
        )
    form = rng.choice(names.LEGAL_FORMS)
    return (f"{form} {root} {activity}" if rng.random() < 0.12 else f"{root} {activity} {form}"), sector


def _phone(rng: Random, country: str) -> str:
    if country == "FR":
        return f"{rng.choice(_PHONES)} {rng.randint(0, 99):02d} {rng.randint(0, 99):02d}"
    return f"{names.PHONE_CODES[country]} 555 {rng.randint(0, 9999):04d}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())[:40].strip("-")
