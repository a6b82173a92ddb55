"""What the company invoices: which customer, when, what for, under which terms."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from encours.demo.calendar import SEASON, month_end
from encours.demo.characters import Customer

STANDARD_RATE, NO_RATE = 2000, 0  # basis points


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `quantity_hundredths` is negative for a deposit that is taken off."""

    label: str
    quantity_hundredths: int
    unit: str  # UN/ECE recommendation 20: DAY, MON, C62
    unit_price_cents: int

    @property
    def net_cents(self) -> int:
        cents, rest = divmod(self.quantity_hundredths * self.unit_price_cents, 100)
        assert rest == 0, "quantities and prices are chosen so that a line is whole cents"
        return cents


@dataclass(frozen=True, slots=True)
class Invoice:
    """An issued document. Amounts of a credit note are positive, as printed on it."""

    customer: Customer
    type: str  # invoice, credit_note, deposit
    issue_date: date
    due_date: date
    lines: tuple[Line, ...]
    product: str
    order: str = ""
    number: str = ""
    corrects: str = ""
    reference: str = ""  # ISO 11649, when the customer asks for one

    @property
    def vat_category(self) -> str:
        """UNCL 5305: standard rate, or reverse charge for customers elsewhere in the Union."""
        return "S" if self.customer.country == "FR" else "AE"

    @property
    def rate_basis_points(self) -> int:
        return STANDARD_RATE if self.customer.country == "FR" else NO_RATE

    @property
    def net_cents(self) -> int:
        return sum(line.net_cents for line in self.lines)

    @property
    def tax_cents(self) -> int:
        return (self.net_cents * self.rate_basis_points + 5_000) // 10_000

    @property
    def payable_cents(self) -> int:
        return self.net_cents + self.tax_cents


# product, weight, label in French and English, unit, quantities in hundredths, share of the usual amount per unit
_PRODUCTS = (
    ("Régie", 34, "Assistance technique, ingénieur", "Engineering assistance", "DAY", (200, 350, 500, 850, 1200, 1850), 12),
    ("Forfait", 24, "Étude au forfait, lot", "Fixed-price study, lot", "C62", (100,), 1),
    ("Maintenance", 22, "Maintenance applicative mensuelle", "Monthly application maintenance", "MON", (100,), 2),
    ("Hébergement", 12, "Hébergement et supervision", "Hosting and monitoring", "MON", (100, 300), 4),
    ("Formation", 8, "Formation sur site", "On-site training", "DAY", (100, 150, 200, 300), 5),
)  # fmt: skip


def due_date(terms: str, issued: date) -> date:
    """`30`: thirty days net; `45 FDM`: forty-five days, then the end of that month."""
    days = issued + timedelta(days=int(terms.split()[0]))
    return month_end(days) if terms.endswith("FDM") else days


def issued_in(
    customer: Customer, days: list[date], rng: Random, *, is_failing: bool = False
) -> list[Invoice]:
    """The customer's invoices on these business days of a month, in no order and without numbers."""
    if not days:
        return []
    wanted = customer.invoices_per_month * SEASON[days[0].month - 1] * min(1.0, len(days) / 20)
    if is_failing:
        wanted *= 0.5  # work goes down before payments stop
    count = int(wanted) + (rng.random() < wanted % 1)
    found = []
    for _ in range(count):
        # half of a month's work is invoiced in its last days
        day = days[-1 - rng.randrange(min(3, len(days)))] if rng.random() < 0.5 else rng.choice(days)
        found.append(_invoice(customer, day, rng))
    return found


def final_of(deposit: Invoice, *, issued: date) -> Invoice:
    """The invoice of a project whose deposit of 30 % was asked before: the deposit is taken off."""
    (line,) = deposit.lines
    whole = replace(
        line,
        label=line.label.removeprefix("Acompte 30 % : "),
        unit_price_cents=line.unit_price_cents * 10 // 3,
    )
    taken_off = Line(f"Acompte {deposit.number} déduit", -100, "C62", deposit.net_cents)
    return replace(
        deposit,
        type="invoice",
        issue_date=issued,
        due_date=due_date(deposit.customer.terms, issued),
        lines=(whole, taken_off),
        number="",
        reference="",
    )


def credit_of(invoice: Invoice, *, issued: date, share_percent: int) -> Invoice:
    """A credit note over a share of an invoice."""
    net = invoice.net_cents * share_percent // 100
    return replace(
        invoice,
        type="credit_note",
        issue_date=issued,
        due_date=issued,
        lines=(Line(f"Avoir sur {invoice.number}", 100, "C62", net),),
        number="",
        corrects=invoice.number,
        reference="",
    )


def _invoice(customer: Customer, day: date, rng: Random) -> Invoice:
    product, _, french, english, unit, quantities, divisor = rng.choices(
        _PRODUCTS, weights=[p[1] for p in _PRODUCTS]
    )[0]
    label = french if customer.language == "fr" else english
    price = max(4_000, int(customer.usual_cents / divisor * rng.triangular(0.5, 2.2, 0.9)))
    # prices people agree on are round; a few are not
    price = round(price, -2 if rng.random() < 0.8 else 0)
    is_project = product == "Forfait" and customer.kind == "company" and rng.random() < 0.22
    if is_project:
        price = round(price, -3)  # thirty per cent of it and its ten thirds are whole cents
        lines = (Line(f"Acompte 30 % : {label} {rng.randint(1, 9)}", 100, unit, price * 3 // 10),)
    else:
        lines = (Line(label, rng.choice(quantities), unit, price - price % 100 if unit == "DAY" else price),)
        if rng.random() < 0.15:
            lines += (
                Line(
                    "Frais de déplacement" if customer.language == "fr" else "Travel expenses",
                    100,
                    "C62",
                    rng.randint(2_000, 48_000),
                ),
            )
    needs_order = customer.kind == "public_buyer" or customer.segment == "grand compte"
    return Invoice(
        customer=customer,
        type="deposit" if is_project else "invoice",
        issue_date=day,
        due_date=day + timedelta(days=15) if is_project else due_date(customer.terms, day),
        lines=lines,
        product=product,
        order=f"45{rng.randint(0, 99_999_999):08d}" if needs_order or rng.random() < 0.2 else "",
    )
