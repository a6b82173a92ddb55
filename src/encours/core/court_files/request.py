"""The words of the request, in French: a French court or commissaire de justice reads them.

An order for payment states what art. 57 and 1407 of the Code de procédure civile ask for: the parties, the court, the exact sum
with its breakdown, its basis, the schedule of documents. A small claim states what R125-2 of the CPCE has told to the debtor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from encours.core.court_files.bordereau import cited
from encours.core.court_files.claim import ClaimedPart, CourtClaim
from encours.core.court_files.facts import CourtFacts
from encours.core.court_files.procedures import Court, Procedure
from encours.core.interest import INDEMNITY_CENTS, MARGIN_BASIS_POINTS
from encours.core.letters import Party, grouped_iban
from encours.core.money import Money, Rate
from encours.core.reference_rates import half_name
from encours.core.wording import format_date, typeset

TITLES: dict[Procedure, str] = {
    "injonction": "Requête en injonction de payer",
    "petites_creances": "Demande de recouvrement simplifié d’une petite créance",
}
LAWS: dict[Procedure, str] = {
    "injonction": "Code de procédure civile, articles 1405 et suivants",
    "petites_creances": "Code des procédures civiles d’exécution, articles L125-1 et R125-1 à R125-8",
}
_COURTS: dict[Court, str] = {
    "commerce": "À Madame ou Monsieur le président du tribunal de commerce (ou des activités économiques)",
    "judiciaire": "À Madame ou Monsieur le président du tribunal judiciaire",
    "commerciale_judiciaire": "À Madame ou Monsieur le président de la chambre commerciale du tribunal judiciaire",
    "mixte_commerce": "À Madame ou Monsieur le président du tribunal mixte de commerce",
}


@dataclass(frozen=True)
class Cited:
    """The numbers of the pieces that a request rests on."""

    statement: int
    interest: int
    invoices: tuple[int, ...]
    agreements: tuple[int, ...] = ()  # contract, general terms, orders
    deliveries: tuple[int, ...] = ()
    notices: tuple[int, ...] = ()
    reminders: tuple[int, ...] = ()
    replies: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, or rows of two columns; the last row of `sums` is their total."""

    kind: Literal["heading", "text", "facts", "sums", "signature"]
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()


def request_of(
    *,
    facts: CourtFacts,
    claim: CourtClaim,
    procedure: Procedure,
    court: Court,
    pieces: Cited,
    iban: str = "",
    account_holder: str = "",
) -> tuple[Block, ...]:
    """The request from its address to the place for a signature, without the schedule that follows it."""
    blocks = [
        Block("text", _addressed(facts, procedure, court)),
        Block("heading", "1. Le demandeur, créancier"),
        Block("facts", rows=tuple(_party(facts.creditor))),
        Block("heading", "2. Le débiteur"),
        Block("facts", rows=tuple(_party(facts.debtor))),
        Block("heading", "3. Ce qui est demandé"),
        Block("text", _asked(procedure)),
        Block("sums", rows=tuple(_sums(claim))),
        *(Block("text", text) for text in _beyond(facts, claim, procedure)),
        Block("heading", "4. Le fondement de la créance"),
        *(Block("text", text) for text in _basis(facts, claim, pieces)),
        Block("heading", "5. Le calcul"),
        *(Block("text", text) for text in _computed(facts, pieces)),
        *_closing(facts, procedure, iban, account_holder),
    ]
    return tuple(
        Block(each.kind, typeset(each.text), tuple((typeset(label), value) for label, value in each.rows))
        for each in blocks
    )


def as_text(blocks: Sequence[Block]) -> str:
    """The request as plain text: what is kept beside the PDF and compared by tests."""
    told = []
    for block in blocks:
        rows = [f"  {label} : {value}" for label, value in block.rows]
        told.append("\n".join([block.text, *rows] if block.text else rows))
    return "\n\n".join(told) + "\n"


def _addressed(facts: CourtFacts, procedure: Procedure, court: Court) -> str:
    place = f"{facts.debtor.postcode} {facts.debtor.city}"
    if procedure == "petites_creances":
        return f"À un commissaire de justice compétent pour le domicile du débiteur : {place}."
    return f"{_COURTS[court]} dans le ressort duquel se trouve le siège ou le domicile du débiteur : {place}."


