"""The turns of phrase that point at an intent, in French and English, over plain text (`core.grammar.plain`).

A cue says what it points at, how much it weighs alone, and what it needs of the days in its sentence. Words are general (verbs with their
forms, nouns of trade), gaps are bounded, and a sentence is short: no text makes a pattern run away.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Intent = Literal[
    "promise", "dispute", "already_paid", "wrong_contact", "out_of_office", "question", "unsubscribe", "other"
]
# what the days of the sentence must be: "future" one to come, "not_future" none to come, "past" one gone by
Needs = Literal["", "future", "not_future", "past"]

_PARTS = {
    "GAP": r"(?:\S+ ){0,4}",
    "LONG": r"(?:\S+ ){0,8}",
    "US": r"(?:je|nous|on|j'|i|we|notre \w+|le \w+|la \w+|our \w+|the \w+)",
    "NOUN": r"(?:virements?|paiements?|payements?|payments?|reglements?|cheques?|checks?|versements?|prelevements?|mise en paiement|mandatements?|transfers?|wires?|remittances?|funds|acompte|solde|balance|echeances?|mensualites?|instal?lments?)",
    "PP": r"(?:pay|regl|vir|vers|sold|acquitt|honor|regularis|debit|encaiss|prelev)(?:e|er|ez|ee|es|ees|ait)",
    "DONE": r"(?:(?:pay|regl|vir|vers|sold|acquitt|honor|regularis|effectu|execut|envoy|credit|debloqu|depos|post|lanc|pass|enregistr|transmis|verse|mandat|libere)(?:e|ee|es|ees|er|ez|s)|fait|faite|faits|faites|emis|emise|parti|partie|partis|mis en paiement|mise en paiement)",
    "INF": r"(?:payer|paye|regler|virer|verser|solder|acquitter|honorer|regulariser|effectuer|proceder|payez|virez|reglez|faire (?:le|un|ce|votre|partir|\d)|envoyer (?:le|un|votre|mon|notre|\d)|m'en occuper|debloquer|mettre en paiement)",
    "FUT": r"(?:(?:payer|paier|regler|virer|verser|solder|acquitter|honorer|effectuer|regulariser|posterai|posterons|proceder|debloquer)(?:ai|a|as|ons|ont)|payr(?:ai|ons)|(?:vous |lui |le |la |les |on |nous |je )enverr(?:ai|a|ons)|fer(?:ai|ons) (?:le|un|partir|ca|cela|votre))",
    "ENPP": r"(?:paid|payed|settled|transferred|wired|remitted|cleared|processed|cashed|debited)",
    "ENINF": r"(?:pay|settle|transfer|wire|remit|clear|send (?:you |the |a |over )|sort|process|make (?:the |a |this |that |full |our )?(?:bank )?(?:payment|transfer|wire)|release|issue (?:the |a )?(?:payment|cheque|check)|do (?:it|that|the transfer)|get (?:it|this|that) (?:paid|settled|sorted)|have (?:it|this) (?:paid|settled))",
    "ENNOUN": r"(?:payments?|transfers?|wires?|cheques?|checks?|remittances?|funds|money|bacs)",
    "GOODS": r"(?:marchandises?|produits?|articles?|colis|materiels?|machines?|appareils?|pieces?|palettes?|cartons?|livraisons?|commandes?|travaux|prestations?|interventions?|services?|missions?|formations?|chantier|goods|items?|products?|parcels?|deliver(?:y|ies)|equipment|parts?|pallets?|boxes|work|jobs?|machines?|shipment|order|installation|logiciels?|software|units?)",
    "BILL": r"(?:factures?|factur\w+|montants?|sommes?|invoices?|bills?|amounts?|charges?|penalites?|penalties|frais|fees?|lignes?|lines?|interets?|interest)",
    "NOTYET": r"(?:toujours pas|jamais|pas encore|pas|never|not yet|still not|not)",
    "CORRECT": r"(?:corrig\w+|rectifi\w+|refai(?:re|t|tes)|modifi\w+|annul\w+|remplac\w+|repar\w+|livr\w+|complet\w+|repris\w*|reprendr\w+|termin\w+|finaliser|resol\w+|regulariser? (?:la|votre) (?:situation|facture)|correct\w*|fix\w*|amend\w*|replac\w+|repair\w*|deliver\w*|resolv\w+|complete\w*|reissu\w*|credit(?:ed|s)?\b|finish\w*)",
}  # fmt: skip


@dataclass(frozen=True)
class Cue:
    """`weight` is the share of sentences with this turn that mean it; `reason` a dispute's; `asks`: means nothing in a question."""

    intent: Intent
    weight: float
    pattern: re.Pattern[str]
    needs: Needs = ""
    reason: str = ""
    asks: bool = False


def _cues() -> Iterator[Cue]:
    def cue(
        intent: Intent, weight: float, *patterns: str, needs: Needs = "", reason: str = "", asks: bool = False
    ) -> Iterator[Cue]:
        for pattern in patterns:
            for name, part in _PARTS.items():
                pattern = pattern.replace(f"<{name}>", part)
            yield Cue(intent, weight, re.compile(pattern), needs, reason, asks)

    yield from _promises(cue)
    yield from _payments(cue)
    yield from _disputes(cue)
    yield from _others(cue)


