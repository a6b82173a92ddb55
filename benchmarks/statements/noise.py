"""Lines that are no customer's receipt, and money the bank takes back."""

from collections.abc import Callable
from datetime import date

from benchmarks.statements.names import STRANGERS
from benchmarks.statements.story import BankLine, Story, Told, Truth
from benchmarks.statements.world import ACCOUNTS

_SUPPLIERS = (
    "LORVANCE TELECOM",
    "NORTIS INFORMATIQUE",
    "CORTANE ASSURANCES",
    "VERDIS NETTOYAGE",
    "BELRIX VOYAGES",
)
_REASONS = ("AM04", "AM04", "AM04", "AC04", "MD01", "MD06", "MS02", "MS03", "AC01")


def _noise(case: str, line: BankLine) -> list[Told]:
    return [Told(line, Truth(case, "noise", True))]


def _any_account(story: Story) -> str:
    return story.random.choice(list(ACCOUNTS))


def bank_fees(story: Story, day: date) -> list[Told]:
    label, code = story.random.choice(
        (("COMMISSION DE TENUE DE COMPTE", "62"), ("FRAIS VIR SEPA", "63"), ("COMMISSIONS CARTES", "66"),
         ("FRAIS IMPAYE PRLV", "62"), ("AGIOS 3EME TRIMESTRE", "65"))
    )  # fmt: skip
    return _noise(
        "bank_fees", BankLine(day, _any_account(story), -story.random.randint(90, 9_000), code, label=label)
    )


def salaries(story: Story, day: date) -> list[Told]:
    cents = -story.random.randint(90_000, 6_000_000)
    return _noise("salaries", BankLine(day, "A", cents, "06", label="VIR SALAIRES", text=f"PAIE {day:%m/%Y}"))


def taxes(story: Story, day: date) -> list[Told]:
    name, text = story.random.choice(
        (("DGFIP", "TVA DU MOIS"), ("URSSAF", "COTISATIONS"), ("DGFIP", "ACOMPTE IS"))
    )
    cents = -story.random.randint(50_000, 4_000_000)
    return _noise("taxes", BankLine(day, "A", cents, "08", label=f"PRLV SEPA {name}", text=text, name=name))


def suppliers(story: Story, day: date) -> list[Told]:
    name = story.random.choice(_SUPPLIERS)
    # their invoices have numbers too
    text = f"FACT {story.random.randint(1_000, 300_000)}"
    cents = -story.random.randint(4_000, 900_000)
    line = BankLine(day, _any_account(story), cents, "06", label=f"VIR SEPA {name}", text=text, name=name)
    story.sent.append(line)
    return _noise("supplier_paid", line)


def cards(story: Story, day: date) -> list[Told]:
    """Purchases with the company's cards, or the day's sales by card: several customers, no names."""
    if story.random.random() < 0.5:
        return _noise(
            "card_purchases",
            BankLine(day, "P", -story.random.randint(2_000, 90_000), "30", label="CARTES SOCIETE"),
        )
    cents = story.random.randint(10_000, 400_000)
    label = f"REMISE CB {story.random.randint(100000, 999999)} {day:%d%m}"
    return _noise("card_settlement", BankLine(day, "A", cents, "30", label=label))


def own_transfers(story: Story, day: date) -> list[Told]:
    source, target = story.random.sample(list(ACCOUNTS), 2)
    cents = 100_000 * story.random.randint(1, 60)
    name, text = (
        "ORVANE DISTRIBUTION",
        story.random.choice(("VIREMENT INTERNE", "APPRO COMPTE", "TRESORERIE")),
    )
    out = BankLine(day, source, -cents, "13", label=f"VIR INTERNE {name}"[:31], text=text, name=name)
    back = BankLine(day, target, cents, "18", label=f"VIR RECU {name}"[:31], text=text, name=name)
    if ACCOUNTS[target].dialect == "camt":
        back.iban = ACCOUNTS[source].iban
    if ACCOUNTS[source].dialect == "camt":
        out.iban = ACCOUNTS[target].iban
    return _noise("own_transfer_out", out) + _noise("own_transfer_in", back)


