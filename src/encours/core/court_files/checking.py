"""What is looked at before a file is made: what stands in its way, what is left out, what a person should supply first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from encours.core.cases.disputes import REASONS
from encours.core.court_files.claim import CourtClaim, Debt, claim_of
from encours.core.court_files.facts import CourtFacts
from encours.core.court_files.limitation import SOON_DAYS, limited_after
from encours.core.court_files.procedures import SMALL_CLAIM_CENTS, Procedure
from encours.core.money import Money
from encours.core.reference_rates import half_name
from encours.core.wording import Sentence, Wording

# `refusal`: no file can be made; `left_out`: a document is not in it unless it is asked for by name; `missing`: a person can supply
# it; `warning`: to be known.
Severity = Literal["refusal", "left_out", "missing", "warning"]
SEVERITIES: tuple[Severity, ...] = ("refusal", "left_out", "missing", "warning")
_SHOWN = 8  # numbers in one sentence

NOTHING_DUE = Wording(
    "court.nothing_due",
    fr="Rien n’est échu et impayé à ce jour : il n’y a pas de créance exigible à porter devant un tribunal.",
    en="Nothing is overdue on that day: there is no debt to bring before a court.",
)
ALL_LEFT_OUT = Wording(
    "court.all_left_out",
    fr="Toutes les factures échues sont laissées de côté (voir les raisons) : choisissez expressément celles à réclamer.",
    en="All overdue invoices are left out (see why): choose by number those to claim.",
)
CREDIT_COVERS = Wording(
    "court.credit_covers",
    fr="Les avoirs et règlements non affectés ({credit}) couvrent ces factures : affectez-les, puis recommencez.",
    en="Credit notes and receipts not allocated ({credit}) cover these invoices: allocate them, then try again.",
)
PUBLIC_BUYER = Wording(
    "court.public_buyer",
    fr="Un acheteur public ne relève pas de l’injonction de payer : mettez en demeure l’ordonnateur, puis saisissez le préfet (mandatement d’office, CGCT, art. L1612-16) ou le juge administratif en référé-provision (CJA, art. R541-1).",
    en="A public buyer is not brought before this court: serve notice on the authorising officer, then ask the prefect to order payment (CGCT, art. L1612-16) or the administrative court for an interim payment (CJA, art. R541-1).",
)
ABROAD = Wording(
    "court.abroad",
    fr="Le débiteur a son siège hors de France ({country}) : l’injonction de payer européenne (règlement (CE) n° 1896/2006) ou le juge de son pays est la voie à suivre.",
    en="The debtor's seat is outside France ({country}): use the European order for payment (Regulation (EC) No 1896/2006) or the courts of that country.",
)
TOO_LARGE = Wording(
    "court.too_large",
    fr="La procédure simplifiée s’arrête à {limit} en principal et intérêts (CPCE, art. R125-1) ; ils sont ici de {amount}. Choisissez l’injonction de payer, ou moins de factures.",
    en="The simplified procedure ends at {limit} of principal and interest (CPCE, art. R125-1); here they are {amount}. Choose the order for payment, or fewer invoices.",
)
NO_ADDRESS = Wording(
    "court.no_address",
    fr="L’adresse du débiteur est incomplète : son siège détermine le tribunal, et l’acte doit pouvoir lui être signifié. Corrigez-la par un import de clients.",
    en="The debtor's address is incomplete: the seat decides which court, and the order must be served there. Correct it by importing customers.",
)
NO_SIREN = Wording(
    "court.no_siren",
    fr="Le SIREN du débiteur n’est pas connu : le greffe l’identifie par lui. Ajoutez-le par un import de clients.",
    en="The debtor's SIREN is not known: the registry identifies it by that. Add it by importing customers.",
)
CREDITOR_INCOMPLETE = Wording(
    "court.creditor_incomplete",
    fr="Votre société n’a pas tout ce que la requête doit indiquer ({what}) : complétez Réglages → Société.",
    en="Your company lacks what the request must state ({what}): complete Settings → Company.",
)
ON_PLAN = Wording(
    "court.on_plan",
    fr="Un échéancier court et est respecté : la dette n’est pas exigible. Laissé de côté : {numbers}.",
    en="A payment plan is running and kept: the debt is not due. Left out: {numbers}.",
)
CHOSEN_ON_PLAN = Wording(
    "court.chosen_on_plan",
    fr="Un échéancier respecté couvre {numbers} : la dette n’est pas exigible. Mettez-y fin d’abord, s’il y a lieu.",
    en="A payment plan that is kept covers {numbers}: the debt is not due. End it first, if there is reason to.",
)
DISPUTED = Wording(
    "court.disputed",
    fr="En litige ({reason}) : {numbers}. Une créance contestée se plaide mieux au fond ; choisissez-la par son numéro pour la réclamer quand même.",
    en="In dispute ({reason}): {numbers}. A contested debt is better argued on its merits; choose it by number to claim it all the same.",
)
CHOSEN_DISPUTED = Wording(
    "court.chosen_disputed",
    fr="En litige ({reason}) : {numbers}. Attendez-vous à une opposition.",
    en="In dispute ({reason}): {numbers}. Expect an objection.",
)
PROMISED = Wording(
    "court.promised",
    fr="Le client a promis {amount} pour le {day} : {numbers}. Une promesse ne suspend pas la dette, mais ce jour n’est pas passé.",
    en="The customer promised {amount} by {day}: {numbers}. A promise does not suspend the debt, but that day has not passed.",
)
TIME_BARRED = Wording(
    "court.time_barred",
    fr="Prescription acquise le {day} : {numbers}. Aucun acte interruptif n’est connu ensuite.",
    en="Time-barred since {day}: {numbers}. No act that interrupts is known after that.",
)
LIMITED_SOON = Wording(
    "court.limited_soon",
    fr="La prescription est acquise après le {day} : {numbers}. Une mise en demeure ne l’interrompt pas ; une requête signifiée, oui.",
    en="Time-barred after {day}: {numbers}. A formal notice does not interrupt this; an order that is served does.",
)
LIMITED_SINCE = Wording(
    "court.limited_since",
    fr="{numbers} : la prescription court à nouveau depuis le {since} ({what}), jusqu’au {day}.",
    en="{numbers}: limitation runs anew since {since} ({what}), until {day}.",
)
NO_NOTICE = Wording(
    "court.no_notice",
    fr="Aucune mise en demeure n’est partie pour {numbers}. Envoyez-en une et laissez-lui son délai : sans elle, la demande est fragile.",
    en="No formal notice has left for {numbers}. Send one and let its time pass: without it the claim is weak.",
)
NOTICE_UNPROVEN = Wording(
    "court.notice_unproven",
    fr="Mise en demeure du {day} sans preuve de remise ({numbers}) : un recommandé, ou l’avis de réception joint comme pièce, la prouverait.",
    en="Formal notice of {day} without proof of receipt ({numbers}): registered mail, or the receipt attached as a paper, would prove it.",
)
NO_ORIGINAL = Wording(
    "court.no_original",
    fr="Pas d’original lisible de {numbers} : une copie établie d’après les livres en tient lieu. Joignez la facture envoyée (PDF) sur sa page.",
    en="No readable original of {numbers}: a copy from the books stands in. Attach the invoice as sent (PDF) on its page.",
)
NO_AGREEMENT = Wording(
    "court.no_agreement",
    fr="Ni contrat ni bon de commande joint : c’est le fondement de la créance. Joignez-les sur la page du client.",
    en="No contract or order attached: it is what the debt rests on. Attach it on the customer's page.",
)
NO_DELIVERY = Wording(
    "court.no_delivery",
    fr="Aucun bon de livraison joint : la preuve que ce qui est facturé a été fourni. Joignez-le à la facture.",
    en="No delivery note attached: the proof that what was invoiced was supplied. Attach it to the invoice.",
)
HANDED_OVER = Wording(
    "court.handed_over",
    fr="Déjà remis le {day} : {numbers}.",
    en="Handed over already on {day}: {numbers}.",
)
CREDIT_TAKEN = Wording(
    "court.credit_taken",
    fr="{amount} d’avoirs et de règlements non affectés sont déduits des factures les plus anciennes. Affectez-les pour que les livres disent la même chose.",
    en="{amount} of credit notes and receipts not allocated are taken off the oldest invoices. Allocate them so that the books say the same.",
)
RATE_UNKNOWN = Wording(
    "court.rate_unknown",
    fr="Le taux du {half} n’est pas connu : les intérêts sont calculés jusqu’au {until}, le dossier le dit, et rien n’est inventé au-delà.",
    en="The rate of the {half} is not known: interest is computed until {until}, the file says so, and nothing is made up beyond.",
)
NO_RATE_AT_ALL = Wording(
    "court.no_rate_at_all",
    fr="Le taux du {half} n’est pas connu : aucun intérêt n’est chiffré pour {numbers} ; le dossier le réserve.",
    en="The rate of the {half} is not known: no interest is computed for {numbers}; the file reserves it.",
)
COVERED = Wording(
    "court.covered",
    fr="{numbers} : des avoirs ou règlements non affectés couvrent tout ; rien n’en est réclamé.",
    en="{numbers}: credit notes or receipts not allocated cover all of it; nothing of it is claimed.",
)
OTHER_CURRENCY = Wording(
    "court.other_currency",
    fr="D’autres sommes échues sont en {currencies} : ce dossier est en euros.",
    en="More is overdue in {currencies}: this file is in euros.",
)
PERSON_INTEREST = Wording(
    "court.person_interest",
    fr="Débiteur particulier : ni pénalités ni indemnité de 40 € ; le dossier demande l’intérêt légal à compter de la mise en demeure.",
    en="The debtor is a consumer: neither penalties nor the €40 indemnity; the file asks for legal interest from the formal notice.",
)  # fmt: skip
INSOLVENCY = Wording(
    "court.insolvency",
    fr="À vérifier avant le dépôt : aucune procédure collective au BODACC. Si elle est ouverte, la créance se déclare au mandataire dans les deux mois.",
    en="To check before filing: no insolvency procedure in BODACC. If one is open, the claim is declared to its administrator within two months.",
)


@dataclass(frozen=True)
class Finding:
    """One thing that was found. Those with documents concern them alone."""

    severity: Severity
    sentence: Sentence
    document_ids: tuple[int, ...] = ()

    @property
    def code(self) -> str:
        return self.sentence.code


@dataclass(frozen=True)
class Checked:
    """What a file would claim, and what was found on the way; refused when any finding is a refusal."""

    claim: CourtClaim
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        return any(found.severity == "refusal" for found in self.findings)


def check(*, facts: CourtFacts, procedure: Procedure, wanted: Sequence[int] = ()) -> Checked:
    """The claim on the documents wanted by id, or on all that is overdue and that nothing keeps out."""
    overdue = [debt for debt in facts.debts if any(part.due_date < facts.on for part in debt.parts)]
    chosen = [debt for debt in overdue if debt.document_id in set(wanted)] if wanted else overdue
    about = list(_about_documents(facts, chosen, by_name=bool(wanted)))
    out = {each for found in about if found.severity == "left_out" for each in found.document_ids}
    debts = [debt for debt in chosen if debt.document_id not in out]
    claim = claim_of(
        debts=debts, credits=facts.credits, on=facts.on, terms=facts.terms, waivers=facts.waivers
    )
    claimed = set(claim.document_ids)
    kept = [debt for debt in debts if debt.document_id in claimed]
    findings = [
        *_refusals(facts, procedure, chosen, debts, claim),
        *about,
        *_missing(facts, kept),
        *_sums(facts, claim),
    ]
    findings.sort(key=lambda found: SEVERITIES.index(found.severity))
    return Checked(claim, tuple(findings))


def _refusals(
    facts: CourtFacts, procedure: Procedure, chosen: Sequence[Debt], debts: Sequence[Debt], claim: CourtClaim
) -> Iterator[Finding]:
    debtor = facts.debtor
    if debtor.kind == "public_buyer":
        yield Finding("refusal", PUBLIC_BUYER())
    if debtor.country != "FR":
        yield Finding("refusal", ABROAD(country=debtor.country))
    if not (debtor.street and debtor.postcode and debtor.city):
        yield Finding("refusal", NO_ADDRESS())
    if not chosen:
        yield Finding("refusal", NOTHING_DUE())
    elif not debts:
        yield Finding("refusal", ALL_LEFT_OUT())
    elif not claim.principal_cents:
        yield Finding("refusal", CREDIT_COVERS(credit=Money(sum(credit.cents for credit in facts.credits))))
    counted = claim.principal_cents + claim.interest_cents
    if procedure == "petites_creances" and counted > SMALL_CLAIM_CENTS:
        yield Finding("refusal", TOO_LARGE(limit=Money(SMALL_CLAIM_CENTS), amount=Money(counted)))


def _about_documents(facts: CourtFacts, debts: Sequence[Debt], *, by_name: bool) -> Iterator[Finding]:
    """What concerns some of the documents: kept out unless they were asked for by name, or told."""
    held = [debt for debt in debts if debt.document_id in facts.plans]
    if held:
        told, severity = (CHOSEN_ON_PLAN, "refusal") if by_name else (ON_PLAN, "left_out")
        yield _of(severity, held, lambda numbers: told(numbers=numbers))
    out: Severity = "warning" if by_name else "left_out"
    for reason, contested in _grouped(debts, lambda debt: _reason(facts, debt)):
        told = CHOSEN_DISPUTED if by_name else DISPUTED
        yield _of(
            out,
            contested,
            lambda numbers, told=told, reason=reason: told(reason=REASONS[reason](), numbers=numbers),
        )
    for (last, since), limited in _grouped(debts, lambda debt: _limited(facts, debt)):
        if last < facts.on:
            yield _of(out, limited, lambda numbers, last=last: TIME_BARRED(day=last, numbers=numbers))
        elif last <= facts.on + timedelta(days=SOON_DAYS):
            yield _of("warning", limited, lambda numbers, last=last: LIMITED_SOON(day=last, numbers=numbers))
        elif since:
            yield _of("warning", limited, lambda numbers, last=last, since=since: LIMITED_SINCE(
                since=since.day, what=since.what(), day=last, numbers=numbers))  # fmt: skip
    for promise, promised in _grouped(debts, lambda debt: facts.promises.get(debt.document_id)):
        yield _of("warning", promised, lambda numbers, promise=promise: PROMISED(
            amount=Money(promise.amount_cents), day=promise.promised_date, numbers=numbers))  # fmt: skip
    for day, gone in _grouped(debts, lambda debt: facts.handed_over.get(debt.document_id)):
        yield _of("warning", gone, lambda numbers, day=day: HANDED_OVER(day=day, numbers=numbers))


def _reason(facts: CourtFacts, debt: Debt) -> str | None:
    dispute = facts.disputes.get(debt.document_id)
    return (dispute.reason_code if dispute.reason_code in REASONS else "AUTRE") if dispute else None


def _limited(facts: CourtFacts, debt: Debt) -> Any:
    acts = facts.acknowledgments.get(debt.document_id, ())
    first = min(part.due_date for part in debt.parts)
    last, since = limited_after(due_date=first, debtor=facts.debtor.kind, acknowledgments=acts)
    is_told = since or last <= facts.on + timedelta(days=SOON_DAYS)
    return (last, since) if is_told else None


def _missing(facts: CourtFacts, debts: Sequence[Debt]) -> Iterator[Finding]:
    """What a person can supply."""
    if not debts:
        return
    if not facts.debtor.siren and facts.debtor.kind == "company":
        yield Finding("missing", NO_SIREN())
    creditor = facts.creditor
    lacking = [name for name, value in (
        ("forme juridique", creditor.legal_form), ("SIREN", creditor.siren), ("siège", creditor.street and creditor.postcode and creditor.city),
    ) if not value]  # fmt: skip
    if lacking:
        yield Finding("missing", CREDITOR_INCOMPLETE(what=", ".join(lacking)))
    bare = [debt for debt in debts if debt.document_id not in facts.notices]
    if bare:
        yield _of("missing", bare, lambda numbers: NO_NOTICE(numbers=numbers))
    unproven = [
        debt for debt in debts if (found := facts.notices.get(debt.document_id)) and not found.has_proof
    ]
    for day, served in _grouped(unproven, lambda debt: facts.notices[debt.document_id].sent_date):
        yield _of("missing", served, lambda numbers, day=day: NOTICE_UNPROVEN(day=day, numbers=numbers))
    unreadable = [debt for debt in debts if facts.originals.get(debt.document_id, "books") == "books"]
    if unreadable:
        yield _of("missing", unreadable, lambda numbers: NO_ORIGINAL(numbers=numbers))
    if not facts.paper_kinds & {"contract", "order", "general_terms"}:
        yield Finding("missing", NO_AGREEMENT())
    if "delivery_note" not in facts.paper_kinds:
        yield Finding("missing", NO_DELIVERY())


def _sums(facts: CourtFacts, claim: CourtClaim) -> Iterator[Finding]:
    if claim.covered:
        yield _of("left_out", [part.debt for part in claim.covered], lambda numbers: COVERED(numbers=numbers))
    if not claim.parts:
        return
    if claim.credit_cents:
        yield Finding("warning", CREDIT_TAKEN(amount=Money(claim.credit_cents)))
    for half in claim.unknown_halves:
        without = [
            part.debt for part in claim.parts if part.unknown_half == half and part.interest_until is None
        ]
        until = [
            part.interest_until for part in claim.parts if part.unknown_half == half and part.interest_until
        ]
        if until:
            yield Finding("warning", RATE_UNKNOWN(half=half_name(half), until=min(until)))
        if without:
            yield _of(
                "warning",
                without,
                lambda numbers, half=half: NO_RATE_AT_ALL(half=half_name(half), numbers=numbers),
            )
    if facts.other_currencies:
        yield Finding("warning", OTHER_CURRENCY(currencies=", ".join(facts.other_currencies)))
    if facts.debtor.kind == "person":
        yield Finding("warning", PERSON_INTEREST())
    else:
        yield Finding("warning", INSOLVENCY())


def _grouped(debts: Sequence[Debt], key: Callable[[Debt], Any]) -> list[tuple[Any, list[Debt]]]:
    """Debts by a key that is not None, in their order."""
    groups: dict[Any, list[Debt]] = {}
    for debt in debts:
        found = key(debt)
        if found is not None:
            groups.setdefault(found, []).append(debt)
    return list(groups.items())


def _of(severity: Severity, debts: Sequence[Debt], told: Callable[[str], Sentence]) -> Finding:
    """A finding on documents, by their numbers."""
    numbers = list(dict.fromkeys(debt.number for debt in debts))
    shown = ", ".join(numbers[:_SHOWN]) + (f" … (+ {len(numbers) - _SHOWN})" if len(numbers) > _SHOWN else "")
    return Finding(severity, told(shown), tuple(dict.fromkeys(debt.document_id for debt in debts)))