def _promises(cue) -> Iterator[Cue]:
    yield from cue("promise", 0.9,
        r"\b<FUT>\b",
        r"\b(?:sera|seront|serez|serons|va etre|vont etre) <GAP><DONE>\b",
        r"\b(?:vais|allons|va|vont|compte|comptons|pense|pensons|m'apprete a|nous appretons a|prevois de|prevoyons de|souhaite|souhaitons) <GAP><INF>\b",
        r"\b(?:m'engage|nous engageons|s'engage|je promets|nous promettons|promets de)\b",
        r"\b<NOUN> <LONG>(?:aura lieu|auront lieu|interviendra|partira|partiront|parviendra|arrivera|se fera|sera|suivra|tombera)\b",
        r"\b(?:vous aurez|vous recevrez|you'll have|you will have|you'll get|you will get|you'll receive|you will receive) <GAP>(?:<NOUN>|argent|money|it|ca|le|tout|the lot|everything)\b",
        r"\b(?:will|'ll|shall|going to|gonna|plan to|planning to|intend to|aim to|hope to|expect to|commit to|promise to|undertake to) (?:\S+ ){0,3}<ENINF>\b",
        r"\b(?:will|'ll|shall) (?:\S+ ){0,2}(?:get|see|have|receive) (?!back)(?:\S+ ){0,3}(?:over to you|to you|money|funds|payment|cheque|transfer)\b",
        r"\b(?:en|nous|m'en|s'en|y) (?:charger|occuper)(?:ai|a|ons|ont)\b|\b(?:will|'ll) (?:take care of|see to|deal with) (?:it|this|that|the|your)\b",
        r"\b(?:will|'ll|going to|due to|should) (?:\S+ ){0,2}be (?:\S+ ){0,2}(?:<ENPP>|made|sent|done|paying|posted|released|sorted|in your (?:bank )?account|with you|issued|initiated|credited)\b",
        r"\b(?:payment|transfer|wire|cheque|check|remittance|funds|balance) (?:\S+ ){0,3}(?:will|'ll) (?:\S+ ){0,2}(?:go|leave|be|arrive|follow|reach|hit|come|clear)\b",
        r"\b(?:i|we) promise\b", r"\bcan only promise\b",
        r"\b(?:pourrai|pourrons|serai|serons|suis|sommes) (?:\S+ ){0,3}(?:en mesure de|capables? de|en capacite de) (?:\S+ ){0,3}<INF>",
        r"\b(?:pourrai|pourrons|pourrait) (?:\S+ ){0,3}<INF>\b",
        r"\b(?:passer\w*|viendr\w+|viens|venir) (?!de )(?:\S+ )?(?:vous )?<INF>\b", r"\b(?:i|we) commit\b",
        r"\bcomptez sur (?:un|le|notre|mon)\b",
        r"\b(?:expect|look for|count on) (?:the|our|a|my|this|your|full) (?:bank )?(?:payment|wire|transfer|remittance|cheque|check|funds)\b",
        r"\bvous (?:serez|seriez) (?:\S+ ){0,2}(?:paye|regle|credite|vire)\w{0,2}\b",
    )  # fmt: skip
    yield from cue("promise", 0.8,
        r"\b(?:peux|pouvons|peut|propose|proposons|proposerais|souhaiterais|can|could|able to|propose to|offer to|suggest) (?:\S+ ){0,4}(?:<INF>|<ENINF>|paiement|reglement|versement|virement|faire|paying)\b",
        asks=True)  # fmt: skip
    yield from cue("promise", 0.85,
        r"\b(?:<NOUN>|virt|facture) <LONG>(?:prevue?s?|programmee?s?|planifiee?s?|scheduled|planned|due|lancee?s?|initiee?s?|part|partent|passe|arrive|goes|going|leaves|go out|set up|prevoit|set for|booked)\b",
        r"\b(?:paie|paye|payons|paiera|regle|reglons|vire|virons|verse|versons|solde|soldons|envoie|envoi|envoyons|fais|fait|faisons|occupe|occupons|passe|passons|poste|pay|paying|settle|settling|sending|send|transferring|wiring|making|posting|clearing|clear|lance|lancons|signe|signons)\b",
        r"\b(?:propose|proposons|offer|suggest|proposition)\b", r"\b(?:our|next|the|your) (?:\S+ ){0,3}run\b", r"\b(?:not|pas|n'ai|n'avons|n'a) (?:\S+ ){0,3}(?:<ENPP>|<PP>)\b", r"\bvous avez (?:\S+ )?(?:argent|paiement|virement|reglement|cheque|sous)\b", r"\b(?:ferai|ferons|fera|will do|'ll do)\b", r"\b(?:part|partent|goes out|goes in the post|going out|leaves)\b",
        r"\b(?:<NOUN>|payment run|train de paiement|campagne de (?:paiement|reglement)|bon(?:ne)? a payer|bon pour paiement|approved|validee?|feu vert|echeancier)\b",
        r"\b(?:fait|faite|regle|paye|done|sorted|paid|settled) (?:\S+ ){0,3}(?:demain|tomorrow|sans faute|au plus tard)\b",
        r"\b(?:scheduled|planned|programmee?|prevue?|prevoit|planifiee?) (?:\S+ ){0,4}(?:for|on|le|au|pour|in|a la|en|fin)\b",
        r"\b(?:ok|okay|oui|yes|d'accord|entendu|promis|sure|deal|no problem|pas de (?:souci|probleme)|fine|parfait|ca marche)\b",
        r"\b(?:at the latest|au plus tard|sans faute|without fail|latest)\b",
        r"\b(?:laiss|accord|donn)(?:er|ez)(?:-| )(?:nous|moi)|\bnous laisser|\bgive (?:us|me)\b|\bbear with (?:us|me)\b",
        needs="future", asks=True)  # fmt: skip
    # a day to come and a word of money, nothing else said
    yield from cue(
        "promise",
        0.62,
        r"\b(?:\d ?(?:euros?|eur)|pa[iy]\w+|regl\w+|vir(?:e|er|ement)\w*|vers(?:e|er|ement)\w*|sold\w+|money|argent|fonds|funds|settle\w*|invoice|facture|transfer\w*|cheque\w*)\b",
        needs="future",
        asks=True,
    )
    yield from cue("promise", 0.7,
        r"\b(?:fai[st]|faisons|ferons|ferai|sera) (?:\S+ ){0,3}le necessaire\b", r"\ble necessaire (?:sera|est|va)\b",
        r"\bas soon as (?:we|i) (?:can|have|are|get)\b.{0,60}\bpay|\bpay\w* <GAP>(?:you )?as soon as\b",
        r"\b(?:paie|paye|payons|regle|reglons|vire|virons) <GAP>(?:des que|aussitot que|quand)\b",
        r"\b(?:je|on) (?:m'en|s'en) occupe\b|\bje (?:le|la) fais\b",
        r"\bmise? en paiement\b", r"\b(?:bon(?:ne)? a payer|(?:on|in) (?:the|our) (?:next )?payment run|approved for payment)\b",
        r"\bpar mois\b.{0,60}\b(?:partir|jusqu)|\bper month (?:from|starting|until)\b",
    )  # fmt: skip
    yield from cue("promise", 0.85,
        r"\b(?:pas|not|n't|unable to|impossible de|can not) (?:\S+ ){0,4}(?:payer|regler|virer|pay|settle|transfer)?(?: \S+){0,3} ?(?:avant|before|until)\b",
        needs="future")  # fmt: skip


def _payments(cue) -> Iterator[Cue]:
    yield from cue("already_paid", 0.92,
        r"\b(?:ai|as|a|avons|avez|ont|j'ai|aurait|aurions) (?:bien |deja |donc |aussi |pourtant |tout |toujours |meme |ete |vous |l'|hier |ce matin |nous |entierement |integralement |depuis longtemps )*(?:<PP>|ete <DONE>)(?! (?:a l'heure|toutes? les autres))\b",
        r"\b(?:ai|a|avons|ont|j'ai) (?:\S+ ){0,3}(?:effectue|procede|emis|envoye|execute|poste|fait|passe|lance|transmis) (?:\S+ ){0,5}(?:<NOUN>|paiement)\b",
        r"\b(?:sorted|settled|paid|done|taken care of) already\b|\bdeja (?:ete )?(?:<DONE>|<PP>)\b|\balready (?:been )?(?:<ENPP>|sent|made|done)\b",
        r"\b(?:est|etait|sont|apparait|apparaissent|figure|semble|ressort) (?:\S+ ){0,2}(?:soldee?s?|payee?s?|reglee?s?|acquittee?s?)\b",
        r"\b<NOUN> (?:\S+ ){0,8}(?:ete|est|bien|sont) (?:\S+ ){0,2}<DONE>\b",
        r"\b(?:vous avez|avez) ete (?:\S+ ){0,2}(?:paye|regle|credite)\w{0,2}\b",
        r"\b(?:avis|preuve|justificatif|confirmation|copie|recu|attestation) (?:de |du |d')(?:\S+ )?(?:virement|paiement|reglement|cheque|debit)\b",
        r"\b(?:plus rien a (?:vous )?(?:payer|devoir|regler)|ne (?:vous )?(?:dois|devons) plus rien)\b",
        r"\b(?:croise|croisee|crossed) (?:\S+ ){0,3}<NOUN>\b|\b<NOUN> (?:\S+ ){0,4}(?:croise|croisee|crossed)\b|\bse sont croises\b",
        r"\bete (?:debitee?s?|encaissee?s?|prelevee?s?|creditee?s?|viree?s?|mandatee?s?)\b", r"\bfait l'objet d'un (?:prelevement|virement|paiement|reglement)\b",
        r"\b(?:suis|sommes|etions|am|are|account is|compte est) (?:\S+ )?(?:a jour|up to date)\b", r"\b(?:donc|ainsi|integralement|entierement) <PP>(?:$|[.,!])",
        r"\ba jour d\w* (?:\S+ )?(?:paiements?|reglements?|factures?|cotisations?|compte)\b|\bup to date (?:with|on) (?:\S+ ){0,2}(?:payments?|invoices?|account)\b|\bpaid up\b|\ball (?:paid|settled)\b|\brelance est sans objet\b|\bne (?:vous )?(?:dois|devons|doit) plus rien\b",
        r"\b<ENNOUN> (?:\S+ ){0,4}(?:left|went out|has gone|'s gone|is gone|gone out|cleared|landed|released|actioned)\b|\bdealt with\b",
        r"\btout est (?:solde|regle|paye)\b|\bc'est (?:deja )?(?:<PP>|solde|regle)\b",
        r"\bvous (?:a|ont) (?:\S+ )?ete <DONE>\b",
        r"\b(?:confirme|confirms?|confirmed|atteste)\b.{0,60}\b(?:execution|virement|transfer|payment|debit|paiement)\b",
        r"\b(?:i|we|have|has|had|'ve|you|been|was|were|got|is|believe|fully|husband|wife|colleague|department|finance|accounts?|company|bank|been) (?:\S+ ){0,3}(?:<ENPP>)\b",
        r"\b(?:have|'ve|had|already|just|i|we) (?:\S+ ){0,2}(?:sent|made|mailed|posted|done|issued|initiated) (?:\S+ ){0,4}(?:<ENNOUN>|€|eur|£|\d)",
        r"\b<ENNOUN> (?:\S+ ){0,6}(?:was|were|has been|have been|went|left|has (?:left|gone)|already|got) (?:\S+ ){0,2}(?:made|sent|out|posted|through|released|actioned|submitted|credited|executed|processed|<ENPP>|completed|initiated|issued|your|our|on|by|taken)\b",
        r"\b(?:nothing|no (?:balance|amount)|no \S+) (?:\S+ ){0,2}(?:outstanding|owing|due|left to pay|open)\b|\bdon't owe (?:you )?anything\b",
        r"\bleft our (?:bank )?account\b|\b(?:remittance advice|proof of payment|payment confirmation|swift copy|confirmation of payment|bank confirmation)\b",
        r"\b(?:viens|venons|vient) (?:juste )?de (?:\S+ ){0,2}<INF>\b", r"\b(?:should|must|devriez|devez|auriez du|avez du) (?:\S+ ){0,2}(?:received|recu|got|recevoir|had) (?:\S+ ){0,2}(?:<NOUN>|<ENNOUN>)\b",
        r"\b(?:taken|deducted|debited|withdrawn|collected) (?:\S+ )?(?:by|from|out of|via)\b", r"\byou(?:'ve| have)? (?:already |just )?(?:got|received|had|cashed) (?:the |your |our |my )?(?:money|payment|funds|cheque|check|transfer)\b",
        r"\b(?:avez|a) (?:bien |deja )?(?:recu|encaisse|touche|eu) (?:\S+ ){0,2}(?:<NOUN>|argent|fonds|somme)\b",
        r"\b(?:m'en suis|s'en est|nous en sommes|c'est|ca a ete|cela a ete) (?:\S+ ){0,2}(?:charge|chargee|occupe|occupee|occupes|regle|paye|payer|vire)\b",
        r"\bje (?:l'|vous )(?:ai|avais) (?:\S+ ){0,2}(?:<PP>|viree?|envoyee?|donnee?)\b", r"\bje vous (?:l'ai|les ai|ai) (?:\S+ ){0,2}(?:<PP>|viree?)\b",
        asks=True)  # fmt: skip
    yield from cue("already_paid", 0.8,
        r"(?:^|[.,:;!] ?|\b(?:facture|invoice|deja|somme|montant|c'est|tout|all|integralement|facture \S+|hello|hi|bonjour) )(?:<PP>|<ENPP>|regle|paye)\b",
        r"\b<NOUN> (?:\S+ ){0,5}<DONE>\b",
        r"\b(?:<NOUN>|c'est|done|sent|it's) (?:\S+ ){0,2}(?:done|fait|faite|sent|made|out|posted|effectuee?|parti|envoyee?|executee?|emis)\b",
        r"^(?:done|fait|c'est fait|paid|regle|paye|sent)\b",
        needs="not_future", asks=True)  # fmt: skip
    yield from cue("already_paid", 0.75,
        r"\b(?:<NOUN>|<PP>|<ENPP>|viree?|facture) \b", r"\b(?:sent|fait|done|virement|paiement)\b", needs="past", asks=True)  # fmt: skip


