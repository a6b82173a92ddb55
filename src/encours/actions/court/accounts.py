"""The pages of figures: the customer's account, and the computation line by line."""

from datetime import date

from encours.actions.court import blocks
from encours.actions.court.blocks import Block, day, euros
from encours.core.court_files.claim import ClaimedPart, CourtClaim
from encours.core.court_files.facts import CourtFacts
from encours.core.court_files.request import name_of
from encours.core.interest import INDEMNITY_CENTS
from encours.core.ledger import StatementOfAccount
from encours.core.money import Rate
from encours.core.reference_rates import half_name

_KINDS = {
    "invoiced": "Facture", "credited": "Avoir", "paid": "Règlement", "written_off": "Passé en perte", "discount": "Escompte",
    "bank_fee": "Frais bancaires", "rounding_difference": "Différence d’arrondi", "refunded": "Remboursement",
    "allocated": "Lettrage", "reversed": "Annulation",
}  # fmt: skip


def statement_pages(account: StatementOfAccount, facts: CourtFacts, since: date) -> list[Block]:
    """The account from the oldest claimed invoice on, with the balance carried to it."""
    rows = [
        [day(line.day), f"{_KINDS.get(line.kind, line.kind)} {line.reference}", day(line.due_date),
         euros(line.amount_cents), euros(line.balance_cents)]
        for line in account.lines
    ]  # fmt: skip
    return [
        blocks.heading("Relevé de compte"),
        blocks.facts(
            [
                ("Compte", f"{facts.debtor.code} – {facts.debtor.name}"),
                ("Période", f"du {day(since)} au {day(facts.on)}"),
                ("Solde reporté", euros(account.opening_cents)),
            ]
        ),
        blocks.table(
            head=["Date", "Mouvement", "Échéance", "Montant", "Solde"], align="lllrr", columns=[0, 1, 0, 0, 0],
            rows=rows, foot=["", f"Solde au {day(facts.on)}", "", "", euros(account.closing_cents)],
        ),
        blocks.note("Un montant positif augmente ce que doit le débiteur. Le solde comprend ce qui n’est pas encore échu et ce qui n’est pas réclamé ici."),
    ]  # fmt: skip


def interest_pages(facts: CourtFacts, claim: CourtClaim) -> list[Block]:
    """Each overdue part: what it was, what settled it, what bore interest over which days at what rate, to the cent."""
    year = "365" if facts.terms.day_count == "actual/365" else "365 ou 366"
    pages = [
        blocks.heading("Décompte"),
        blocks.text(f"Intérêts = montant × taux × jours ÷ {year} ; chaque ligne est arrondie au centime, le demi-centime au-dessus. Un paiement compte à partir du lendemain de sa date."),
        blocks.sums(
            [
                ("Principal", euros(claim.principal_cents)),
                ("Intérêts", euros(claim.interest_cents)),
                (f"Indemnités forfaitaires : {len(claim.indemnity_ids)} × {euros(INDEMNITY_CENTS)}", euros(claim.indemnity_cents)),
                ("Total", euros(claim.total_cents)),
            ]
        ),
        blocks.heading("Ce qui a réglé chaque facture"),
        _settled(claim),
    ]  # fmt: skip
    if any(part.pieces for part in claim.parts):
        pages += [blocks.heading("Intérêts, période par période"), _pieces(claim)]
    if facts.debtor.kind == "person":
        pages.append(
            blocks.note(
                "Le débiteur est un particulier : ni pénalités de l’article L441-10 du Code de commerce, ni indemnité forfaitaire. L’intérêt légal est demandé à compter de la mise en demeure, sans être chiffré ici."
            )
        )
    for half in claim.unknown_halves:
        name = half_name(half).say("fr")
        pages.append(
            blocks.note(
                f"Le taux de refinancement de la Banque centrale européenne du {name} n’est pas connu du créancier : aucun intérêt n’est calculé sur ce semestre ni après, et aucun taux n’est supposé."
            )
        )
    if claim.indemnity_ids:
        pages += [
            blocks.heading("Indemnité forfaitaire de recouvrement (Code de commerce, art. D441-5)"),
            _indemnities(claim),
        ]
    return pages  # fmt: skip


def _settled(claim: CourtClaim) -> Block:
    rows: list[object] = []
    for part in claim.parts:
        rows.append(
            blocks.spanning(
                f"{name_of(part)}, émise le {day(part.debt.issue_date)}, échue le {day(part.part.due_date)}"
            )
        )
        rows.append(["", "Montant", euros(part.part.amount_cents)])
        paid = sum(payment.cents for payment in part.payments)
        reduced = part.part.amount_cents - part.principal_cents - paid
        if reduced:
            rows.append(["", "Avoirs, escomptes et abandons", euros(-reduced)])
        rows += [[day(payment.date), "Règlement", euros(-payment.cents)] for payment in part.payments]
        rows.append(["", "Principal réclamé", euros(part.principal_cents)])
    return blocks.table(
        head=["Date", "", "Montant"], align="llr", columns=[0, 1, 0], rows=rows,
        foot=["", "Total du principal", euros(claim.principal_cents)],
    )  # fmt: skip


def _pieces(claim: CourtClaim) -> Block:
    rows: list[object] = []
    for part in claim.parts:
        if part.pieces:
            rows.append(blocks.spanning(f"{name_of(part)} : {euros(part.interest_cents)}"))
            rows += _lines(part)
    return blocks.table(
        head=["Du", "Au", "Jours", "Sur", "Taux", "Intérêts"], align="llrrrr", columns=[0, 0, 0, 1, 0, 0], rows=rows,
        foot=["", "", "", "", "Total", euros(claim.interest_cents)],
    )  # fmt: skip


def _lines(part: ClaimedPart) -> list[list[str]]:
    return [
        [day(piece.span.from_date), day(piece.span.until_date), str(piece.span.days), euros(piece.principal_cents),
         Rate(piece.span.rate_basis_points).format("fr"), euros(piece.interest_cents)]
        for piece in part.pieces
    ]  # fmt: skip


def _indemnities(claim: CourtClaim) -> Block:
    numbers = {part.debt.document_id: part.debt.number for part in claim.parts}
    return blocks.table(
        head=["Facture", "Indemnité"], align="lr", columns=[1, 0],
        rows=[[numbers[each], euros(INDEMNITY_CENTS)] for each in claim.indemnity_ids],
        foot=["Total", euros(claim.indemnity_cents)],
    )  # fmt: skip