def _party(party: Party) -> Iterator[tuple[str, str]]:
    is_person = party.kind == "person"
    yield ("Nom" if is_person else "Dénomination"), party.name
    if party.legal_form:
        yield "Forme", party.legal_form
    if party.siren:
        yield "SIREN", " ".join(party.siren[at : at + 3] for at in (0, 3, 6))
    if party.vat_number:
        yield "TVA intracommunautaire", party.vat_number
    where = ", ".join(part for part in (party.street, f"{party.postcode} {party.city}".strip()) if part)
    yield ("Domicile" if is_person else "Siège"), where or "à compléter"
    if not is_person:
        yield "Représenté par", "son représentant légal en exercice"
    if party.email or party.phone:
        yield "Contact", " · ".join(part for part in (party.email, party.phone) if part)


def _asked(procedure: Procedure) -> str:
    if procedure == "petites_creances":
        return "Le créancier demande au commissaire de justice d’inviter le débiteur à participer à la procédure simplifiée pour les sommes suivantes, distinguées par nature :"
    return "Le demandeur requiert qu’il soit enjoint au débiteur de lui payer les sommes suivantes :"


def _sums(claim: CourtClaim) -> Iterator[tuple[str, str]]:
    count = len(claim.document_ids)
    what = "1 facture échue et impayée" if count == 1 else f"{count} factures échues et impayées"
    if claim.credit_cents:
        yield f"Solde de {what}, selon le grand livre", _euros(claim.principal_cents + claim.credit_cents)
        yield "À déduire : avoirs et règlements non encore affectés", _euros(-claim.credit_cents)
        yield "Principal", _euros(claim.principal_cents)
    else:
        yield f"Principal : solde de {what}", _euros(claim.principal_cents)
    if claim.interest_cents:
        until = f" arrêtés au {_day(claim.interest_until)}" if claim.interest_until else ""
        yield f"Intérêts de retard{until}", _euros(claim.interest_cents)
    if claim.indemnity_ids:
        each, number = _euros(INDEMNITY_CENTS), len(claim.indemnity_ids)
        yield f"Indemnité forfaitaire de recouvrement : {number} × {each}", _euros(claim.indemnity_cents)
    yield "Total", _euros(claim.total_cents)


def _beyond(facts: CourtFacts, claim: CourtClaim, procedure: Procedure) -> Iterator[str]:
    """What is asked for without a figure."""
    costs = ", ainsi que les dépens" if procedure == "injonction" else ""
    if facts.debtor.kind == "person":
        notices = [facts.notices[each].sent_date for each in claim.document_ids if each in facts.notices]
        since = (
            f" à compter de la mise en demeure du {_day(min(notices))}"
            if notices
            else " à compter de la mise en demeure"
        )
        yield f"Outre les intérêts au taux légal sur le principal{since} (Code civil, art. 1231-6), jusqu’au complet paiement{costs}."
        return
    yield f"Outre les intérêts de retard {_rate(facts)} sur le principal, à compter du lendemain du jour où ils sont arrêtés et jusqu’au complet paiement{costs}."
    for half in claim.unknown_halves:
        name = half_name(half).say("fr")
        counted = [
            part.interest_until for part in claim.parts if part.unknown_half == half and part.interest_until
        ]
        without = list(dict.fromkeys(part.debt.number for part in claim.parts if part.unknown_half == half and not part.interest_until))  # fmt: skip
        if counted:
            yield f"Les intérêts ne sont chiffrés que jusqu’au {_day(min(counted))} : le taux du {name} n’est pas connu du demandeur à ce jour. La période suivante est réclamée au taux légalement applicable, sans être chiffrée ici."
        if without:
            yield f"Pour la même raison (taux du {name} inconnu), aucun intérêt n’est chiffré pour {_numbers(without)} ; ils sont réclamés au taux légalement applicable."


