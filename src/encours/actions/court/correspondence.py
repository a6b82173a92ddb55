"""The pages of what was written: messages with what became of them, replies, and what was said of the debt."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from encours.actions.court import blocks
from encours.actions.court.blocks import Block, day, euros, moment
from encours.core.cases.disputes import REASONS
from encours.core.delivery_reports import KINDS
from encours.queries.court_evidence import CaseEvidence, MessageEvidence, ReplyEvidence

_CHANNELS = {
    "email": "Courrier électronique", "sms": "Message texte", "letter": "Lettre", "registered": "Lettre recommandée électronique",
    "registered_letter": "Lettre recommandée électronique", "phone": "Téléphone", "visit": "Visite", "task": "Contact par une personne",
    "webhook": "Outil de l’entreprise",
}  # fmt: skip
_OUTCOMES = {
    "accepted": "accepté par le prestataire", "refused": "refusé par le prestataire", "failed": "échec", "unknown": "issue inconnue",
    "not_sent": "non remis",
}  # fmt: skip
_CASES = {"dispute": "Litige", "promise": "Promesse de payer", "plan": "Échéancier"}
_STATES = {
    "open": "en cours", "accepted": "fondé", "partly_accepted": "fondé en partie", "rejected": "non fondé",
    "withdrawn": "retiré", "kept": "tenu", "partly": "tenu en partie", "broken": "non tenu", "agreed": "en cours",
    "ended": "terminé",
}  # fmt: skip
_NUMBERS_SHOWN = 40


def message_pages(message: MessageEvidence, zone: ZoneInfo) -> list[Block]:
    """Who wrote to whom, when, what, and what the one who carried it said, in order."""
    shown = ", ".join(message.numbers[:_NUMBERS_SHOWN])
    more = len(message.numbers) - _NUMBERS_SHOWN
    pages = [
        blocks.facts(
            [
                ("Moyen", _CHANNELS.get(message.channel, message.channel)),
                ("Destinataire", message.recipient),
                ("Envoyé le", moment(message.sent_at, zone) or day(message.sent_date)),
                ("Remis à la poste le", day(message.posted_date)),
                ("Factures rappelées", f"{shown} et {more} autres" if more > 0 else shown),
                ("Objet", message.subject),
            ]
        ),
        blocks.heading("Texte"),
        blocks.quote(message.text or "(sans texte : l’acte est décrit ci-dessus)"),
    ]
    rows = [
        [moment(each.handed_over_at, zone), _OUTCOMES.get(each.outcome, each.outcome),
         "\n".join(filter(None, (each.provider, each.provider_id, each.detail)))]
        for each in message.attempts
    ]  # fmt: skip
    rows += [
        [moment(each.reported_at, zone), KINDS[each.kind]().say("fr") if each.kind in KINDS else each.kind,  # type: ignore[index]  # text in the table
         "\n".join(filter(None, (each.recipient, each.detail)))]
        for each in message.reports
    ]  # fmt: skip
    if rows:
        pages += [
            blocks.heading("Remise et preuves"),
            blocks.table(
                head=["Moment", "Fait", "Référence"], align="lll", columns=[0, 0, 1], rows=rows, size=8.5
            ),
        ]
    return pages


def reply_pages(reply: ReplyEvidence, zone: ZoneInfo) -> list[Block]:
    return [
        blocks.facts(
            [("Reçue le", moment(reply.received_at, zone)), ("De", reply.sender), ("Objet", reply.subject)]
        ),
        blocks.heading("Texte"),
        blocks.quote(reply.text or "(sans texte)"),
        blocks.note("Le message tel qu’il est arrivé, en-têtes compris, est dans l’archive."),
    ]


def case_pages(cases: Sequence[CaseEvidence]) -> list[Block]:
    """Facts, not arguments: what was said, when, about which documents, and what became of it."""
    rows = []
    for case in cases:
        reason = REASONS[case.reason_code]().say("fr") if case.reason_code in REASONS else ""
        until = f"jusqu’au {day(case.until)}" if case.until else ""
        ended = f"{_STATES.get(case.state, case.state)}{f' le {day(case.ended)}' if case.ended else ''}"
        told = "\n".join(filter(None, (f"{_CASES[case.what]} {until}".strip(), reason, ", ".join(case.numbers[:_NUMBERS_SHOWN]), case.note)))  # fmt: skip
        rows.append([day(case.day), told, ended, euros(case.amount_cents)])
    return [
        blocks.heading("Ce qui a été dit de la créance"),
        blocks.table(
            head=["Date", "Fait", "Issue", "Montant"], align="lllr", columns=[0, 1, 0, 0], rows=rows
        ),
    ]