def _disputes(cue) -> Iterator[Cue]:
    yield from cue("dispute", 0.95,
        r"\bcontest(?!ants?\b)\w*",
        r"\bdesaccord\b", r"\b(?:garantie|warranty|guarantee)\b", r"\bnothing to (?:invoice|bill|charge)\b|\brien a facturer\b",
        r"\b(?:delais?|planning|deadlines?|schedule|engagements?|commitments?) (?:\S+ ){0,3}(?:pas|not|never|jamais|non) (?:\S+ )?(?:respect\w+|tenus?|met|kept|honou?red)\b|\b(?:missed|broke) (?:\S+ )?(?:deadline|delivery date|schedule|commitment)\b", r"\b(?:not|pas) (?:our|my|notre|ma|mon|the right|la bonne) (?:invoice|facture|bill|debt|dette|order|commande)\b",
        r"\b(?:reclamation|complaint|complained|complain)\b", r"\bwe dispute\b|\bi dispute\b|\bdisput(?:e|ed|ing)\b(?! resolution)",
        r"\b(?:en|un|ce|le|notre|of) litige\b|\blitigieu\w+",
        r"\b(?:pas|not|n't) (?:du tout |at all )?(?:d'accord|in agreement|agree)\b(?: (?:\S+ ){0,4}<BILL>)?", r"\bdisagree\b", r"\ben desaccord\b",
        r"\brejet(?:ons|e|ee|ees|er)\b|\brejected\b|\bnot (?:be )?accepted?\b", r"\b(?:refuse|refusons|refusee|refuser|refused|refuses)\b",
        reason="refusal")  # fmt: skip
    yield from cue("dispute", 0.93,
        r"\bn(?:e |')(?:\S+ ){0,3}(?:<FUT>|paie|payons|payerai|reglons|regle|paye) (?:\S+ ){0,4}(?:pas\b|rien\b|plus\b|jamais\b|qu\w*)",
        r"\b(?:avant|before) (?:de |d'|que |any |i |we |nous |je |tout |toute |making |releasing )?(?:\S+ ){0,2}(?:payer|regler|paying|pay|paiement|reglement|payment|valider|approve)\b",
        r"\b(?:upon|on|a|apres|after|des) (?:receipt|reception|receiving) (?:of |de |d')?(?:\S+ ){0,3}(?:correct\w*|revised|amended|credit|rectif\w*|avoir|nouvelle|replacement|missing)\b",
        r"\b(?:can not|unable to|ne pouvons|ne peux|ne peut|refus\w+ de) (?:\S+ ){0,2}(?:approve|validate|valider|accept|accepter|sign off|approuver)\b",
        r"\b(?:attendra|devra attendre|will have to wait|can wait)\b",
        r"\b(?:will not|not going to|refuse to|refusing to|shall not|never|not be|we are not|we're not|i'm not|am not) (?:\S+ ){0,3}(?:pay|paying|settling|settle|paid)\b(?! (?:late|before))",
        r"\b(?:paie|paye|paierai|paierons|regle) pas\b(?! (?:encore|avant))", r"(?:^|[,.] ?)(?:pas payer|not paying|no payment)\b",
        r"\bhors de question\b|\bout of the question\b",
        r"\b(?:aucun|pas de|sans|no) (?:paiement|reglement|payment|virement) (?:\S+ ){0,2}(?:avant|sans|tant|until|before|unless|ne sera)\b",
        r"\b(?:suspend\w*|retien\w*|reten\w+|bloqu\w+|withh\w+|gel\w+|blocked|on hold|en attente) (?:\S+ ){0,5}(?:<NOUN>|factures?|invoices?)\b",
        r"\b(?:<NOUN>|factures?|invoices?|celle-ci|celle la) (?:\S+ ){0,4}(?:suspend\w*|bloque\w*|blocked|on hold|gelee?s?|withheld|retenue?s?|en suspens)\b",
        r"\b(?:pas un (?:centime|euro|sou)|not a (?:cent|penny|dime|single))\b", r"\b(?:n'aurez|will not see|will not get|n'obtiendrez) (?:\S+ ){0,2}(?:rien|any|a cent|anything|nothing|argent|pas)\b",
        r"\bn'attendez (?:pas|aucun)\b", r"\b(?:tant que|until|unless|sans que|a moins que|jusqu'a ce que)\b.{0,80}<CORRECT>", r"\b(?:tant que|until) (?:vous|you)\b",
        r"(?:paier|regler|payer|solder|virer)(?:ai|ons|a|ont)\b.{0,50}\b(?:des que|quand|lorsque|une fois|apres) (?:\S+ ){0,5}<CORRECT>", r"\b(?:pay|payment|settle)\b.{0,60}\b(?:once|when|as soon as|after) (?:\S+ ){0,6}<CORRECT>",
        r"\b(?:once|des que|quand|lorsque|apres) (?:\S+ ){0,6}(?:corrected|corrigee?|rectifiee?|(?:un|l'|votre|d')\s?avoir|credit note|revised|new invoice|nouvelle facture)\b",
        r"\breste bloquee?\b|\b(?:je |nous )(?:retiens|retenons|bloquons|suspendons|gelons)\b",
        reason="refusal")  # fmt: skip
    yield from cue("dispute", 0.92,
        r"\b<GOODS> (?:\S+ ){0,6}(?:casse|cass|abim|endommag|defectu|defaillan|deterior|en panne|hors service|non conforme|inutilisable|perim|damaged|broken|defective|faulty|unusable|cracked|smashed|not working|does not work|do not work|stopped working)\w*",
        r"\b(?:was|were|is|are|est|sont|etait|etaient|arriv\w+|recue?s?|received) (?:\S+ ){0,2}(?:cass|broken|damaged|defect|abim|endommag|faulty|hors d'usage|inutilisable|unusable|en panne)\w*",
        r"\b(?:colou?rs?|couleurs?|tailles?|sizes?|modeles?|dimensions?|finitions?) (?:\S+ ){0,3}(?:wrong|mauvais\w*|pas|incorrect|not|fausse)\b",
        r"\b(?:defectueu\w+|defective|faulty|damaged|malfacons?|malfunction\w*|vices? caches?|endommagee?s?)\b",
        r"\b<GOODS> (?:\S+ ){0,5}(?:(?:ne |n')?(?:fonctionne\w*|march\w+) (?:\S+ )?(?:pas|plus|mal|jamais)|failed|does not work|do not work|n'est pas conforme|ne sont pas conformes|pas conforme)\b",
        r"\b(?:non[- ]conforme|non[- ]conformite|pas conformes?|not as (?:agreed|described|ordered|specified)|not what (?:we|i) (?:agreed|ordered|asked))\w*",
        r"\b(?:qualite|quality|travail|work|service|prestation)\b (?:\S+ ){0,4}(?:deplorable|mauvaise?|mediocre|insatisfaisan\w+|insuffisan\w+|nulle?|catastrophique|awful|poor|bad|terrible|unacceptable|inacceptable|lamentable|bacle\w*|substandard|shoddy|disappointing|pas a la hauteur)\b",
        r"\b(?:poor|bad|terrible|mauvaise|shoddy) (?:quality|work|workmanship|service|qualite|prestation|execution)\b",
        r"\b(?:pas|jamais|never|not|n't|n'est pas|mal) (?:\S+ ){0,2}(?:deroulee? comme|realisee?s?|executee?s?|terminee?s?|finie?s?|achevee?s?|finished|completed|performed|done properly|been done|faite? correctement|rendue?s?)\b",
        r"\b(?:insatisfait|mecontent|pas satisf\w+|not satisfied|unhappy with|dissatisfied|geste commercial|dedommagement|indemnisation|compensation|goodwill gesture|interruption|interrompu\w*|interrupted|outages?|reserves?)\b(?! (?:de|du) (?:votre|tresorerie))", r"\b(?:technicien|intervenant|equipe|livreur|formateur|technician|engineer|consultant|driver|team) (?:\S+ ){0,3}(?:jamais|never|pas) (?:\S+ ){0,2}(?:venue?s?|passee?s?|presentee?s?|came|come|showed|turned|deplacee?s?|arrived)\b",
        r"\b(?:remboursez|remplacez|reprenez|broke down|breaks down|tombee? en panne|recall)\b", r"\b(?:waiting for|attend\w+|l'attente|until|besoin|need|want|demand\w*|exig\w*|ask\w*) (?:\S+ ){0,4}(?:replacement|remplacement|refund|remboursement|reparation|repair)\b",
        r"\b(?:waiting|attend\w+) (?:\S+ ){0,7}(?:to|de|a|que) (?:\S+ ){0,6}(?:<CORRECT>|come and|come back|venir|repasser|revenir)",
        r"\b(?:issues?|problems?|concerns?|problemes?|soucis?|anomalies?|defauts?|malfacon) (?:\S+ ){0,2}(?:with|sur|avec|dans|de|concernant|on|regarding|about) (?:\S+ ){0,3}(?:<GOODS>|quality|qualite|<BILL>|livraison)\b(?! .{0,20}(?:de tresorerie|cash))",
        r"\b(?:signale|signales|signalee|reported|told you about|informed you|raised) (?:\S+ ){0,4}(?:probleme|problem|issue|defaut|panne|anomalie|fault|reserves)\w*\b",
        r"\b(?:recuperer|collect|take back|reprendre|collected) (?:\S+ ){0,3}(?:<GOODS>)\b",
        r"\b(?:not|n't|pas) (?:what|ce que|celui que|celle que|ce qui) (?:we|i|nous|j'|je|on|a|had|etait|avait|was)\b", r"\bmoney back\b|\bnothing work\w*|\brien ne (?:marche|fonctionne)", r"\b<CORRECT>.{0,40}\b(?:first|d'abord)\b|\b(?:first|d'abord) (?:\S+ ){0,4}<CORRECT>", r"\bmauvais (?:produit|article|modele|materiel)|\bwrong (?:product|item|model|size|goods|part|colou?r)\b|\berreur de (?:produit|reference|modele)\b",
        reason="quality")  # fmt: skip
    yield from cue("dispute", 0.92,
        r"\b(?:vous (?:nous |m'|me )?(?:factur\w+|comptez)|you(?:'ve| have)? (?:billed|charged|invoiced))\b", r"\b(?:factur\w+|charged|billed|invoiced) (?:\S+ ){0,10}(?:alors que|whereas|although|instead of|au lieu d)",
        r"\b(?:never|jamais|not|pas) (?:\S+ ){0,2}(?:agreed|convenus?|accepte|approved)\b", r"\b(?:on avait dit|we said|we agreed|avions convenu|etions convenus|had agreed|nous avions dit|accord etait) (?:\S+ ){0,6}(?:\d|un|une|a|an)\b",
        r"\b(?:il y a|constat\w+|relev\w+|trouv\w+|there is|there's|there are|found|contains?|contient|presente|see|spotted|noticed) (?:\S+ ){0,3}(?:erreurs?|mistakes?|errors?|ecarts?|differences?|discrepanc\w+|anomalies?|incoherences?)\b",
        r"\b(?:erreurs?|mistakes?|errors?|ecarts?|differences?|discrepanc\w+|anomalies?) (?:\S+ ){0,2}(?:on|in|sur|dans|with|between|entre) (?:\S+ ){0,3}(?:<BILL>|devis|quote|contrat|contract|commande|order)\b",
        r"\b(?:tient pas compte|tenir compte|not take into account|take account|not (?:include|deducted|applied|reflect)\w*|n'inclut pas|n'integre pas|pas (?:ete )?(?:deduit|deduite|pris en compte|prise en compte|applique|appliquee)) (?:\S+ ){0,4}(?:acompte|deposit|remise|discount|avoir|credit|versement|paiement|payment|remises|retour|rabais|prepayment)\w*\b",
        r"\b(?:even though|alors que|bien que|although|despite|malgre|contrairement) (?:\S+ ){0,5}(?:quote|devis|contract|contrat|agreement|accord|commercial|order|commande|offre|offer)\b",
        r"\b(?:prix|tarifs?|price|rate|cout|cost)s? (?:\S+ ){0,6}(?:correspond\w*|pas|not|differ\w*|errone\w*|faux|wrong|incorrect\w*|higher|superieur|eleve\w*|trop|too|augment\w*|is not|match)\b",
        r"\b(?:erreurs?|mistake|error) (?:de |sur le |sur les |dans le |in the |on the |with the )?(?:\S+ )?(?:tarif\w*|prix|price|pricing|montants?|amount|facturation|total|calcul|billing|remise)\b",
        r"\b(?:devis|quote|quotation|contrat|contract|bon de commande|purchase order|order|convenu|agreed) (?:\S+ ){0,6}(?:disait|indiqu\w+|prevoy\w+|etait|was|said|says|stated?|mentionn\w+|annonc\w+|ne prevoit)\b.{0,40}\d",
        r"\b(?:au lieu de|instead of|rather than|et non(?: pas)?|alors que|whereas|pas) \d", r"\b(?:remise|discount|rabais|ristourne|reduction|rebate) (?:\S+ ){0,5}(?:oubli\w+|pas|not|convenue?|agreed|missing|manqu\w+|promise?d?|accordee?|prevue?|n'apparait|n'a|was)\b",
        r"\b(?:oublie|omis|forgotten|forgot) (?:\S+ ){0,3}(?:remise|discount|rabais|acompte|deposit|ristourne)\b", r"\b(?:censee?s?|suppos\w+|should|devait|devrait|was to) (?:\S+ ){0,3}(?:gratuite?s?|free|inclus\w*|included|offerte?s?|compris\w*)\b", r"\b(?:exempt\w*|exonere\w*)\b", r"\b(?:droit a|droit au|entitled to|eligible for) (?:\S+ ){0,3}(?:tarif|remise|reduction|discount|rate|rabais|price)\w*",
        r"\bpromi(?:s|se|sed|ses) (?:\S+ ){0,3}(?:remise|discount|rabais|geste|reduction|refund|free|gratuit\w*)\b", r"\bmauvaise facturation\b|\bbilling error\b|\bwrongly (?:billed|charged|invoiced)\b|\bfacturee?s? a tort\b",
        r"\b(?:surfactur\w+|inflated|exagere\w*|excessi\w+|exorbitant\w*|overcharg\w+|overbill\w+|trop (?:factur|cher|eleve)\w*|too (?:high|much|expensive)|facture en trop|facturez? trop|charged? (?:us |me )?too)\b",
        r"\b(?:montant|amount|total|somme) (?:\S+ ){0,4}(?:wrong|faux|fausse|incorrect\w*|errone\w*|ne correspond|does not match|does not match|not correct|pas (?:le )?bon|pas correct|n'est pas celui)\b",
        reason="price")  # fmt: skip
    yield from cue("dispute", 0.92,
        r"\b(?:(?<!attachment was )(?<!attachment is )(?<!jointe )(?:manqu(?:e|ent|ait|aient|ants?)|missing)|short(?:age)?|incomplet\w*|incomplete)\b(?! (?:de tresorerie|de temps|d'attention|payment|de communication|of cash))",
        r"\b(?:quantites?|quantit(?:y|ies)) (?:\S+ ){0,4}(?:fauss?e?s?|errone\w*|wrong|incorrect\w*|pas|not|differ\w*|inferieur\w*|moindre)\b|\berreur de quantite\b|\bwrong quantity\b",
        r"\b(?:only|n'en a|seulement|n'a|que) (?:\S+ ){0,3}\d+.{0,60}\b(?:factur\w+|charged|billed|invoiced)\b|\b(?:factur\w+|charged|billed|invoiced?) (?:\S+ ){0,6}\d+ (?:\S+ ){0,3}(?:alors que|au lieu|instead|whereas|but|mais|still)\b",
        r"\b(?:seulement|only|just|uniquement|ne .{0,20}que|half of|la moitie d\w*) (?:\S+ ){0,7}(?:arriv\w+|livr\w+|recus?|recue?s?|received|delivered|came)\b",
        r"\b(?:hours?|heures|days|jours|quantit\w+|lines?) (?:\S+ ){0,3}(?:do not|do not|does not|ne) (?:\S+ )?(?:match|correspond\w*|agree|add up)\b",
        r"\binvoice still shows?\b|\bne paie que\b|\bpartially delivered\b",
        reason="quantity")  # fmt: skip
    yield from cue("dispute", 0.92,
        r"\b<GOODS> (?:\S+ ){0,6}(?:n'est |n'a |n'ont |ne sont |pas |jamais |never |not |was not |has not |have not |were not )(?:\S+ ){0,3}(?:livree?s?|arrivee?s?|recue?s?|delivered|arrived|received|parvenue?s?|turned up|shown up|come|expediee?s?)\b",
        r"\b(?:never|not|n't|jamais|pas|rien|aucun\w*) (?:\S+ ){0,3}(?:received|recue?s?|got|delivered|livree?s?) (?:\S+ ){0,4}(?:<GOODS>|de votre part|from you)\b",
        r"\b(?:never|jamais|pas) (?:\S+ ){0,2}(?:livree?s?|delivered|arrived|arrivee?s?)\b", r"\b<GOODS> .{0,30}\b(?:not|never|pas|jamais) (?:\S+ )?(?:receive|received|order|request|requested|ask|asked|want|wanted|recu|recus|demande|demandes)\b", r"\b(?:retard de livraison|late delivery|delivered late|livree?s? en retard|aucune trace de livraison|penalites de retard prevues)\b",
        r"\b(?:attend\w+|waiting for|awaiting) (?:\S+ ){0,5}(?:<GOODS>|colis|pieces|livraison)\b", r"\bvous deviez livrer\b|\bwas supposed to be delivered\b",
        reason="delivery")  # fmt: skip
    yield from cue("dispute", 0.93,
        r"\b(?:jamais|pas|rien|never|not|n't|aucune?) (?:\S+ ){0,4}(?:commandee?s?|commander|ordered|order|souscrite?s?|demandee?s?|requested|subscribed|authori[sz]ed?|commande)\b(?! (?:la facture|the invoice))",
        r"\b(?:jamais|never) (?:\S+ )?(?:signe|signee|signed|valide|validee|accepte|acceptee|autorise|accepted|authorised|authorized|engaged|mandate)\b",
        r"\b(?:aucune|pas de|no) (?:commande|order|purchase order|bon de commande)\b(?! (?:number|no))", reason="not_ordered")  # fmt: skip
    yield from cue("dispute", 0.93,
        r"\b(?:doublon|double facturation|facturee?s? (?:2|deux) fois|facture en double|en double|(?:billed|charged|invoiced) (?:\S+ ){0,3}twice|duplicates? (?:of|invoice)|(?:is|looks like|seems to be) (?:a |to be a )?duplicate|recue? (?:2|deux) fois|received (?:\S+ )?twice|same invoice twice|double[- ](?:billed|charged|billing)|2 fois (?:la meme|le meme)|deja facturee?s?|already (?:billed|invoiced|charged))\b",
        reason="duplicate")  # fmt: skip
    yield from cue("dispute", 0.92,
        r"\b(?:attend\w+|dans l'attente|waiting|await\w*|en attente|promis\w*|promised|ou est|where is|etablir|emettre|issue|send (?:us|me)|envo\w+|reclam\w+|demand\w+|due?|il nous faut|we need|owed?|sans|recevoir|toujours) (?:\S+ ){0,6}(?:un avoir|l'avoir|d'avoir|de l'avoir|notre avoir|votre avoir|d'un avoir|cet avoir|credit(?: note)?|avoirs)\b(?!s? cards?)",
        r"\b(?:un |l'|notre |votre )avoir (?:\S+ ){0,4}(?:est du|nous est|doit|promis|attendu|pas|jamais|n'a|manqu\w+|devait|aurait)\b|\bour credit\b(?! (?:card|control|limit|team|dep))|\bcredit note (?:\S+ ){0,4}(?:not|never|missing|promised|owed|still)\b",
        r"\b(?:un|an|cet|votre|notre|aucun) avoir\b|\bavoir (?:was|is|has)\b|\bfait l'objet d'un (?:avoir|credit)\b|\b(?:been|was|ete) (?:credited|creditee?|annulee)\b|\b(?:rendu|rendus|rapporte) (?:\S+ ){0,2}(?:<GOODS>|tout)\b|\bsent (?:\S+ ){0,3}back\b",
        r"\b(?:retourn\w+|renvoy\w+|returned|sent back) (?:\S+ ){0,3}(?:<GOODS>|tout|them|it all)\b|\bretour (?:de |des )(?:\S+ ){0,2}(?:<GOODS>)\b",
        reason="already_credited")  # fmt: skip
    yield from cue("dispute", 0.9,
        r"\b(?:tva|vat|siret|siren|adresse|address|po number|purchase order|numero de (?:bon de )?commande|raison sociale|company name|entite|entity|iban|libelle|order number|reference)\b (?:\S+ ){0,6}(?:fauss?e?|errone\w*|wrong|incorrect\w*|missing|manqu\w+|absente?|pas|not|celle d'une autre|inexact\w*|mauvaise?)\b",
        r"\b(?:porte pas|comporte pas|ne mentionne pas|n'indique pas|does not (?:show|mention|include|quote|bear)|does not (?:show|mention|include|quote|bear)|comporte une erreur|contains? an error|missing) (?:\S+ ){0,5}(?:commande|po|purchase|order|tva|vat|siret|reference|erreur|number|numero)?",
        r"\b(?:refaire|rectifier|corriger|rectifiez|corrigez|refaites|annuler et|annulez|corrected|correct|amend|revised|reissue|re-issue|rectificative) (?:\S+ ){0,4}(?:factures?|invoices?|erreur|error|montant|it|bill|cela|refaire)\b",
        r"\b(?:bon de livraison|delivery note|pv|devis|quote|contrat|contract|timesheet) (?:\S+ ){0,3}(?:pas|not|never|jamais|non) (?:\S+ )?sign\w+",
        r"\b(?:factures?|invoice|bill|vous) (?:\S+ ){0,2}(?:indiqu\w+|mentionn\w+|says?|shows?|states?|compt\w+|fait etat|listed) .{0,60}\b(?:or|mais|but|alors que|whereas|only|seulement|que)\b",
        r"\b(?:merci|veuillez|priere) (?:de |d')?(?:bien vouloir )?(?:la |le |les |nous )?(?:rectifier|corriger|annuler|emettre une nouvelle)\b", r"\b(?:avions|avons|avais|had|have|was|were) (?:\S+ ){0,2}(?:demande|demandee|asked for|requested) (?:\S+ )?(?:facture|invoice|avoir|corrected|credit)\b",
        r"\bplatef?orme\b.{0,30}\brefus|\brefusee sur\b",
        r"\b(?:facture|invoice|celle-ci|it) (?:\S+ ){0,4}(?:erronee?|fausse|est fausse|est erronee|is wrong|is incorrect|incorrecte|is not correct|n'est pas correcte|n'est pas bonne|n'est pas la notre|is not ours)\b",
        reason="invoice_error")  # fmt: skip
    yield from cue("dispute", 0.92,
        r"\b(?:contrat|abonnement|commande|contract|subscription|order|prestation|agreement|reservation|booking)s? (?:\S+ ){0,5}(?:resilie\w*|annule\w*|cancel\w*|terminated|denonce\w*|expired|rompu|echu|ended)\b",
        r"\b(?:avons|ai|have|had|was|were|ete|i|we) (?:\S+ ){0,2}(?:resilie\w*|annule\w*|cancel\w+|terminated) (?:\S+ ){0,4}(?:contrat|abonnement|commande|contract|subscription|order|service|prestation|booking)\b",
        r"\b(?:annulation|cancellation) (?:de |d'|of )(?:\S+ )?(?:factures?|commande|invoice|order|bill)\b", r"\b(?:factures?|invoice|bill|montant) (?:\S+ ){0,3}(?:cancel\w*|annulee?)\b|\b(?:annul\w+|cancel\w*|void) (?:la |cette |votre |the |this |your |that )(?:facture|invoice|bill)\b",
        r"\bn'(?:avons|ai) (?:donc )?rien a (?:payer|regler)\b|\bnothing to pay\b(?! .{0,20}left)", r"\bne nous est pas destinee\b|\bautre (?:societe|entite) (?:du groupe)?\b(?=.{0,60}$)",
        r"\bn'(?:est|etait) (?:donc )?pas due?\b|\bne sont pas dus?\b|\bpas dues?\b|\b(?:is|are) not (?:due|owed|payable)\b|\bowe (?:you )?nothing\b|\bne (?:vous )?(?:dois|devons|doit|doivent) (?:absolument )?rien\b|\b(?:do|does) not owe (?!(?:you )?anything)|\bn(?:'|e )?(?:est|sommes) redevables? de rien\b",
        reason="not_due")  # fmt: skip
    yield from cue("dispute", 0.9,
        r"\b(?:avons|ai|have|had|i|we) (?:\S+ ){0,2}(?:resilie\w*|cancelled|canceled|terminated)\b", r"\b(?:avocats?|lawyers?|attorneys?|solicitors?|tribunal|huissier)\b", r"\b(?:penalties|penalites|interets|frais|indemnite) (?:\S+ ){0,6}(?:pas|not|n't|injustifi\w+|unjustified|refus\w+|abusi\w+|contest\w+)\b",
        r"\b(?:not|pas) (?:\S+ )?(?:legitim\w+|legitime|justified|justifie\w*|valid|valable|acceptable|normale?|lawful|ours|a nous)\b", r"\b(?:jamais justifie|never justified|sans justificatif|injustifiee?s?|unjustified|abusi\w+)\b",
        r"\b(?:manque|missing|sans) (?:\S+ ){0,2}(?:pv|proces-verbal|bon de livraison|attestation|justificatif|signature|delivery note|timesheet)\b|\bn'ont pas ete validees?\b|\bnot (?:been )?(?:approved|validated|signed off)\b",
        r"\b(?:c'est une honte|scandale\w*|shameful|disgrace\w*|osez reclamer|arnaque\w*|scam|fraud|escroc\w*|vol\b)",
        reason="other")  # fmt: skip