def _basis(facts: CourtFacts, claim: CourtClaim, pieces: Cited) -> Iterator[str]:
    dates = sorted(part.debt.issue_date for part in claim.parts)
    span = (
        f"du {_day(dates[0])}"
        if dates[0] == dates[-1]
        else f"émises du {_day(dates[0])} au {_day(dates[-1])}"
    )
    many = len(claim.document_ids) > 1
    yield f"La créance résulte {'des factures' if many else 'de la facture'} {span} ({cited(pieces.invoices)}), {'échues' if many else 'échue'} et {'impayées' if many else 'impayée'} à ce jour, et du compte du débiteur dans les livres du créancier ({cited([pieces.statement])})."
    if pieces.agreements:
        yield f"Elle a une cause contractuelle : {cited(pieces.agreements)}."
    if pieces.deliveries:
        yield f"Ce qui est facturé a été livré ou exécuté : {cited(pieces.deliveries)}."
    if pieces.reminders:
        often = " à plusieurs reprises" if len(pieces.reminders) > 1 else ""
        yield f"Le créancier a rappelé sa créance{often} : {cited(pieces.reminders)}."
    days = sorted({found.sent_date for each in claim.document_ids if (found := facts.notices.get(each))})
    noticed = list(
        dict.fromkeys(part.debt.number for part in claim.parts if part.debt.document_id in facts.notices)
    )
    of_what = "" if len(noticed) == len(claim.document_ids) else f" de payer {_numbers(noticed)}"
    if days and pieces.notices:
        told = " et ".join(filter(None, (", ".join(_day(day) for day in days[:-1]), _day(days[-1]))))
        yield f"Le débiteur a été mis en demeure{of_what} le {told} ({cited(pieces.notices)}), en vain."
    if pieces.replies:
        yield f"Les réponses reçues du débiteur sont produites : {cited(pieces.replies)}."
    if pieces.cases:
        yield f"Les contestations, promesses et échéanciers connus du créancier sont rapportés : {cited(pieces.cases)}."


def _computed(facts: CourtFacts, pieces: Cited) -> Iterator[str]:
    yield f"Le détail par facture, règlement par règlement et période par période, figure au décompte ({cited([pieces.interest])})."
    yield "Les paiements partiels sont imputés sur le principal à leur date, comme dans les livres du créancier ; les avoirs réduisent la créance depuis l’origine. Chaque ligne d’intérêts est arrondie au centime et le total est leur somme."
    if facts.debtor.kind != "person":
        year = "365" if facts.terms.day_count == "actual/365" else "365 ou 366"
        yield f"Intérêts : {_rate(facts)} ; montant × taux × jours ÷ {year}, du lendemain de l’échéance."
        yield "Indemnité forfaitaire de recouvrement de 40 € par facture : Code de commerce, art. L441-10 II et D441-5."


def _closing(facts: CourtFacts, procedure: Procedure, iban: str, account_holder: str) -> Iterator[Block]:
    if procedure == "petites_creances":
        if iban:
            yield Block("heading", "6. Modalités de paiement")
            yield Block("facts", rows=(("Titulaire", account_holder), ("IBAN", grouped_iban(iban))))
        yield Block(
            "text",
            "Le débiteur dispose d’un mois à compter de l’envoi de la lettre pour se prononcer ; son silence vaut refus. Les frais de la procédure sont à la charge du créancier (CPCE, art. L125-1).",
        )
    else:
        yield Block("heading", "6. En cas d’opposition")
        yield Block(
            "text",
            "Juridiction devant laquelle le demandeur souhaite que l’affaire soit immédiatement renvoyée (facultatif ; Code de procédure civile, art. 1408) : ……………………………………………",
        )
    yield Block("signature", f"Fait à {facts.creditor.city or '……………………'}, le {_day(facts.on)}")


def details(claim: CourtClaim) -> tuple[tuple[str, str, str, str, str, str], ...]:
    """A row per overdue part: number, issued, due, principal, interest, indemnity."""
    told = set[int]()
    rows = []
    for part in claim.parts:
        owes = part.debt.document_id in claim.indemnity_ids and part.debt.document_id not in told
        told.add(part.debt.document_id)
        rows.append((
            name_of(part), _day(part.debt.issue_date), _day(part.part.due_date), _euros(part.principal_cents),
            _euros(part.interest_cents) if part.interest_until else "–", _euros(INDEMNITY_CENTS) if owes else "–",
        ))  # fmt: skip
    return tuple(rows)


def name_of(part: ClaimedPart) -> str:
    return f"{part.debt.number} (échéance {part.part.position})" if part.part.position else part.debt.number


def _rate(facts: CourtFacts) -> str:
    agreed = facts.terms.agreed_basis_points
    if agreed is not None:
        return f"au taux convenu de {Rate(agreed).format('fr')} l’an"
    return f"au taux de refinancement de la Banque centrale européenne majoré de {MARGIN_BASIS_POINTS // 100} points (Code de commerce, art. L441-10 II)"


def _numbers(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:8])
    return f"{shown} et {len(numbers) - 8} autres" if len(numbers) > 8 else shown


def _euros(cents: int) -> str:
    return Money(cents).format("fr")


def _day(day: date) -> str:
    return format_date(day, "fr")