def payouts(story: Story, day: date) -> list[Told]:
    """What a payment provider collected from many, less its fees."""
    random = story.random
    name, text = random.choice(
        (
            ("STRIPE TECHNOLOGY EUROPE LTD", f"STRIPE {random.getrandbits(40):010X}"),
            ("STRIPE TECHNOLOGY EUROPE LTD", f"STRIPE PAYOUT po_{random.getrandbits(48):012x}"),
            ("GOCARDLESS SAS", f"GOCARDLESS {random.choice('ABCDEF')}{random.randint(10**7, 10**8)}"),
            ("PAYPAL EUROPE SARL ET CIE SCA", f"PAYPAL {random.randint(10**12, 10**13)}"),
            ("SUMUP LIMITED", f"SUMUP PID{random.randint(10**5, 10**6)}"),
        )
    )
    line = BankLine(
        day, random.choice("AB"), random.randint(5_000, 800_000), "05",
        label=f"VIR SEPA RECU {name}"[:31], text=text, name=name,
    )  # fmt: skip
    return _noise("psp_payout", line)


def other_credits(story: Story, day: date) -> list[Told]:
    """Interest, refunds of taxes and suppliers, the insurance."""
    random = story.random
    case, name, text, code = random.choice(
        (
            ("interest", "", "INTERETS CREDITEURS", "64"),
            ("tax_refund", "DGFIP FINANCES PUBLIQUES", "REMBOURSEMENT CREDIT TVA", "05"),
            (
                "supplier_refund",
                random.choice(_SUPPLIERS),
                f"REMBOURSEMENT AVOIR {random.randint(100, 99_999)}",
                "05",
            ),
            (
                "insurance",
                random.choice(STRANGERS),
                f"INDEMNITE SINISTRE {random.randint(10**6, 10**7)}",
                "05",
            ),
        )
    )
    label = f"VIR SEPA RECU {name}"[:31] if name and code == "05" else text[:31]
    line = BankLine(
        day, random.choice("AB"), random.randint(500, 300_000), code, label=label, text=text, name=name
    )
    return _noise(case, line)


def own_payment_returned(story: Story, day: date) -> list[Told] | None:
    """A supplier's bank sends our transfer back: money comes in that is no receipt."""
    sent = [line for line in story.sent if 1 <= (day - line.booked_date).days <= 10]
    if not sent:
        return None
    first = story.random.choice(sent)
    story.sent.remove(first)
    line = BankLine(
        day, first.account, -first.amount_cents, "12", label=f"VIR RETOURNE {first.name}"[:31],
        text=f"{first.text} REJET AC01", name=first.name, return_reason="AC01", original_cents=-first.amount_cents,
    )  # fmt: skip
    return _noise("own_payment_returned", line)


def given_back(story: Story, day: date) -> list[Told] | None:
    """An unpaid direct debit (B3, B4) or a transfer the payer's bank takes back (12)."""
    recent = [told for told in story.received if 1 <= (day - told.line.booked_date).days <= 45]
    if not recent:
        return None
    debits = [told for told in recent if told.line.code == "A1"]
    if not debits and story.random.random() < 0.7:  # banks take transfers back much less often
        return None
    told = story.random.choice(debits or recent)
    story.received.remove(told)
    first = told.line
    is_debit = first.code == "A1"
    reason = story.random.choice(_REASONS) if is_debit else "FOCR"
    code = story.random.choice(("B3", "B3", "B4")) if is_debit else "12"
    fee_cents = story.random.choice((0, 0, 0, 0, 1_250)) if is_debit else 0
    line = BankLine(**(vars(first) | {
        "booked_date": day, "amount_cents": -first.amount_cents - fee_cents, "code": code, "return_reason": reason,
        "original_cents": first.amount_cents,
        "label": f"{'PRLV IMPAYE' if is_debit else 'RETOUR VIR'} {first.name}"[:31], "bank_reference": "",
    }))  # fmt: skip
    twins = [
        other
        for other in story.receipts
        if other is not told and other.line.amount_cents == first.amount_cents
        and other.line.account == first.account and other.truth.customers == told.truth.customers
    ]  # fmt: skip
    documents = tuple((number, -cents) for number, cents in told.truth.documents)
    for number, cents in documents:
        document = story.world.by_number[number]
        if document.open_cents == 0:
            story.open_of[document.customer].append(document)
        document.open_cents -= cents
    truth = Truth(
        ("direct_debit_unpaid_with_fee" if fee_cents else "direct_debit_unpaid")
        if is_debit
        else "transfer_taken_back",
        "return",
        told.truth.decidable and (not twins or bool(first.end_to_end_id)),
        documents,
        customers=told.truth.customers,
    )
    return [Told(line, truth)]


NOISE: dict[Callable[[Story, date], list[Told] | None], float] = {
    bank_fees: 2.0, salaries: 0.7, taxes: 0.8, suppliers: 4.5, cards: 1.4, own_transfers: 1.0, payouts: 2.2,
    other_credits: 2.0, own_payment_returned: 0.4, given_back: 1.6,
}  # fmt: skip