def _others(cue) -> Iterator[Cue]:
    yield from cue("wrong_contact", 0.92,
        r"\bi(?:'ve| have)? left (?!.{0,24}(?:message|voicemail|payment|cheque|cash))\S+ ?(?:$|[.,]|in |last |at |and |on |\S+ )", r"\b(?:dossiers?|sujet|matter|this|ca|cela|account) (?:\S+ )?(?:est|is|sont|are) (?:\S+ )?(?:suivi|gere|traite|handled|managed|dealt)\w* (?:\S+ )?(?:par|by)\b",
        r"^(?:sorry,? |hello,? |bonjour,? )?(?:not me|pas moi|wrong)\b", r"\b(?:n'est|n'etes|n'etait) plus (?:\S+ )?(?:chez nous|parmi nous|dans (?:l'|la |notre )|en poste|salarie\w*|employe\w*|le bon)",
        r"\b(?:retired|passed away|decedee?|parti[e]? (?:a|en) (?:la )?retraite|replaced by|remplacee? par|(?:his|her|their|my) (?:replacement|successor)|(?:son|sa|mon|ma) (?:remplacant|successeur|remplacante))\b",
        r"\bpas au bon endroit\b|\b(?:not|no longer) (?:affiliated|associated|connected) with\b|\b(?:person|personne|collegue|colleague|contact|interlocut\w+) (?:\S+ ){0,6}(?:has left|left|a quitte|est parti|est partie)\b|\b(?:aucun lien|aucun rapport|nothing to do|no connection|no link) (?:\S+ )?(?:avec|with|to)\b|\badresse (?:\S+ )?(?:personnelle|privee)\b|\b(?:personal|private) (?:e-?mail|address)\b|\b(?:pas|not|n't) (?:\S+ )?(?:\S+ )?(?:clients?|customers?)\b(?! (?:n|number|account))|\bonly (?:an? )?(?:intern|trainee|temp)\b|\b(?:suis|ne suis) que (?:stagiaire|interimaire|l'assistante?)\b",
        r"\b(?:cette adresse est celle|you(?:'ve| have) reached|this is the) (?:\S+ ){0,3}(?:service|hr|department|team|technique|achats|support)\b|\b(?:payments?|invoices?|billing|accounts?(?: payable)?|factur\w+|paiements?|reglements?|compta\w*) (?:are|is|sont|est) (?:\S+ )?(?:handled|managed|dealt|geree?s?|traitee?s?|done) (?:by|par|at|elsewhere)\b",
        r"\b(?:trompez|trompe|erreur|mauvaise?|pas (?:la|le) bon(?:ne)?|wrong|not the right|incorrect) (?:de |d'|\S+ ){0,2}(?:destinataire|personne|interlocut\w+|adresse(?! de (?:factur|livr))|contact|societe|person|recipient|e?-?mail(?: address)?|address|company|department|service|entreprise|numero|guy)\b(?! de factur)",
        r"\b(?:n'est|c'est|suis|is) pas (?:moi|la bonne|le bon|mon service|de mon ressort)\b|\bpas moi qui\b",
        r"\bne (?:me|nous) concerne pas\b|\bdoes(?:n't| not) concern (?:me|us)\b|\b(?:not|n't) (?:for|meant for|addressed to) (?:me|us)\b",
        r"\b(?:ne|n'|pas|plus|no longer|not|n't) (?:\S+ ){0,3}(?:m'occupe|en charge|gere|responsable|charge|in charge|responsible|handle|handling|dealing|deal|look after|work (?:for|at|here|there)|with the company|employed|bosse|travaille|fais (?:plus )?partie|partie des effectifs)\b",
        r"\b(?:m'occupe|suis|gere|travaille|bosse|fais|fait) (?:plus|pas) (?:\S+ ){0,3}(?:compta\w*|factur\w*|paiements?|reglements?|societe|entreprise|ca|cela|partie|en charge|responsable|ce dossier|la bas|chez|dans|la comptabilite)\b",
        r"\b(?:a|ai|ont|has|have|had|'ve) (?:\S+ )?(?:quitte|quittee|left) (?:\S+ ){0,2}(?:entreprise|societe|company|maison|poste|business|firm|organisation|organization|groupe|service|effectifs|us)\b",
        r"\b(?:plus|no longer|not|never) (?:\S+ ){0,2}(?:utilisee?|active?|monitored|used|in use|valide?|consultee?|relevee?|surveillee?)\b",
        r"\b(?:ne (?:connais|connaissons)|do not know|do not know|never heard of) (?:pas )?(?:\S+ ){0,2}(?:societe|entreprise|company|person|personne|client|firm|nom)\b",
        r"\bne sommes pas (?:la|le|cette|l'|concernes)\b|\bnot the (?:company|person|right)\b|\b(?:suis|am|i'm) (?:un |a )?(?:particulier|private individual|retraitee?|retired)\b|\bno longer (?:work|with)\b|\bje (?:suis|ne suis) (?:pas|plus) (?:le|la|l') (?:\S+ ){0,2}(?:gerant|comptable|client|dirigeant|responsable)\w*\b",
        r"\b(?:remplacer|changer|modifier|replace|update|change) (?:\S+ ){0,2}(?:mon|cette|my|this|votre|your|the) (?:\S+ )?(?:adresse|address|contact|email|e-mail)\b",
        r"\bsociete (?:\S+ ){0,3}(?:reprise|rachetee|cedee) (?:\S+ )?par\b|\b(?:bought|taken over|acquired) by\b",
        )  # fmt: skip
    yield from cue("wrong_contact", 0.75,
        r"\b(?:try|forward|transferez|transmettez|essayez|adress(?:er|ez)|dirig(?:er|ez)|tourn(?:er|ez)|contact(?:er|ez)|joindre|voir|voyez|ecri(?:re|vez)|speak (?:to|with)|contact|write to|talk to|ask|send (?:\S+ ){0,6}to|email|e-mail|envo(?:yer|yez) (?:\S+ ){0,6}(?:a|au)|redirig(?:er|ez)|(?:re-?)?direct (?:\S+ ){0,5}to|get in touch with|reach out to) (?:\S+ ){0,5}(?:\S+@\S+|compta\w*|siege|service (?:comptab\w*|fournisseurs?|factur\w*)|accounts payable|accounts? (?:department|team)|finance\w*|head office|direction|gerant|associe|mme|monsieur|madame|m\.|mr|mrs|ms|him|her|elle|lui|eux|mon collegue|my colleague|ap team)",
        r"\b(?:adressez|dirigez|tournez)[- ]vous\b|\bvoyez (?:ca )?avec\b|\bvoir (?:ca )?(?:avec|directement)\b|\b(?:you need to|please|kindly) (?:speak|talk|contact|write|e-?mail)\b",
        asks=False)  # fmt: skip
    yield from cue("out_of_office", 0.93,
        r"\b(?:absente?s?|absente?\(e\)|absent\(e\)|absence)\b(?! (?:de|d'|of) (?:reponse|paiement|reglement|facture|commande|response|payment|reply|retour|litige|contestation|justificati\w+))",
        r"\b(?:out of (?:the )?office|away from (?:the |my )?(?:office|desk)|ooo)\b",
        r"\b(?:on|en|au|from|suis en|actuellement en) (?:\S+ ){0,2}(?:vacation|holidays?|annual leave|leave|conges?|vacances|rtt|maternity|paternity|parental|arret maladie|sick leave|deplacement|formation|seminaire|business trip|conge)\b(?! (?:was|were|when|so|payes))",
        r"\b(?:i am|i'm|we are|currently) (?:\S+ )?(?:travell?ing|away|off|abroad)\b|\blimited access to (?:my )?e?-?mails?\b|\bacces limite\b",
        r"\b(?:de retour|je reviens|serai de retour|reviendrai|back (?:in|on|at|from)|returning|will return|i return|retour (?:le|prevu|au bureau|lundi|mardi|mercredi|jeudi|vendredi)|be back|rentre|reprise le|rentrerai)\b(?! (?:the |to you|vers vous))",
        r"\b(?:bureaux?|societe|entreprise|offices?|company|cabinet|etablissement|magasin|business|we|services?|comptabilite|compta|departement|department|accounts?) (?:\S+ ){0,4}(?:fermee?s?|closed|en conges?|close|shut)\b|^(?:\S+ )?(?:fermee?s?|closed)\b|\breouver\w+|\breopen\w*|\brouvr\w+|\bfermeture (?:annuelle|estivale|exceptionnelle)\b",
        r"\bne (?:consulte|consulterai|lis|releve) pas (?:\S+ ){0,2}(?:mails?|messages?|messagerie)\b|\bnot (?:be )?(?:reading|checking) (?:\S+ )?e?-?mails?\b|\b(?:pas au bureau|not in the office)\b",
        r"\b(?:reponse|message|repondeur) automatique\b|\b(?:automatic|auto)[ -]?(?:reply|response|matic reply)\b|\bautoreply\b|\bprendrai connaissance\b|\btraiterai votre\b",
        )  # fmt: skip
    yield from cue("question", 0.8,
        r"\b(?:pouvez|pourriez|pourrez|peux|pourrais|auriez|avez|sauriez|acceptez|accepteriez|faites|etes|prenez|serait|savez|souhaitez|voulez)[- ](?:vous|tu|il)\b|\bvous pouvez\b", r"\b(?:can|could|would|will|do|did|have|may|are|is|might) (?:you|we|i|someone|somebody|it|there|your)\b(?=.*\?)|\b(?:can|could|would) you\b",
        r"\b(?:pourrions|pouvons|peut|puis|pourrais|pourrait|devons|dois|doit|faut|aurait|est|sont)[- ](?:nous|on|je|il|ce|elle|ils)\b(?=.*\?)|\bon peut\b(?=.*\?)|\best[- ]ce qu\w*\b|\bserait[- ]il possible\b|\bpossible (?:de|d')\b",
        r"[,:;] (?:de |a |sur |pour |par |avec |dans )?(?:quel(?:le)?s?|quoi|qui|quand|combien|comment|pourquoi|ou|what|which|when|why|how|who|where|whose)\b(?=.*\?)",
        r"^(?:bonjour,? |hello,? |hi,? |et )?(?:de |a |sur |pour |par |avec |dans )?(?:quel(?:le)?s?|quoi|qui|quand|combien|comment|pourquoi|ou|what|which|when|why|how|who|where|whose)\b", r"\b(?:a quoi (?:correspond\w*|sert)|what (?:is|are|was) (?:this|these|that|the|your)|c'est quoi)\b",
        r"\b(?:merci|veuillez|priere|please|kindly|svp|prier|prie|besoin|need|would like|souhaite\w*|voudrais|aimerais\w*) (?:de |d'|you |bien vouloir |to |que |nous |me |m'|vous |\S+ ){0,4}(?:l'|s'|d'|m')?(?:renvoyer|envoyer|adresser|transmettre|communiquer|faire parvenir|fournir|rappeler|recontacter|preciser|indiquer|expliquer|joindre|appeler|resend|send|forward|provide|call|explain|clarify|share|confirm|confirmer|advise|let (?:us|me) know|renvoyez|envoyez|detailler|obtenir|recevoir|avoir|connaitre|savoir|comprendre|obtain|know|receive|understand|get|donner|a breakdown|le detail)\b",
        r"\b(?:pas recu|pas retrouve|ne retrouve (?:pas|plus)|n'avons pas (?:recu|retrouve|trace)|aucune trace|no record|can not find|can not find|not received|jamais recu|jamais eu|never received|never got|have not received|do not have|do not have|perdu|egare|lost) (?:\S+ ){0,5}(?:factures?|invoices?|copie|copy|duplicata|statement)\b",
        r"\b(?:not|ne) (?:\S+ )?(?:understand|recogni[sz]e|know what|see what|comprend\w*|vois|sais|retrouve\w*|reconnais\w*)\b", r"\b(?:duplicata|relevé de compte|releve de compte|statement of account|copie de (?:la|votre) facture|copy of (?:the|your) invoice|votre rib|your bank details|iban)\b",
        )  # fmt: skip
    yield from cue("question", 0.6, r"\?")
    yield from cue("unsubscribe", 0.95,
        r"\b(?:desinscri\w+|desabonn\w+|unsubscribe\w*|opt[- ]?out)\b",
        r"\b(?:ne |n')?(?:souhaite|souhaitons|veux|voulons|desire|want|wish)(?: \S+)? ?(?:plus|pas|not|no longer)? ?(?:\S+ ){0,3}(?:recevoir|receive|get|etre (?:contacte|sollicite)\w*|be contacted|hear) (?:\S+ ){0,4}(?:mails?|e-?mails?|messages?|courriels?|newsletters?|publicites?|sollicitations?|communications?)\b",
        r"\b(?:retir|supprim|enlev|effac|radi|remove|delete|take)\w* (?:\S+ ){0,4}(?:adresse|mail|e-?mail|envois|diffusion|mailings?|fichiers?|listes?|donnees|list|data|database|address|base|nom)\b",
        r"\b(?:arret|cess|stop|cease)\w* (?:\S+ ){0,3}(?:envo\w+|e?-?mail\w*|messages?|spam\w*|sending|contacting|newsletters?|solliciter|ecrire|m'ecrire|tout envoi)\b(?! .{0,40}deja)",
        r"\b(?:ne |n')?(?:m'|me |nous )?(?:envoyez|ecrivez|contactez|sollicitez|mailez) plus\b|\bne (?:me|nous|m') ?(?:contactez|ecrivez|envoyez|sollicitez) plus\b|\bplus de (?:mails?|courriels?|messages?|e-mails?)\b|\b(?:no|any) more (?:e-?mails?|messages)\b|\btake me off\b|\betre retiree?s? (?:de|du)\b",
        r"\bne plus (?:me|nous|m') ?(?:contacter|ecrire|solliciter|envoyer|relancer par)\b|\bplus (?:me|nous) contacter\b|\bdo not (?:contact|e?-?mail) (?:me|us)\b|^stop\b(?! ?(?:\S+ ){0,3}(?:relan|chas|harc))", r"\brgpd\b|\bgdpr\b",
        )  # fmt: skip
    yield from cue("other", 0.95,
        r"\b(?:redressement judiciaire|liquidation(?: judiciaire)?|procedure de sauvegarde|depot de bilan|declarer? votre creance|entered administration|insolven\w+|bankrupt\w*|in receivership|mandataire judiciaire|proof of debt)\b",
        r"\b(?:n'a pas pu etre (?:remis|distribue|delivre)|delivery (?:has )?failed|undeliverable|could not be delivered|mailbox (?:\S+ ){0,6}full|boite (?:\S+ )?pleine|address not found|user unknown|delivery to the following)\b",
        r"\b(?:ticket|numero de dossier|sous le numero|case number|reference de votre demande|votre demande a (?:bien )?ete (?:enregistree|prise)|message a bien ete (?:recu|pris)|(?:ne|not) (?:pas )?(?:repondre|reply) (?:a|to) (?:ce|this)|has been created|will respond within)\b",
        )  # fmt: skip
    yield from cue("other", 0.6,
        r"\b(?:rappelle\w*|rappeler\w*|vous appelle|vous appellerai|call you|ring you|reponds|repondra|repondrai|repondrons|tiens au courant|tenons (?:informe|au courant)|let you know|keep you posted|will reply|respond|revenir vers|fais un retour|faire un retour|fais suivre|passed (?:this|it) on|check with|verifie|verifions|en parle|see with|vois avec)\b",
        r"\b(?:bien recu|c'est note|bien noted?|bien note|accuse reception|noted|received with thanks|je transmets|nous transmettons|transmis a|je transfere|forward(?:ing|ed) (?:this|it|your)|je regarde|je vous dis|nous etudions|revien\w* vers|reviendr\w+ vers|revenons vers|get back to you|look into|reviendrai vers|prendre connaissance|changement d'adresse|change d'adresse)\b",
        )  # fmt: skip


CUES: tuple[Cue, ...] = tuple(_cues())

# said of paying, but not of having paid
NOT_DONE = re.compile(
    r"\bn(?:e |')(?:\S+ ){0,6}(?:pas|jamais|plus|point|rien|aucun)\b|\b(?:pas|jamais) (?:encore |pu |ete |tout )?(?:\S+ )?(?:pay|regl|vir|vers|sold|fait|effectu|recu)"
    r"|\b(?:not|n't|never|yet to|unable|could not|failed to|nobody|without) (?:\S+ ){0,4}(?:pa(?:y|id)|settle\w*|transfer\w*|sent|made|been|processed|cleared|get|got)\b|\bimpayee?s?\b|\bunpaid\b"
)
CONDITION = re.compile(
    r"(?<!ben )(?<!mais )\b(?:si|s'il|quand|lorsque|une fois|if|when|once|unless|whether|des lors que|a moins que|apres que|provided)\b"
)
AGREES = re.compile(
    r"\b(?:if (?:you agree|that(?:'s| is) (?:ok|fine|okay)|ok)|si (?:vous etes d'accord|cela vous convient|ca vous (?:va|convient)|vous acceptez|possible|besoin))\b"
)
# "the amount is correct and no longer disputed", "pas de contestation"
NO_DISPUTE = re.compile(
    r"\b(?:no longer|not|n't|pas|plus|aucune?|ne|sans|no|withdraw\w*|lev(?:e|ons|ee)) (?:\S+ )?(?:dispute[ds]?|disputing|contest\w+|litige|refus\w+|bloque\w*|blocked|on hold|rejet\w+|rejected|disagree)\b(?! (?:\S+ ){0,4}(?:pay|regl))"
    # a bank rejects a transfer, not the customer the invoice
    r"|\b(?:virements?|reglements?|paiements?|prelevements?|cheques?|payments?|transfers?|debits?) (?:\S+ ){0,3}(?:rejete\w*|rejected|returned|bounced)\b"
    r"|\b(?:rejete\w*|refusee?s?) par (?:la|ma|notre|sa|votre|leur) banque\b|\b(?:rejected|refused|returned) by (?:the|our|my|your|their) bank\b"
)
HABIT = re.compile(
    r"\b(?:toujours (?:paye|regle)|always paid|autres factures|other invoices|previous invoices|factures precedentes|every other)\b"
)
CUSTOMER_OF_CUSTOMER = re.compile(
    r"\b(?:notre|nos|mon|mes|our|my) (?:propres? |own )?(?:clients?|customers?)\b"
)
RETURN = re.compile(
    r"\b(?:retour|reviens|reviendr\w+|rentr\w+|reprise|reprend\w*|back|return\w*|reopen\w*|reouv\w+|rouvr\w+|rouver\w+|joignable|disponible|available|reachable|a (?:partir|compter) d|as of|as from|from the|des le|traiterai\w*|repondr\w+)\b"
)
UNTIL = re.compile(r"(?:jusqu|until|till|through|\bau\b|\bto\b|\bthru\b|\binclus)")
INCLUSIVE = re.compile(r"\b(?:inclus\w*|compris|included|inclusive|through)\b")
SALUTATION = re.compile(
    r"^(?:bonjour|bonsoir|hello|hi|dear|hey|salut|slt|bjr|madame|monsieur|cher|chere|good (?:morning|afternoon))\b[^.!?]{0,40}$"
)
# what the customer will do is write or call again, not pay
CONTACT_BACK = re.compile(
    r"\b(?:rappel\w+|appel\w+|call|ring|repond\w*|reply|respond|tiens au courant|let you know|keep you|reviens|revenir|reviendr\w+|revenons|get back|un retour|un point|meeting|reunion|rendez-vous|rdv|passe vous voir|passer vous voir|discut\w+|discuss|talk|look into|verif\w+|check)\b"
)
PAYS = re.compile(
    r"\b(?:pa[iy]e?\w*|regl\w+|vir\w+|vers(?:e|er|erai|erons|ons|ement\w*)|sold\w+|cheques?|transfer\w*|wire|settle\w*|funds|argent|money|remit\w*|prelev\w+|echeanc\w+)\b"
)
NOT_YET_PAID = re.compile(
    r"\b(?:sera|seront|serez|va|vont|aura|auront|aurez|devrait|devra|doit|doivent|pourra|pourrai|pourrons|will|'ll|shall|to be|going to|would|could|can|should|get|may|might|gets|getting|make sure|ensure|sure it is|en sorte)\b"
)
PRESENT = re.compile(r"\b(?:je|on) (?:vous |le |la |l'|te )?(?:paye|regle|vire|verse|solde)$")
